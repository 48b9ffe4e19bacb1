package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.S;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Call timers as control sees them, on the test's clock. */
class CoreTimersTest {
    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;

    @AfterEach
    void close() {
        stepped.close();
    }

    private void arm(long reference, long durationNs) {
        core.command(CoreCommand.ARM_TIMER, 0, message -> message.reference(reference)
                .call(9)
                .durationNs(durationNs));
    }

    @Test
    void shouldExpireAtItsTimeAndNotBefore() {
        arm(1, 30 * S);
        stepped.nowNs += 30 * S - 1;
        assertThat(core.anyEvent()).isNull();
        stepped.nowNs += 1;
        assertThat(core.event(CoreEvent.TIMER_EXPIRED).reference()).isEqualTo(1);
        assertThat(core.anyEvent()).isNull();
        assertThat(stepped.counter(CoreCounters.TIMERS)).isZero();
        assertThat(stepped.counter(CoreCounters.TIMERS_EXPIRED)).isEqualTo(1);
    }

    @Test
    void shouldNeverSleepBeyondTheNextTimer() {
        arm(1, 30 * MS);
        long dueNs = stepped.nowNs + 30 * MS;
        while (core.anyEvent() == null) {
            assertThat(stepped.transport.lastWaitNs()).isBetween(0L, dueNs - stepped.nowNs);
            stepped.nowNs += 1 + stepped.transport.lastWaitNs() / 2;
            assertThat(stepped.nowNs).isLessThanOrEqualTo(dueNs + 1);
        }
        core.settle();
        assertThat(stepped.transport.lastWaitNs())
                .as("nothing armed: the longest wait")
                .isEqualTo(100 * MS);
    }

    @Test
    void shouldExpireInTheNextTickWhenTheTimeIsNoneOrOver() {
        arm(1, 0);
        arm(2, -5 * S);
        stepped.nowNs += MS;
        assertThat(core.event(CoreEvent.TIMER_EXPIRED).reference()).isEqualTo(1);
        assertThat(core.event(CoreEvent.TIMER_EXPIRED).reference()).isEqualTo(2);
    }

    @Test
    void shouldNotExpireWhenTheTimeIsBeyondAllMeasure() {
        arm(1, Long.MAX_VALUE);
        stepped.pass(20 * MS);
        stepped.nowNs += 3600 * S;
        assertThat(core.anyEvent()).isNull();
        core.command(CoreCommand.DISARM_TIMER, 0, message -> message.reference(1));
        assertThat(stepped.counter(CoreCounters.TIMERS)).isZero();
    }

    @Test
    void shouldRefuseWhenTheWheelIsFullOrTheReferenceIsArmed() {
        for (int i = 1; i <= 64; i++) {
            arm(i, S);
        }
        assertThat(core.anyEvent()).isNull();
        arm(65, S);
        Message refused = core.event(CoreEvent.REFUSED);
        assertThat(refused.reference()).isEqualTo(65);
        assertThat(refused.status()).isEqualTo(CoreCommand.ARM_TIMER);
        core.command(CoreCommand.DISARM_TIMER, 0, message -> message.reference(64));
        arm(1, S);
        assertThat(core.event(CoreEvent.REFUSED).reference()).isEqualTo(1);
        arm(65, S);
        core.command(CoreCommand.DISARM_TIMER, 0, message -> message.reference(4711));
        assertThat(core.anyEvent()).isNull();
        assertThat(stepped.counter(CoreCounters.TIMERS)).isEqualTo(64);
    }

    @Test
    void shouldArmAgainWhenTheReferenceHasExpired() {
        for (int i = 0; i < 200; i++) {
            arm(7, 2 * MS);
            stepped.nowNs += 2 * MS;
            assertThat(core.event(CoreEvent.TIMER_EXPIRED).reference()).isEqualTo(7);
        }
        assertThat(stepped.counter(CoreCounters.TIMERS)).isZero();
    }
}
