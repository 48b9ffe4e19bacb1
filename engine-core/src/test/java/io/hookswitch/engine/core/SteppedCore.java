package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.ScriptedTransport;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.CoreCommand;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** A core whose clock, far ends and neighbours are all the test's: nothing happens unless the test says so. */
final class SteppedCore implements AutoCloseable {
    static final long MS = 1_000_000L;
    static final long S = 1000 * MS;
    static final InetSocketAddress A = at("192.0.2.1", 4000);
    static final InetSocketAddress B = at("192.0.2.2", 5000);
    static final InetSocketAddress C = at("192.0.2.3", 6000);

    final ScriptedTransport transport;
    final CoreHarness core;
    long nowNs = 1000 * S;

    SteppedCore() {
        this(16, 1024);
    }

    SteppedCore(int legs, int ringSlots) {
        this(legs, ringSlots, usual());
    }

    /** A core with so many transcoders. */
    SteppedCore(int transcoders) {
        this(usual().withTranscoders(transcoders));
    }

    SteppedCore(MediaSettings media) {
        this(16, 1024, media);
    }

    private SteppedCore(int legs, int ringSlots, MediaSettings media) {
        transport = new ScriptedTransport(() -> nowNs);
        CoreSettings settings =
                new CoreSettings(0, legs, 64, IdleMode.BALANCED, TransportKind.AUTO, ringSlots, 4096, 0);
        core = new CoreHarness(settings, media, () -> nowNs, transport);
    }

    /** Ports without a rest, reports every 5 s. */
    static MediaSettings usual() {
        return new MediaSettings(InetAddress.getLoopbackAddress(), 30_000, 30_999, 0, 5 * S);
    }

    static InetSocketAddress at(String address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** An answered leg and a dialled one, joined. */
    Message[] joined(int codecA, int typeA, int codecB, int typeB) {
        Message a = core.answered(A, codecA, typeA);
        Message b = core.dialled(B, codecB, typeB, a.leg());
        join(a.leg(), b.leg());
        return new Message[] {a, b};
    }

    void join(long leg, long other) {
        core.command(CoreCommand.JOIN, leg, message -> message.otherLeg(other));
    }

    /** A packet reaches a port of ours. @return what was sent because of it, or null. */
    Sent send(InetSocketAddress from, int port, byte[] packet) {
        transport.forgetSent();
        transport.arrive(port, packet, from);
        core.settle();
        return transport.takeSent();
    }

    /** Lets time pass in steps of a millisecond, each a cycle. */
    void pass(long ns) {
        for (long passed = 0; passed < ns; passed += MS) {
            nowNs += MS;
            core.step();
        }
    }

    long counter(int counter) {
        return core.counter(counter);
    }

    @Override
    public void close() {
        core.settle();
        assertThat(transport.lentBuffers()).as("buffers not given back").isZero();
        core.close();
    }
}
