package io.hookswitch.engine.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SlotRingTest {
    private static final int SLOTS = 8;

    private final SlotRing ring = new SlotRing("test", SLOTS, 320);
    private final List<Long> read = new ArrayList<>();

    private boolean tryWrite(long reference) {
        MessageFlyweight message = ring.tryClaim(1);
        if (message == null) {
            return false;
        }
        message.reference(reference);
        ring.publish();
        return true;
    }

    private int poll(int limit) {
        return ring.poll(message -> read.add(message.reference()), limit);
    }

    @Test
    void shouldAnswerThatItIsFullAndLoseNothing() {
        for (int i = 0; i < SLOTS; i++) {
            assertThat(ring.free()).isEqualTo(SLOTS - i);
            assertThat(tryWrite(i)).isTrue();
        }
        assertThat(tryWrite(99)).isFalse();
        assertThat(ring.free()).isZero();
        assertThat(ring.size()).isEqualTo(SLOTS);
        assertThat(poll(1)).isEqualTo(1);
        assertThat(tryWrite(8)).isTrue();
        assertThat(tryWrite(99)).isFalse();
        assertThat(poll(100)).isEqualTo(SLOTS);
        assertThat(read).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(ring.size()).isZero();
    }

    @Test
    void shouldReadNoMoreThanTheLimit() {
        for (int i = 0; i < 5; i++) {
            tryWrite(i);
        }
        assertThat(poll(0)).isZero();
        assertThat(poll(-1)).isZero();
        assertThat(poll(2)).isEqualTo(2);
        assertThat(poll(2)).isEqualTo(2);
        assertThat(poll(2)).isEqualTo(1);
        assertThat(poll(2)).isZero();
        assertThat(read).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void shouldConsumeTheMessageThatItsReaderFailedOnAndNoOther() {
        for (int i = 0; i < 3; i++) {
            tryWrite(i);
        }
        SlotRing.Reader failing = message -> {
            read.add(message.reference());
            if (message.reference() == 1) {
                throw new IllegalStateException("a bug");
            }
        };
        assertThatThrownBy(() -> ring.poll(failing, 100)).hasMessage("a bug");
        assertThat(read).containsExactly(0L, 1L);
        assertThat(ring.poll(failing, 100)).isEqualTo(1);
        assertThat(read).containsExactly(0L, 1L, 2L);
    }

    @Test
    void shouldBeginAnewWhenAClaimedMessageWasNeverPublished() {
        MessageFlyweight halfDone = ring.tryClaim(5);
        halfDone.leg(77).put(Field.REASON, "left behind");
        assertThat(poll(10)).isZero();
        MessageFlyweight again = ring.tryClaim(6);
        assertThat(again.leg()).isZero();
        assertThat(again.firstField()).isEqualTo(-1);
        again.reference(9);
        ring.publish();
        assertThat(poll(10)).isEqualTo(1);
        assertThat(read).containsExactly(9L);
    }

    @Test
    void shouldFindNothingOfTheLastRoundInASlot() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < SLOTS; i++) {
                MessageFlyweight message = ring.tryClaim(1);
                assertThat(message.leg()).isZero();
                assertThat(message.media().present()).isFalse();
                assertThat(message.lengthBytes()).isEqualTo(MessageFlyweight.FIELDS_OFFSET);
                message.leg(-1).media().begin().rtpPort();
                message.put(Field.REASON, "x");
                ring.publish();
            }
            assertThat(poll(100)).isEqualTo(SLOTS);
        }
    }

    @Test
    void shouldWakeTheReaderOnceForAllThatWasPublished() {
        int[] woken = {0};
        ring.wakes(() -> woken[0]++);
        ring.wakeReader();
        assertThat(woken[0]).isZero();
        tryWrite(1);
        tryWrite(2);
        assertThat(woken[0]).isZero();
        ring.wakeReader();
        ring.wakeReader();
        assertThat(woken[0]).isEqualTo(1);
        ring.tryClaim(1);
        ring.wakeReader();
        assertThat(woken[0]).as("claimed is not published").isEqualTo(1);
    }

    @Test
    void shouldRefuseSlotsThatHoldNoMessage() {
        assertThatThrownBy(() -> new SlotRing("small", 8, 280)).hasMessageContaining("small");
        assertThatThrownBy(() -> new SlotRing("odd", 8, 321)).hasMessageContaining("odd");
        assertThatThrownBy(() -> new SlotRing("seven", 7, 320)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldFailAnAssertionWhenASecondThreadWrites() {
        tryWrite(1);
        CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(() -> tryWrite(2));
        assertThatThrownBy(second::join).hasRootCauseInstanceOf(AssertionError.class);
    }

    @Test
    void shouldKeepOrderAndBytesWhenTwoThreadsRun() throws InterruptedException {
        int count = 200_000;
        Thread writer = Thread.ofPlatform().start(() -> {
            for (long i = 0; i < count; ) {
                MessageFlyweight message = ring.tryClaim((int) (i & 7));
                if (message == null) {
                    LockSupport.parkNanos(1000);
                } else {
                    message.leg(i).reference(~i).status((int) i);
                    ring.publish();
                    i++;
                }
            }
        });
        long[] next = {0};
        long[] wrong = {0};
        long giveUpNs = System.nanoTime() + 30_000_000_000L;
        while (next[0] < count && System.nanoTime() < giveUpNs) {
            int polled = ring.poll(
                    message -> {
                        long i = next[0]++;
                        boolean isRight = message.leg() == i
                                && message.reference() == ~i
                                && message.status() == (int) i
                                && message.type() == (int) (i & 7);
                        wrong[0] += isRight ? 0 : 1;
                    },
                    SLOTS);
            if (polled == 0) {
                LockSupport.parkNanos(1000);
            }
        }
        assertThat(next[0]).isEqualTo(count);
        assertThat(wrong[0]).isZero();
        writer.join(1000);
        assertThat(writer.isAlive()).isFalse();
    }
}
