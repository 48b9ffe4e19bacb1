package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the core's thread allocates while packets, reports and timers go through it: nothing. */
class CoreAllocationTest {
    private static final int PACKETS = 1_000_000;
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

    @Test
    void shouldAllocateNothingWhenAMillionPacketsAreBridgedWithReportsAndTimersRunning() throws Exception {
        try (CoreHarness core = new CoreHarness(16, 34100, 34131, 0);
                DatagramChannel a = channel();
                DatagramChannel b = channel()) {
            Message legA = core.answered(a.socket(), Codec.PCMU, 0);
            Message legB = core.dialled(b.socket(), Codec.PCMA, 8, legA.leg());
            core.command(CoreCommand.JOIN, legA.leg(), message -> message.otherLeg(legB.leg()));
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
    private static long allocatedInARound(CoreHarness core, Traffic traffic) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        long before = core.counter(CoreCounters.RTP_FORWARDED);
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
            traffic.drain();
        }
        assertThat(core.counter(CoreCounters.RTP_FORWARDED) - before).isGreaterThan(PACKETS * 99L / 100);
        assertThat(core.counter(CoreCounters.RTCP_SENT)).isGreaterThan(reports + MIN_REPORTS);
        assertThat(core.counter(CoreCounters.TIMERS_EXPIRED)).isGreaterThan(expired + MIN_TIMERS);
        return allocated;
    }

    private static void pump(CoreHarness core, Traffic traffic, int packets) throws IOException {
        for (int sent = 0; sent < packets; sent += BURST) {
            traffic.send();
            cycles(core);
            if (sent % (100 * BURST) == 0) {
                arm(core, -sent - 1);
            }
            core.rings.events().poll(event -> {}, 64);
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

    private static void arm(CoreHarness core, long reference) {
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
