package io.hookswitch.bench;

import io.hookswitch.engine.core.TimerWheel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Arming and disarming a call's timer while others are armed. Gates: 0 bytes; the same cost however many there are. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerWheelBenchmark {
    private static final long MS = 1_000_000L;

    /** Timers armed at the time. */
    @Param({"100", "40000"})
    public int armed;

    private final TimerWheel.Handler handler = this::onTimer;
    private TimerWheel wheel;
    private long nowNs;
    private long next;
    private long expired;

    /** Arms the others, a minute ahead. */
    @Setup
    public void arm() {
        wheel = new TimerWheel(100_000, MS, 0);
        for (int i = 0; i < armed; i++) {
            wheel.arm(-1L - i, 0, 1_000_000_000_000_000L + i * MS);
        }
    }

    /** One timer armed, the clock a microsecond on, the wheel polled, the timer disarmed. */
    @Benchmark
    public long armAndDisarm() {
        next++;
        nowNs += 1_000;
        wheel.arm(next, next, nowNs + 60_000 * MS);
        wheel.poll(nowNs, handler, 16);
        wheel.disarm(next);
        return expired;
    }

    /** One look at a wheel of timers that are all far, when it asked to be looked at, then a new one in its place. */
    @Benchmark
    public long lookWhenAsked() {
        nowNs = Math.max(nowNs, wheel.nextNs());
        long before = expired;
        wheel.poll(nowNs, handler, 16);
        while (before < expired) {
            before++;
            wheel.arm(++next, next, nowNs + 60_000 * MS + (next & 0xFFFF) * MS);
        }
        return expired;
    }

    private void onTimer(long key, long value) {
        expired++;
    }
}
