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
    private final TimerWheel wheel = new TimerWheel(8, MS, 0);

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
        TimerWheel big = new TimerWheel(500, MS, 0);
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

    @Test
    void shouldAgreeWithASortedMapWhenTimersAreFarAndTheClockLeaps() {
        Random random = new Random(7);
        TimerWheel big = new TimerWheel(300, MS, 5 * MS);
        Map<Long, Long> model = new TreeMap<>();
        List<Long> handed = new ArrayList<>();
        long nowNs = 5 * MS;
        for (int step = 0; step < 200_000; step++) {
            long key = random.nextInt(400);
            long deadlineNs = nowNs + random.nextLong(MS << random.nextInt(30));
            if (random.nextInt(3) > 0 && big.arm(key, deadlineNs, deadlineNs)) {
                model.put(key, deadlineNs);
            } else if (random.nextInt(3) == 0) {
                assertThat(big.disarm(key)).isEqualTo(model.remove(key) != null);
            }
            assertThat(big.nextNs())
                    .as("no timer expires before it was looked for")
                    .isLessThanOrEqualTo(model.values().stream()
                            .mapToLong(each -> each + MS)
                            .min()
                            .orElse(Long.MAX_VALUE));
            nowNs += random.nextLong(MS << random.nextInt(24));
            handed.clear();
            while (big.poll(
                            nowNs,
                            (timer, value) -> {
                                assertThat(model.remove(timer)).isEqualTo(value);
                                handed.add(value / MS);
                            },
                            1 + random.nextInt(50))
                    > 0) {
                assertThat(handed).as("earliest tick first").isSorted();
            }
            long latestNs = nowNs - MS;
            assertThat(model.values()).as("late").allMatch(each -> each > latestNs);
        }
    }

    @Test // 10,000 idle legs cost nothing: nobody looks at a timer that is far
    void shouldSeldomAskToBeLookedAtWhenTenThousandTimersAreFar() {
        TimerWheel big = new TimerWheel(10_000, MS, 0);
        for (int i = 0; i < 10_000; i++) {
            big.arm(i, 0, 60_000 * MS + i * 6 * MS);
        }
        long nowNs = 0;
        int looks = 0;
        while (big.armed() == 10_000) {
            nowNs = big.nextNs();
            looks++;
            big.poll(nowNs, (_, _) -> {}, 1);
        }
        assertThat(nowNs).isEqualTo(60_000 * MS);
        assertThat(looks).isLessThan(64);
    }

    @Test
    void shouldExpireManyAtOnceWhenAsManyWaitForALaterRound() {
        int half = 50_000;
        TimerWheel big = new TimerWheel(2 * half, MS, 0);
        for (int i = 0; i < half; i++) {
            big.arm(i, 0, (4096 * 64 + 100) * MS);
            big.arm(half + i, 0, 100 * MS);
        }
        long startedNs = System.nanoTime();
        assertThat(big.poll(100 * MS, (_, _) -> {}, Integer.MAX_VALUE)).isEqualTo(half);
        // A walk over those of a later round for each that is due would be 2,500,000,000 steps.
        assertThat(System.nanoTime() - startedNs).isLessThan(1_000 * MS);
    }
}
