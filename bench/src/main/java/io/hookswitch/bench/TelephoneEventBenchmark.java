package io.hookswitch.bench;

import io.hookswitch.engine.core.BridgeFixture;
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

/**
 * Cost of one telephone-event packet in a bridge, packet slot to send, whole duty cycle, no kernel: every leg presses
 * one key after the other, seven packets each, told to control and passed on. Gates: 0 bytes; little more than audio.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TelephoneEventBenchmark {
    private static final int BATCH = 32;
    private static final int CALLS = 1000;
    private static final int PACKETS_OF_A_PRESS = 7;

    private BridgeFixture fixture;
    private long invocations;

    /** Bridges the calls. */
    @Setup(Level.Trial)
    public void bridge() {
        fixture = new BridgeFixture(CALLS, false);
    }

    /** Thirty-two packets of as many calls, one cycle. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long forwardOneEventPacket() {
        invocations++;
        return fixture.press(BATCH);
    }

    /** A benchmark that hears nothing measures nothing. */
    @TearDown(Level.Trial)
    public void check() {
        long forwarded = fixture.press(1) - 1;
        long presses = fixture.digits();
        if (forwarded != invocations * BATCH || presses < (invocations - CALLS) * BATCH / PACKETS_OF_A_PRESS) {
            throw new IllegalStateException(forwarded + " packets forwarded, " + presses + " presses told");
        }
    }
}
