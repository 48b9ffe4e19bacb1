package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.DtlsCommand;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.Waker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the core's thread allocates for the checks and handshakes of a browser: nothing. */
class IceAllocationTest {
    private static final int WARM_UP = 60_000;
    private static final int CHECKS = 60_000;
    /** epoll hands out one datagram a socket and pass. */
    private static final int MAX_CYCLES = 20;

    /** See {@link CoreAllocationTest}: what the JVM itself makes on a warm thread, it makes once. */
    private static final int MAX_ROUNDS = 3;

    private final byte[] check = IceFarEnd.check(IceFarEnd.PASSWORD, false);
    private final byte[] nomination = IceFarEnd.check(IceFarEnd.PASSWORD, true);
    private final byte[] hello = IceFarEnd.handshake(200);
    private final UnsafeBuffer flight = new UnsafeBuffer(IceFarEnd.handshake(900));
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"EPOLL", "IO_URING"})
    void shouldAllocateNothingWhenABrowserChecksAndShakesHands(TransportKind kind) throws IOException {
        MediaSettings media = new MediaSettings(InetAddress.getLoopbackAddress(), 34140, 34171, 0, 50_000_000L);
        try (CoreHarness core = new CoreHarness(kind, 16, media);
                DatagramSocket browser = CoreHarness.far()) {
            Message leg = core.answered(browser, Codec.PCMU, 0);
            core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> {
                CoreHarness.media(message, browser, Codec.PCMU, 0);
                message.media().dtls(IceFarEnd.UFRAG, IceFarEnd.PASSWORD, IceFarEnd.fingerprint(1));
            });
            allocatedFor(core, browser, leg, WARM_UP);
            List<Long> rounds = new ArrayList<>();
            while (!rounds.contains(0L) && rounds.size() < MAX_ROUNDS) {
                rounds.add(allocatedFor(core, browser, leg, CHECKS));
            }
            assertThat(rounds).as("bytes allocated in each round").contains(0L);
        }
    }

    /** @return bytes that so many checks, with as many handshakes both ways, made the core's cycles allocate. */
    private long allocatedFor(CoreHarness core, DatagramSocket browser, Message leg, int checks) throws IOException {
        Waker waker = core.core.waker();
        long allocated = 0;
        long answered = core.counter(CoreCounters.STUN_ANSWERED);
        long dropped = core.counter(CoreCounters.DTLS_DROPPED);
        long heard = 0;
        DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
        for (int i = 0; i < checks; i += 2) {
            send(browser, leg.port(), check);
            send(browser, leg.port(), nomination);
            send(browser, leg.port(), hello);
            MessageFlyweight message = core.rings.dtlsCommands().tryClaim(DtlsCommand.SEND);
            message.leg(leg.leg()).reference(1);
            message.put(Field.DATAGRAM, flight, 0, flight.capacity());
            core.rings.dtlsCommands().publish();
            allocated += allocatedInCycles(core, waker);
            heard += core.rings.dtlsEvents().poll(_ -> {}, 10);
            if (core.counter(CoreCounters.STUN_ANSWERED) > answered + 1) {
                browser.receive(answer);
            }
        }
        assertThat(core.counter(CoreCounters.STUN_ANSWERED) - answered).isGreaterThan(checks * 9L / 10);
        assertThat(core.counter(CoreCounters.DTLS_DROPPED)).isEqualTo(dropped);
        assertThat(heard).isGreaterThan(checks * 4L / 10);
        return allocated;
    }

    private long allocatedInCycles(CoreHarness core, Waker waker) {
        long target = core.counter(CoreCounters.STUN_ANSWERED) + 2;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int cycle = 0; cycle < MAX_CYCLES && core.counter(CoreCounters.STUN_ANSWERED) < target; cycle++) {
            core.core.doWork();
        }
        // The handshake may be behind the checks: one more cycle, which does not wait for anything.
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        waker.wake();
        before = threads.getCurrentThreadAllocatedBytes();
        core.core.doWork();
        return allocated + threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static void send(DatagramSocket from, int port, byte[] bytes) throws IOException {
        from.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }
}
