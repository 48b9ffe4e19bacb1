package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the core's thread allocates while packets, reports and timers go through it: nothing. */
class CoreAllocationTest {
    /** Ten million take minutes a transport on a machine of their own. */
    private static final int PACKETS = Integer.getInteger("hookswitch.allocation.packets", 1_000_000);

    private static final int WARM_UP = 300_000;
    private static final int BURST = 64;
    private static final int MIN_REPORTS = 20;
    private static final int MIN_TIMERS = 100;
    /**
     * The JVM itself makes objects on a thread that has long been warm, such as the string constants of a class when
     * it first compiles one of its methods: some hundred or thousand bytes, once. What allocates by itself, be it only
     * in a report or a timer, does so in every round.
     */
    private static final int MAX_ROUNDS = 3;

    private static final int MIN_KEYS = 5;
    private static final byte[] ONE_KEY = {'5'};

    private final Recordings recordings = new Recordings();
    private MemorySegment recording;
    private final PlayFlyweight order = new PlayFlyweight();
    private long legOfKeys;

    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"EPOLL", "IO_URING"})
    void shouldAllocateNothingWhenPacketsAreBridgedWithKeysReportsAndTimersRunning(TransportKind kind)
            throws Exception {
        MediaSettings media = new MediaSettings(InetAddress.getLoopbackAddress(), 34100, 34131, 0, 50_000_000L);
        try (CoreHarness core = new CoreHarness(kind, 16, media);
                DatagramChannel a = channel();
                DatagramChannel b = channel()) {
            Message legA = core.answered(a.socket(), Codec.PCMU, 0);
            legOfKeys = legA.leg();
            recording = recordings.mulaw(250, false);
            Message legB = core.dialled(b.socket(), Codec.PCMA, 8, legA.leg());
            core.command(CoreCommand.JOIN, legA.leg(), message -> message.otherLeg(legB.leg()));
            core.command(CoreCommand.TAP, legA.leg(), message -> {});
            Traffic traffic = new Traffic(a, b, legA.port());
            pump(core, traffic, WARM_UP);
            List<Long> rounds = new ArrayList<>();
            while (!rounds.contains(0L) && rounds.size() < MAX_ROUNDS) {
                rounds.add(allocatedInARound(core, traffic));
            }
            assertThat(rounds).as("bytes allocated in each round").contains(0L);
        }
    }

    /** @return bytes that a million packets, with reports and timers, made the core's cycles allocate. */
    private long allocatedInARound(CoreHarness core, Traffic traffic) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        long before = core.counter(CoreCounters.RTP_FORWARDED);
        long events = core.counter(CoreCounters.EVENTS_SENT);
        long heard = core.counter(CoreCounters.DIGITS);
        long played = core.counter(CoreCounters.PLAYOUT_PACKETS);
        long tapped = core.counter(CoreCounters.TAPPED);
        long reports = core.counter(CoreCounters.RTCP_SENT);
        long expired = core.counter(CoreCounters.TIMERS_EXPIRED);
        for (int sent = 0; sent < PACKETS; sent += BURST) {
            traffic.send();
            if (sent % (100 * BURST) == 0) {
                arm(core, sent);
            }
            // Only the core's own cycles are counted; the test's sockets allocate what they like.
            long atStart = threads.getCurrentThreadAllocatedBytes();
            cycles(core);
            allocated += threads.getCurrentThreadAllocatedBytes() - atStart;
            core.rings.events().poll(event -> {}, 64);
            core.rings.taps().poll(copy -> {}, 2 * BURST);
            traffic.drain();
        }
        assertThat(core.counter(CoreCounters.RTP_FORWARDED) - before).isGreaterThan(PACKETS * 99L / 100);
        assertThat(core.counter(CoreCounters.RTCP_SENT)).isGreaterThan(reports + MIN_REPORTS);
        assertThat(core.counter(CoreCounters.TIMERS_EXPIRED)).isGreaterThan(expired + MIN_TIMERS);
        assertThat(core.counter(CoreCounters.EVENTS_SENT)).isGreaterThan(events + 3 * MIN_KEYS);
        assertThat(core.counter(CoreCounters.PLAYOUT_PACKETS)).isGreaterThan(played + MIN_KEYS);
        assertThat(core.counter(CoreCounters.TAPPED) - tapped).isGreaterThan(PACKETS * 99L / 100);
        assertThat(core.counter(CoreCounters.DIGITS)).isGreaterThan(heard + MIN_KEYS);
        return allocated;
    }

    private void pump(CoreHarness core, Traffic traffic, int packets) throws IOException {
        for (int sent = 0; sent < packets; sent += BURST) {
            traffic.send();
            cycles(core);
            if (sent % (100 * BURST) == 0) {
                arm(core, -sent - 1);
            }
            core.rings.events().poll(event -> {}, 64);
            core.rings.taps().poll(copy -> {}, 2 * BURST);
            traffic.drain();
        }
    }

    /** As many cycles as it takes: epoll hands out one datagram a socket and pass. */
    private static void cycles(CoreHarness core) {
        long target = core.counter(CoreCounters.RTP_RECEIVED) + BURST;
        for (int i = 0; i < 2 * BURST && core.counter(CoreCounters.RTP_RECEIVED) < target; i++) {
            core.core.doWork();
        }
    }

    /** A timer, a key to be sent, and a recording to be played in place of the one before. */
    private void arm(CoreHarness core, long reference) {
        core.rings
                .commands()
                .tryClaim(CoreCommand.SEND_DIGITS)
                .leg(legOfKeys)
                .reference(1)
                .durationNs(20_000_000L)
                .put(Field.DIGITS, ONE_KEY, 0, 1);
        core.rings.commands().publish();
        MessageFlyweight play =
                core.rings.commands().tryClaim(CoreCommand.PLAY).leg(legOfKeys).reference(reference);
        order.put(play, recording.address(), recording.byteSize(), 0, 0);
        core.rings.commands().publish();
        core.rings
                .commands()
                .tryClaim(CoreCommand.ARM_TIMER)
                .reference(reference)
                .durationNs(1_000_000L);
        core.rings.commands().publish();
    }

    private static DatagramChannel channel() throws IOException {
        DatagramChannel channel = DatagramChannel.open()
                .setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20)
                .bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        channel.configureBlocking(false);
        return channel;
    }

    private static final class Traffic {
        private static final int KEY_EVERY = 10_000;
        private final DatagramChannel from;
        private final DatagramChannel to;
        private final InetSocketAddress relay;
        private final ByteBuffer packet = ByteBuffer.allocateDirect(172);
        private final ByteBuffer in = ByteBuffer.allocateDirect(2048);
        private int sequence;

        private Traffic(DatagramChannel from, DatagramChannel to, int relayPort) throws IOException {
            this.from = from;
            this.to = to;
            relay = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), relayPort);
            packet.put(0, (byte) 0x80).putInt(8, 0xA);
        }

        private void send() throws IOException {
            for (int i = 0; i < BURST; i++) {
                sequence++;
                packet.clear();
                packet.putShort(2, (short) sequence).putInt(4, sequence * 160);
                // A key now and then: five packets of one timestamp, the last three say its end.
                int place = sequence % KEY_EVERY;
                packet.put(1, (byte) (place < 5 ? 101 : 0));
                if (place < 5) {
                    packet.putInt(4, (sequence - place) * 160)
                            .put(12, (byte) 5)
                            .put(13, (byte) (place < 2 ? 10 : 0x8A))
                            .putShort(14, (short) (160 * Math.min(place + 1, 3)));
                }
                from.send(packet, relay);
            }
        }

        private void drain() throws IOException {
            in.clear();
            while (to.receive(in) != null) {
                in.clear();
            }
        }
    }
}
