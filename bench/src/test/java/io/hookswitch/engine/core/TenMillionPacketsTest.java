package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Ten million packets through whole duty cycles of a core, a sixteenth of them those of keys, with reports of its own
 * and timers of control's between them: the core allocates nothing. Datagrams come out of memory; the same over the
 * kernel's sockets is {@code CoreAllocationTest}.
 */
class TenMillionPacketsTest {
    private static final int PACKETS = 10_000_000;
    private static final int WARM_UP = 3_000_000;
    private static final int BATCH = 32;
    private static final int CALLS = 100;
    private static final long REPORT_INTERVAL_NS = 100_000_000L;
    private static final int CYCLES_PER_TIMER = 64;
    private static final int CYCLES_PER_KEYS = 16;
    /** The JVM makes a few objects of its own on a thread, once; what allocates by itself does so in every round. */
    private static final int MAX_ROUNDS = 3;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final BridgeFixture fixture = new BridgeFixture(CALLS, true, REPORT_INTERVAL_NS);
    private long cycles;

    private void run(int packets) {
        for (int done = 0; done < packets; done += BATCH) {
            cycles++;
            if (cycles % CYCLES_PER_TIMER == 0) {
                fixture.armTimer(cycles);
            }
            if (cycles % CYCLES_PER_KEYS == 0) {
                fixture.press(BATCH);
            } else {
                fixture.forward(BATCH);
            }
        }
    }

    @Test
    void shouldAllocateNothingWhenTenMillionPacketsPassWithKeysReportsAndTimers() {
        run(WARM_UP);
        List<Long> rounds = new ArrayList<>(MAX_ROUNDS);
        while (!rounds.contains(0L) && rounds.size() < MAX_ROUNDS) {
            long forwarded = fixture.counter(CoreCounters.RTP_FORWARDED);
            long reports = fixture.counter(CoreCounters.RTCP_SENT);
            long expired = fixture.counter(CoreCounters.TIMERS_EXPIRED);
            long keys = fixture.counter(CoreCounters.DIGITS);
            long before = threads.getCurrentThreadAllocatedBytes();
            run(PACKETS);
            rounds.add(threads.getCurrentThreadAllocatedBytes() - before);
            assertThat(fixture.counter(CoreCounters.RTP_FORWARDED) - forwarded).isGreaterThanOrEqualTo(PACKETS);
            assertThat(fixture.counter(CoreCounters.RTCP_SENT) - reports).isGreaterThan(1000);
            assertThat(fixture.counter(CoreCounters.TIMERS_EXPIRED) - expired).isGreaterThan(1000);
            assertThat(fixture.counter(CoreCounters.DIGITS) - keys).isGreaterThan(10_000);
        }
        System.out.printf("bytes allocated by the core for ten million packets, by round: %s%n", rounds);
        assertThat(rounds).contains(0L);
    }
}
