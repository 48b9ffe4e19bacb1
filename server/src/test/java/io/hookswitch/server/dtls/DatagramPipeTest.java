package io.hookswitch.server.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The two queues between the dtls thread and a virtual one, at their limits. */
class DatagramPipeTest {
    private static final int MOST = 4;

    private final List<byte[]> sent = new ArrayList<>();
    private final DatagramPipe pipe = new DatagramPipe(MOST, sent::add);
    private final byte[] read = new byte[100];

    @Test
    void shouldTakeNoMoreWhenFull() throws IOException {
        for (int i = 0; i < MOST; i++) {
            assertThat(pipe.offer(new byte[] {(byte) i})).isTrue();
        }
        assertThat(pipe.offer(new byte[1])).isFalse();

        assertThat(pipe.receive(read, 10, 90, 1)).isOne();

        assertThat(read[10]).isZero();
        assertThat(pipe.offer(new byte[1])).isTrue();
    }

    @Test
    void shouldSayThatNothingCameWhenNothingDoes() throws IOException {
        assertThat(pipe.receive(read, 0, 100, 1)).isEqualTo(-1);
    }

    @Test
    void shouldLetTheReceiverGoWhenClosed() throws Exception {
        CountDownLatch receiving = new CountDownLatch(1);
        CompletableFuture<Integer> received = new CompletableFuture<>();
        Thread receiver = Thread.ofVirtual().start(() -> {
            try {
                receiving.countDown();
                received.complete(pipe.receive(read, 0, 100, 0));
            } catch (IOException e) {
                received.completeExceptionally(e);
            }
        });
        receiving.await();

        pipe.close();

        assertThat(receiver.join(Duration.ofSeconds(10))).isTrue();
        assertThat(received)
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(IOException.class);
        assertThat(pipe.offer(new byte[1])).isFalse();
        pipe.send(read, 0, 10);
        assertThat(sent).isEmpty();
        assertThatThrownBy(() -> pipe.receive(read, 0, 100, 0)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldKeepTheOrderAndTakeNoMoreWhenTheCoreDoesNotRead() {
        CoreRings rings =
                CoreRings.of(new CoreSettings(0, 16, 16, IdleMode.values()[0], TransportKind.AUTO, 16, 1024, 0));
        int[] woken = {0};
        DtlsLink link = new DtlsLink(rings, () -> woken[0]++);
        for (int i = 0; i < DtlsLink.TOLD_MAX; i++) {
            assertThat(link.tryTell(new Told.Failed(null, DtlsFailure.TIMEOUT, "" + i)))
                    .isTrue();
        }

        assertThat(link.tryTell(new Told.Failed(null, DtlsFailure.TIMEOUT, "one more")))
                .isFalse();

        assertThat(woken[0]).isEqualTo(DtlsLink.TOLD_MAX + 1);
        assertThat(link.isHeld()).isFalse();
        for (int i = 0; i < DtlsLink.TOLD_MAX; i++) {
            assertThat(link.next()).isSameAs(link.next()).isEqualTo(new Told.Failed(null, DtlsFailure.TIMEOUT, "" + i));
            assertThat(link.isHeld()).isTrue();
            link.written();
        }
        assertThat(link.next()).isNull();
    }
}
