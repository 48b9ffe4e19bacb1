package io.hookswitch.bench;

import io.hookswitch.engine.core.BridgeFixture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Cost of one bridged G.711 packet, packet slot to send, whole duty cycle, no kernel. Gates: 0 bytes; the price of many
 * calls.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BridgeForwardBenchmark {
    private static final int BATCH = 32;

    /** Calls bridged at the time. */
    @Param({"1", "1000", "10000"})
    public int calls;

    /** Whether the two legs speak different laws. */
    @Param({"false", "true"})
    public boolean converted;

    private BridgeFixture fixture;
    private long invocations;

    /** Bridges the calls. */
    @Setup(Level.Trial)
    public void bridge() {
        fixture = new BridgeFixture(calls, converted);
    }

    /** Thirty-two packets of as many calls, one cycle. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long forwardOneG711Packet() {
        invocations++;
        return fixture.forward(BATCH);
    }

    /** A benchmark that forwards nothing measures nothing. */
    @TearDown(Level.Trial)
    public void check() {
        long forwarded = fixture.forward(1) - 1;
        if (forwarded != invocations * BATCH) {
            throw new IllegalStateException(forwarded + " of " + invocations * BATCH + " packets were forwarded");
        }
    }
}
