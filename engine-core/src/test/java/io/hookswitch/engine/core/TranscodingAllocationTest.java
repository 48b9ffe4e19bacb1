package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.rtp.codec.OpusLibrary;
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
import org.junit.jupiter.params.provider.CsvSource;

/** What the core's thread allocates while it transcodes and mixes over real sockets, losses made up for: nothing. */
class TranscodingAllocationTest {
    private static final int PACKETS = Integer.getInteger("hookswitch.allocation.transcoded", 5_000);
    private static final int BURST = 32;
    private static final int LOST_EVERY = 100;
    private static final int MS = 20;
    /** Objects of the JVM, until its compiler is done, come in the first; what allocates by itself does so in all. */
    private static final int MAX_ROUNDS = 24;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private int sequence;

    @ParameterizedTest
    @CsvSource({"1,3", "3,2", "1,4", "4,2", "4,3"})
    void shouldAllocateNothingWhenPacketsAreTranscoded(int from, int to) throws IOException {
        assumeThat(OpusLibrary.found() == OpusLibrary.LIBOPUS || from != Codec.OPUS && to != Codec.OPUS)
                .as("the system has no libopus; what stands in for it allocates")
                .isTrue();
        MediaSettings media = new MediaSettings(InetAddress.getLoopbackAddress(), 34200, 34231, 0, 5_000_000_000L);
        try (CoreHarness core = new CoreHarness(TransportKind.EPOLL, 4, media);
                DatagramChannel a = channel();
                DatagramChannel b = channel()) {
            Message legA = core.answered(a.socket(), from, TranscodingTest.type(from));
            Message legB = core.dialled(b.socket(), to, TranscodingTest.type(to), legA.leg());
            core.command(CoreCommand.JOIN, legA.leg(), message -> message.otherLeg(legB.leg()));
            byte[][] tone = TranscodingTest.tone(from, MS, 50);
            InetSocketAddress relay = new InetSocketAddress(InetAddress.getLoopbackAddress(), legA.port());
            List<Long> rounds = new ArrayList<>();
            while (!rounds.contains(0L) && rounds.size() < MAX_ROUNDS) {
                long transcoded = core.counter(CoreCounters.TRANSCODED);
                long madeUp = core.counter(CoreCounters.CONCEALED);
                rounds.add(allocated(core, from, tone, a, relay, b));
                assertThat(core.counter(CoreCounters.TRANSCODED) - transcoded).isGreaterThan(PACKETS * 95L / 100);
                assertThat(core.counter(CoreCounters.CONCEALED) - madeUp).isGreaterThan(PACKETS / LOST_EVERY / 2);
            }
            assertThat(rounds).as("bytes allocated in each round").contains(0L);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,2", "3,3", "4,4", "1,4"})
    void shouldAllocateNothingWhenTracksAreMixedIn(int from, int to) throws IOException {
        assumeThat(OpusLibrary.found() == OpusLibrary.LIBOPUS || from != Codec.OPUS && to != Codec.OPUS)
                .as("the system has no libopus; what stands in for it allocates")
                .isTrue();
        MediaSettings media = new MediaSettings(InetAddress.getLoopbackAddress(), 34300, 34331, 0, 5_000_000_000L);
        try (CoreHarness core = new CoreHarness(TransportKind.EPOLL, 4, media);
                Recordings recordings = new Recordings();
                DatagramChannel a = channel();
                DatagramChannel b = channel()) {
            Message legA = core.answered(a.socket(), from, TranscodingTest.type(from));
            Message legB = core.dialled(b.socket(), to, TranscodingTest.type(to), legA.leg());
            core.command(CoreCommand.JOIN, legA.leg(), message -> message.otherLeg(legB.leg()));
            for (int track = 1; track <= TrackMixer.TRACKS; track++) {
                MemorySegment tone = recordings.tone(8000, 500 * track);
                int number = track;
                core.command(CoreCommand.PLAY, legB.leg(), message -> new PlayFlyweight()
                        .put(message, tone.address(), tone.byteSize(), PlayFlyweight.FOR_EVER, 0, number, -6));
            }
            byte[][] tone = TranscodingTest.tone(from, MS, 50);
            InetSocketAddress relay = new InetSocketAddress(InetAddress.getLoopbackAddress(), legA.port());
            List<Long> rounds = new ArrayList<>();
            while (!rounds.contains(0L) && rounds.size() < MAX_ROUNDS) {
                long forwarded = core.counter(CoreCounters.RTP_FORWARDED);
                rounds.add(allocated(core, from, tone, a, relay, b));
                assertThat(core.counter(CoreCounters.RTP_FORWARDED) - forwarded).isGreaterThan(PACKETS * 95L / 100);
            }
            assertThat(rounds).as("bytes allocated in each round").contains(0L);
            assertThat(core.counter(CoreCounters.PLAYOUTS_FAILED)).isZero();
        }
    }

    /** @return bytes that the core's own cycles allocated; the test's sockets allocate what they like. */
    private long allocated(
            CoreHarness core, int codec, byte[][] tone, DatagramChannel a, InetSocketAddress relay, DatagramChannel b)
            throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(2048);
        long allocated = 0;
        for (int sent = 0; sent < PACKETS; sent += BURST) {
            int arriving = 0;
            for (int i = 0; i < BURST; i++) {
                sequence++;
                if (sequence % LOST_EVERY != 0) {
                    int timestamp = sequence * MS * TranscodingTest.ticks(codec);
                    byte[] payload = tone[sequence % tone.length];
                    byte[] packet = rtp(TranscodingTest.type(codec), sequence & 0xFFFF, timestamp, 77, payload);
                    a.send(ByteBuffer.wrap(packet), relay);
                    arriving++;
                }
            }
            long target = core.counter(CoreCounters.RTP_RECEIVED) + arriving;
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2 * BURST && core.counter(CoreCounters.RTP_RECEIVED) < target; i++) {
                core.core.doWork();
            }
            allocated += threads.getCurrentThreadAllocatedBytes() - before;
            core.rings.events().poll(event -> {}, 64);
            for (in.clear(); b.receive(in) != null; in.clear()) {
                // The far end hears it; nobody here listens.
            }
        }
        return allocated;
    }

    private static DatagramChannel channel() throws IOException {
        DatagramChannel channel = DatagramChannel.open()
                .setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20)
                .bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        channel.configureBlocking(false);
        return channel;
    }
}
