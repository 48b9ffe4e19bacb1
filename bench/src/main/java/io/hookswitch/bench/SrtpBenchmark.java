package io.hookswitch.bench;

import io.hookswitch.rtp.srtp.SrtpContext;
import io.hookswitch.rtp.srtp.SrtpSuite;
import io.hookswitch.rtp.srtp.SrtpTransform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One G.711 packet of 172 bytes protected, and unprotected again: what a call with SRTP on both legs costs more. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SrtpBenchmark {
    private static final int LENGTH = 172;
    private static final int LEGS = 1000;

    /** The suite of both directions. */
    @Param
    public SrtpSuite suite;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder()));
    private final SrtpTransform transform = new SrtpTransform(1500);
    private final SrtpContext[] senders = new SrtpContext[LEGS];
    private final SrtpContext[] receivers = new SrtpContext[LEGS];
    private int leg;
    private short sequence;

    /** Keys a thousand legs. */
    @Setup
    public void key() {
        byte[] master = new byte[SrtpSuite.MASTER_LENGTH];
        for (int i = 0; i < LEGS; i++) {
            master[0] = (byte) i;
            master[1] = (byte) (i >> 8);
            senders[i] = new SrtpContext();
            senders[i].key(suite, master, 0);
            receivers[i] = new SrtpContext();
            receivers[i].key(suite, master, 0);
        }
        buffer.putByte(0, (byte) 0x80);
    }

    /** Another leg each time. */
    @Benchmark
    public int protectAndUnprotect() {
        leg = leg + 1 == LEGS ? 0 : leg + 1;
        if (leg == 0) {
            sequence++;
        }
        buffer.putShort(2, sequence, ByteOrder.BIG_ENDIAN);
        int length = transform.protectRtp(senders[leg], buffer, 0, LENGTH);
        int plain = transform.unprotectRtp(receivers[leg], buffer, 0, length);
        if (plain != LENGTH) {
            throw new IllegalStateException("answer " + plain);
        }
        return plain;
    }
}
