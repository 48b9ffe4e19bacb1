package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.CoreCommand;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

/** What legs cost on which nothing happens: each has a time limit that is armed and far. */
class IdleCoreTest {
    private static final int TIMERS = 10_000;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MEASURED_NS = 2 * SECOND_NS;

    @Test
    void shouldTakeLessThanATwentiethOfItsThreadWhenTenThousandTimersAreFar() {
        CoreSettings settings = new CoreSettings(0, 16, TIMERS, IdleMode.BALANCED, TransportKind.AUTO, 1024, 4096, 0);
        MediaSettings media = MediaSettings.of(InetAddress.getLoopbackAddress(), 41_000, 41_099);
        CoreRings rings = CoreRings.of(settings);
        List<Throwable> errors = new ArrayList<>();
        CoreAgent core = new CoreAgent(
                settings, media, rings, SystemNanoClock.INSTANCE, new SystemEpochNanoClock(), 7, errors::add);
        core.onStart();
        try {
            for (int timer = 1; timer <= TIMERS; timer++) {
                // One to two minutes ahead, no two of the same millisecond alike: every tick there has one or two.
                rings.commands()
                        .tryClaim(CoreCommand.ARM_TIMER)
                        .call(1)
                        .reference(timer)
                        .durationNs(60 * SECOND_NS + timer * (60 * SECOND_NS / TIMERS));
                rings.commands().publish();
                if (timer % 100 == 0) {
                    core.doWork();
                }
            }
            while (rings.commands().size() > 0) {
                core.doWork();
            }
            assertThat(core.counters().value(CoreCounters.TIMERS)).isEqualTo(TIMERS);

            long beginNs = System.nanoTime();
            long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            int cycles = 0;
            while (System.nanoTime() - beginNs < MEASURED_NS) {
                core.doWork();
                cycles++;
            }
            cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuNs;

            System.out.printf(
                    "10,000 timers armed: %.2f %% of a core, %d cycles a second%n",
                    100.0 * cpuNs / MEASURED_NS, cycles * SECOND_NS / MEASURED_NS);
            assertThat(cpuNs).isLessThan(MEASURED_NS / 20);
            assertThat(errors).isEmpty();
        } finally {
            core.onClose();
        }
    }
}
