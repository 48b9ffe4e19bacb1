package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long MS = 1_000_000L;

    private final List<Long> expired = new ArrayList<>();
    private final TimerWheel wheel = new TimerWheel(8, MS, 64, 0);

    private int poll(long nowNs) {
        return wheel.poll(nowNs, (key, value) -> expired.add(key), 100);
    }

    @Test
    void shouldExpireNeitherBeforeNorMoreThanATickAfterWhenArmed() {
        assertThat(wheel.arm(1, 0, 5 * MS)).isTrue();
        assertThat(wheel.arm(2, 0, 5 * MS + 1)).isTrue();
        poll(5 * MS - 1);
        assertThat(expired).isEmpty();
        poll(5 * MS);
        assertThat(expired).containsExactly(1L);
        poll(6 * MS);
        assertThat(expired).containsExactly(1L, 2L);
        assertThat(wheel.armed()).isZero();
    }

    @Test
    void shouldGoRoundWhenTheDeadlineIsBeyondTheWheel() {
        wheel.arm(1, 0, 1000 * MS);
        for (int ms = 1; ms < 1000; ms++) {
            poll(ms * MS);
        }
        assertThat(expired).isEmpty();
        poll(1000 * MS);
        assertThat(expired).containsExactly(1L);
    }

    @Test
    void shouldKeepTheOrderOfArmingWhenOneTickHoldsSeveral() {
        for (long key = 8; key >= 1; key--) {
            wheel.arm(key, 0, 3 * MS);
        }
        assertThat(wheel.poll(10 * MS, (key, value) -> expired.add(key), 3)).isEqualTo(3);
        assertThat(expired).containsExactly(8L, 7L, 6L);
        poll(10 * MS);
        assertThat(expired).containsExactly(8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L);
    }

    @Test
    void shouldRefuseWhenFullOrArmedAlready() {
        for (long key = 0; key < 8; key++) {
            assertThat(wheel.arm(key, 0, MS)).isTrue();
        }
        assertThat(wheel.arm(99, 0, MS)).isFalse();
        assertThat(wheel.disarm(3)).isTrue();
        assertThat(wheel.disarm(3)).isFalse();
        assertThat(wheel.arm(4, 0, MS)).isFalse();
        assertThat(wheel.arm(99, 0, MS)).isTrue();
    }

    @Test
    void shouldNotExpireWhatTheHandlerDisarmsWhenBothAreDue() {
        wheel.arm(1, 0, MS);
        wheel.arm(2, 0, MS);
        wheel.poll(
                5 * MS,
                (key, value) -> {
                    expired.add(key);
                    wheel.disarm(2);
                },
                100);
        assertThat(expired).containsExactly(1L);
    }

    @Test
    void shouldSayWhenToLookAgain() {
        assertThat(wheel.nextNs()).isEqualTo(Long.MAX_VALUE);
        wheel.arm(1, 0, 40 * MS);
        assertThat(wheel.nextNs()).isBetween(MS, 40 * MS);
        poll(39 * MS);
        assertThat(wheel.nextNs()).isEqualTo(40 * MS);
    }

    @Test
    void shouldAgreeWithASortedMapWhenArmedAndDisarmedAtRandom() {
        Random random = new Random(42);
        TimerWheel big = new TimerWheel(500, MS, 256, 0);
        Map<Long, Long> model = new TreeMap<>();
        long nowNs = 0;
        for (int step = 0; step < 1_000_000; step++) {
            long key = random.nextInt(800);
            if (random.nextBoolean()) {
                long deadlineNs = nowNs + random.nextInt(2000) * MS / 3;
                boolean fits = !model.containsKey(key) && model.size() < 500;
                assertThat(big.arm(key, key * 7, deadlineNs)).isEqualTo(fits);
                if (fits) {
                    model.put(key, Math.max(deadlineNs, nowNs / MS * MS + 1));
                }
            } else {
                assertThat(big.disarm(key)).isEqualTo(model.remove(key) != null);
            }
            if (step % 16 == 0) {
                nowNs += random.nextInt(3) * MS / 2;
                long limitNs = nowNs / MS * MS;
                big.poll(
                        nowNs,
                        (timer, value) -> {
                            assertThat(value).isEqualTo(timer * 7);
                            assertThat(model.remove(timer)).isNotNull().isLessThanOrEqualTo(limitNs);
                        },
                        Integer.MAX_VALUE);
                assertThat(model.values()).allMatch(deadlineNs -> deadlineNs > limitNs);
            }
            assertThat(big.armed()).isEqualTo(model.size());
        }
    }
}
