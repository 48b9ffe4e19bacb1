package io.hookswitch.bench;

import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Jitter of paced playout, end to end: a core on its own thread and real sockets sends a packet each 20 ms to every far
 * end; a sample is the wait of one of them for its next packet, so the percentiles around 20 ms are what it hears. At
 * the end the core's own account is printed: by how much each packet of any leg was late for its time. Not gated: it
 * says as much about the machine as about the engine. All far ends at once, timed by the kernel:
 * {@code perf-scripts/playout}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PacedJitterBenchmark {
    private static final int FIRST_PORT = 40_000;

    /** Streams at the time. */
    @Param({"1", "500"})
    public int legs;

    private final DatagramPacket packet = new DatagramPacket(new byte[256], 256);
    private CoreAgent core;
    private PacedLegs streams;
    private AgentRunner runner;
    private DatagramSocket far;
    private DatagramSocket sink;

    /** Begins the streams, one to the far end that listens, the others to one that does not. */
    @Setup(Level.Trial)
    public void begin() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        far = new DatagramSocket(new InetSocketAddress(loopback, 0));
        sink = new DatagramSocket(new InetSocketAddress(loopback, 0));
        CoreSettings settings =
                new CoreSettings(0, Math.max(2, legs), 64, IdleMode.BALANCED, TransportKind.AUTO, 256, 4096, 20_000);
        MediaSettings media = MediaSettings.of(loopback, FIRST_PORT, FIRST_PORT + 2 * legs + 1);
        CoreRings rings = CoreRings.of(settings);
        core = new CoreAgent(
                settings,
                media,
                rings,
                SystemNanoClock.INSTANCE,
                SystemEpochNanoClock.INSTANCE,
                1,
                Throwable::printStackTrace);
        rings.sipEvents().wakes(core.waker());
        rings.commands().wakes(core.waker());
        runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, Throwable::printStackTrace, null, core);
        AgentRunner.startOnThread(runner);
        streams = new PacedLegs(rings, Thread::yield);
        for (int i = 0; i < legs; i++) {
            long leg = streams.answered((i == 0 ? far : sink).getLocalPort());
            LockSupport.parkNanos(20_000_000L / legs);
            streams.play(leg);
        }
        core.lateness().takeInterval();
    }

    /** The next packet at the far end. */
    @Benchmark
    public int nextPacket() throws IOException {
        far.receive(packet);
        return packet.getLength();
    }

    /** Says how late the core was, all legs together. */
    @TearDown(Level.Trial)
    public void end() {
        Histogram late = core.lateness().takeInterval();
        System.out.printf(
                Locale.ROOT,
                "%n%d streams: late by p50 %.0f us, p99 %.0f us, p99.9 %.0f us, most %.0f us (%d packets)%n",
                legs,
                late.getValueAtPercentile(50) / 1e3,
                late.getValueAtPercentile(99) / 1e3,
                late.getValueAtPercentile(99.9) / 1e3,
                late.getMaxValue() / 1e3,
                late.getTotalCount());
        runner.close();
        far.close();
        sink.close();
    }
}
