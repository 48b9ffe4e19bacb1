package io.hookswitch.engine.core;

import io.hookswitch.bench.PacedLegs;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.MemoryTransport;
import io.hookswitch.engine.io.TransportKind;
import java.net.InetAddress;

/** A core that plays recordings, a packet each 20 ms a leg, without a kernel and with a clock of ours. */
public final class PacedFixture {
    private static final long MS = 1_000_000L;
    private static final int FAR_PORT = 4000;

    private final CoreAgent core;
    private final PacedLegs far;
    private long nowNs = 1_000 * MS;

    /** Begins as many streams, spread over 20 ms. */
    public PacedFixture(int legs) {
        CoreSettings settings =
                new CoreSettings(0, Math.max(2, legs), 64, IdleMode.BALANCED, TransportKind.AUTO, 64, 4096, 0);
        MediaSettings media = new MediaSettings(InetAddress.getLoopbackAddress(), 1024, 65535, 0, 5_000_000_000L);
        CoreRings rings = CoreRings.of(settings);
        MemoryTransport transport = new MemoryTransport();
        CoreAgent like = new CoreAgent(settings, media, rings, () -> nowNs, () -> nowNs, 1, PacedFixture::rethrow);
        core = new CoreAgent(like, () -> transport);
        core.onStart();
        far = new PacedLegs(rings, core::doWork);
        for (int i = 0; i < legs; i++) {
            long leg = far.answered(FAR_PORT);
            nowNs += 20 * MS / legs;
            far.play(leg);
        }
        send();
    }

    private static void rethrow(Throwable failure) {
        throw new IllegalStateException(failure);
    }

    /** Twenty milliseconds, each a cycle: a packet for every leg. @return packets sent since the start. */
    public long send() {
        for (int i = 0; i < 20; i++) {
            nowNs += MS;
            core.doWork();
        }
        return core.counters().value(CoreCounters.PLAYOUT_PACKETS);
    }
}
