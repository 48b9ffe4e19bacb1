package io.hookswitch.bench;

import io.hookswitch.engine.core.PacedFixture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Cost of a packet of a recording: wheel, copy, numbers, send; no kernel. Gate: 0 bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PacedPlayoutBenchmark {
    private static final int LEGS = 1000;

    private PacedFixture fixture;
    private long atStart;
    private long invocations;

    /** Begins the streams. */
    @Setup(Level.Trial)
    public void begin() {
        fixture = new PacedFixture(LEGS);
        atStart = fixture.send();
    }

    /** Twenty cycles of a millisecond; every leg is due in one of them. */
    @Benchmark
    @OperationsPerInvocation(LEGS)
    public long sendOnePacket() {
        invocations++;
        return fixture.send();
    }

    /** A benchmark that sends nothing measures nothing. */
    @TearDown(Level.Trial)
    public void check() {
        long sent = fixture.send() - atStart - LEGS;
        if (sent < invocations * LEGS) {
            throw new IllegalStateException(sent + " of " + invocations * LEGS + " packets were sent");
        }
    }
}
