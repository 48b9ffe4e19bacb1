package io.hookswitch.sip.stack;

import static org.assertj.core.api.Assertions.assertThat;

import gov.nist.javax.sip.stack.SIPStackTimerTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The wheel: never early, in order, also across many turns; cancelled is cancelled. */
class WheelTimerTest {
    private final SteppedClock clock = new SteppedClock();
    private final WheelTimer wheel = new WheelTimer();
    private final List<Throwable> errors = new ArrayList<>();
    private final List<String> ran = new ArrayList<>();

    @BeforeEach
    void start() {
        wheel.start(null, null);
        wheel.clock(clock, errors::add);
    }

    private SIPStackTimerTask task(String name) {
        return new SIPStackTimerTask() {
            @Override
            public void runTask() {
                ran.add(name);
            }

            @Override
            public Object getThreadHash() {
                return null;
            }
        };
    }

    private void step(long ms) {
        clock.stepMs(ms);
        wheel.advance(clock.nanoTime());
    }

    @Test
    void shouldRunInOrderAndNeverEarlyWhenTimePasses() {
        wheel.schedule(task("32 s"), 32_000);
        wheel.schedule(task("20 ms"), 20);
        wheel.schedule(task("5.13 s"), 5_130);
        step(19);
        assertThat(ran).isEmpty();
        step(1);
        assertThat(ran).containsExactly("20 ms");
        step(5_109);
        assertThat(ran).hasSize(1);
        step(1);
        assertThat(ran).containsExactly("20 ms", "5.13 s");
        step(26_869);
        assertThat(ran).hasSize(2);
        step(1);
        assertThat(ran).endsWith("32 s");
        assertThat(wheel.size()).isZero();
        assertThat(wheel.nextNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldRunEveryPeriodWhenTimeJumps() {
        wheel.scheduleWithFixedDelay(task("tick"), 500, 500);
        step(32_000);
        assertThat(ran).hasSize(64);
        assertThat(wheel.size()).isOne();
    }

    @Test
    void shouldNotRunWhenCancelledEvenByATaskOfTheSameTick() {
        SIPStackTimerTask second = task("second");
        SIPStackTimerTask first = new SIPStackTimerTask() {
            @Override
            public void runTask() {
                ran.add("first");
                assertThat(wheel.cancel(second)).isTrue();
                assertThat(wheel.cancel(second)).isFalse();
            }

            @Override
            public Object getThreadHash() {
                return null;
            }
        };
        wheel.schedule(first, 100);
        wheel.schedule(second, 100);
        step(1_000);
        assertThat(ran).containsExactly("first");
        assertThat(wheel.size()).isZero();
    }

    @Test
    void shouldGoOnWhenATaskThrows() {
        wheel.schedule(
                new SIPStackTimerTask() {
                    @Override
                    public void runTask() {
                        throw new IllegalStateException("task's failure");
                    }

                    @Override
                    public Object getThreadHash() {
                        return null;
                    }
                },
                10);
        wheel.schedule(task("after"), 10);
        step(10);
        assertThat(ran).containsExactly("after");
        assertThat(errors).hasSize(1);
    }

    @Test
    void shouldTellATimeNotBehindTheNextTaskWhenAskedWhereToWaitTo() {
        Random random = new Random(3);
        TreeMap<Long, Integer> due = new TreeMap<>();
        for (int i = 0; i < 200; i++) {
            long delayMs = 1 + random.nextInt(40_000);
            wheel.schedule(task("x"), delayMs);
            due.merge((delayMs + 9) / 10 * 10, 1, Integer::sum);
        }
        long began = clock.nanoTime();
        int waits = 0;
        while (wheel.size() > 0) {
            long waitMs = (wheel.nextNs() - clock.nanoTime()) / 1_000_000;
            assertThat(clock.nanoTime() + waitMs * 1_000_000).isLessThanOrEqualTo(began + due.firstKey() * 1_000_000);
            step(waitMs);
            waits++;
            long nowMs = (clock.nanoTime() - began) / 1_000_000;
            int expected = due.headMap(nowMs, true).values().stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            assertThat(ran).hasSize(expected);
            ran.clear();
            due.headMap(nowMs, true).clear();
        }
        assertThat(waits).as("no busy waiting").isLessThan(200 * 9);
    }
}
