package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.RtpTransports;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtcpWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody who knows the whole port range and even the SSRCs sprays it from three addresses that nobody negotiated,
 * before, while and after calls are answered (design section 8). Every far end's own packet arrives, once, where it
 * belongs; nothing of the sprayers' arrives anywhere; nothing is ever sent to them.
 */
class SprayTest {
    /** Below the ports that the kernel gives away; some pairs more than needed, should any be taken all the same. */
    private static final int FIRST_PORT = 12_000;

    private static final int SPARE_PAIRS = 50;
    private static final int SSRC_OF_A = 0xA0000;
    private static final int SSRC_OF_B = 0xB0000;
    private static final byte GENUINE = 7;
    private static final byte FORGED = 66;
    private static final int BATCH = 64;
    private static final String FAR = "127.0.0.1";
    private static final List<String> SPRAYERS = List.of("127.0.0.2", "127.0.0.3", "127.0.0.4");

    /** What came to one far end, by leg. */
    private record Heard(int[] genuine, int[] forged) {
        private static Heard of(int calls) {
            return new Heard(new int[calls], new int[calls]);
        }
    }

    private final List<DatagramChannel> channels = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(2048);
    private int calls;
    private CoreHarness core;
    private DatagramChannel farA;
    private DatagramChannel farB;
    private final List<DatagramChannel> sprayers = new ArrayList<>();
    private long[] legsA;
    private long[] legsB;
    private int[] portsA;
    private int[] portsB;
    /** Row = port pair: the call whose leg has it, -1 = none. */
    private int[] callAt;

    private int sprayed;
    private int sprays;
    private int spraysUnlocked;
    private int sequence;
    private int diverted;

    static Stream<TransportKind> kinds() {
        return Stream.of(TransportKind.EPOLL, TransportKind.IO_URING)
                .filter(kind -> RtpTransports.unavailable(kind) == null);
    }

    private void open(TransportKind kind, int count, List<String> addresses) throws IOException {
        calls = count;
        callAt = new int[2 * calls + SPARE_PAIRS];
        Arrays.fill(callAt, -1);
        int lastPort = FIRST_PORT + 2 * callAt.length - 1;
        core = new CoreHarness(
                kind,
                2 * calls,
                new MediaSettings(InetAddress.ofLiteral(FAR), FIRST_PORT, lastPort, 0, 3_600_000_000_000L));
        farA = bound(FAR);
        farB = bound(FAR);
        for (String address : addresses) {
            sprayers.add(bound(address));
        }
        legsA = new long[calls];
        legsB = new long[calls];
        portsA = new int[calls];
        portsB = new int[calls];
    }

    private DatagramChannel bound(String address) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channels.add(channel);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
        channel.bind(new InetSocketAddress(address, 0)).configureBlocking(false);
        return channel;
    }

    @AfterEach
    void close() throws IOException {
        for (DatagramChannel channel : channels) {
            channel.close();
        }
        core.close();
    }

    private static InetSocketAddress address(DatagramChannel channel) throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    /** A caller is offered with its description, a callee invited: neither is answered. */
    private void ring(int call) throws IOException {
        legsA[call] = core.offer(address(farA), Codec.PCMU, 0);
        long like = legsA[call];
        core.command(
                CoreCommand.DIAL, 0, message -> message.reference(77).call(5).otherLeg(like));
        Message invite = core.sipCommand(SipCommand.INVITE);
        core.sip(SipEvent.INVITED, invite.leg(), message -> {});
        core.event(CoreEvent.INVITED);
        legsB[call] = invite.leg();
        portsA[call] = port(legsA[call]);
        portsB[call] = port(legsB[call]);
        callAt[(portsA[call] - FIRST_PORT) / 2] = call;
        callAt[(portsB[call] - FIRST_PORT) / 2] = call;
    }

    private int port(long leg) {
        LegTable legs = core.core.legs();
        return core.core.transport().port(legs.rtpSocket(legs.row(leg)));
    }

    private void answer(int call) throws IOException {
        InetSocketAddress a = address(farA);
        InetSocketAddress b = address(farB);
        core.sip(SipEvent.ANSWERED, legsB[call], message -> CoreHarness.media(message.status(200), b, Codec.PCMU, 0));
        core.event(CoreEvent.ANSWERED);
        core.command(CoreCommand.ANSWER, legsA[call], message -> {});
        assertThat(core.sipCommand(SipCommand.ANSWER).port()).isEqualTo(portsA[call]);
        core.sip(SipEvent.MEDIA_CHANGED, legsA[call], message -> CoreHarness.media(message, a, Codec.PCMU, 0));
        core.command(CoreCommand.JOIN, legsA[call], message -> message.otherLeg(legsB[call]));
    }

    private void send(DatagramChannel from, int port, byte[] packet) throws IOException {
        from.send(ByteBuffer.wrap(packet), new InetSocketAddress(FAR, port));
    }

    /** As all sprayers, one after the other. */
    private void spray() throws IOException {
        for (DatagramChannel sprayer : sprayers) {
            spray(sprayer);
        }
    }

    /** Sends to every port of the range what its far end could have sent: the next of its stream, and a report. */
    private void spray(DatagramChannel sprayer) throws IOException {
        for (int pair = 0; pair < callAt.length; pair++) {
            int call = Math.max(0, callAt[pair]);
            int port = FIRST_PORT + 2 * pair;
            int ssrc = port == portsA[call] ? SSRC_OF_A + call : SSRC_OF_B + call;
            send(sprayer, port, media(sequence, ssrc, call, FORGED));
            send(sprayer, port + 1, report(ssrc));
            sprayed += 2;
            if (pair % BATCH == 0) {
                core.settle();
            }
        }
        core.settle();
        sprays++;
    }

    private static byte[] media(int sequence, int ssrc, int call, byte mark) {
        return rtp(0, sequence, 160 * sequence, ssrc, mark, (byte) (call >>> 8), (byte) call);
    }

    private static byte[] report(int ssrc) {
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[64]);
        RtcpWriter writer = new RtcpWriter().wrap(bytes, 0, 64);
        writer.receiverReport(ssrc);
        writer.bye(ssrc);
        return Arrays.copyOf(bytes.byteArray(), writer.lengthBytes());
    }

    /** Both far ends of each call send a packet; what arrives anywhere is counted. */
    private void talk(Heard atA, Heard atB) throws IOException {
        sequence++;
        for (int call = 0; call < calls; call++) {
            send(farA, portsA[call], media(sequence, SSRC_OF_A + call, call, GENUINE));
            send(farB, portsB[call], media(sequence, SSRC_OF_B + call, call, GENUINE));
            if (call % BATCH == BATCH - 1 || call == calls - 1) {
                core.settle();
                listen(atA, atB);
            }
        }
    }

    private void listen(Heard atA, Heard atB) throws IOException {
        listen(farA, atA);
        listen(farB, atB);
        for (DatagramChannel sprayer : sprayers) {
            for (buffer.clear(); sprayer.receive(buffer) != null; buffer.clear()) {
                diverted++;
            }
        }
    }

    private void listen(DatagramChannel channel, Heard heard) throws IOException {
        for (buffer.clear(); channel.receive(buffer) != null; buffer.clear()) {
            boolean isReport = (buffer.get(1) & 0xFF) >= 192;
            if (!isReport) {
                int call = buffer.getShort(13);
                (buffer.get(12) == FORGED ? heard.forged() : heard.genuine())[call]++;
            }
        }
    }

    private void converse(int rounds, Heard atA, Heard atB) throws IOException {
        for (int call = 0; call < calls; call++) {
            ring(call);
        }
        spray();
        for (int call = 0; call < calls; call++) {
            answer(call);
            if (call == calls / 2) {
                spray();
            }
        }
        for (DatagramChannel sprayer : sprayers) {
            // A stream each, long enough to be learnt if anybody's were.
            for (int i = 0; i <= SourceLatch.PACKETS_TO_LOCK; i++) {
                sequence++;
                spray(sprayer);
            }
        }
        spraysUnlocked = sprays;
        for (int i = 0; i < rounds; i++) {
            talk(atA, atB);
            spray();
            listen(atA, atB);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldDivertAndInjectNothingWhenTheWholeRangeIsSprayed(TransportKind kind) throws IOException {
        open(kind, 1000, SPRAYERS);
        checkSprayed(3);
    }

    @ParameterizedTest // a socket that has been tied to its far end for a while receives without sources' names
    @MethodSource("kinds")
    void shouldDivertAndInjectNothingWhenCallsAreSprayedForLong(TransportKind kind) throws IOException {
        open(kind, 20, SPRAYERS);
        checkSprayed(100);
    }

    private void checkSprayed(int rounds) throws IOException {
        Heard atA = Heard.of(calls);
        Heard atB = Heard.of(calls);
        converse(rounds, atA, atB);
        assertThat(diverted).as("datagrams at the sprayers").isZero();
        assertThat(atA.forged()).as("forged, at callers").containsOnly(0);
        assertThat(atB.forged()).as("forged, at callees").containsOnly(0);
        assertThat(atA.genuine()).as("genuine, at callers").containsOnly(rounds);
        assertThat(atB.genuine()).as("genuine, at callees").containsOnly(rounds);
        assertThat(core.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(2L * calls * rounds);
        assertThat(core.counter(CoreCounters.RTP_RECEIVED)).isEqualTo(2L * calls * rounds);
        assertThat(core.counter(CoreCounters.SOURCES_LEARNT)).isZero();
        assertThat(core.counter(CoreCounters.RTCP_INVALID)).isZero();
        assertThat(sprayed).isEqualTo(2 * callAt.length * sprays);
        // On RTP ports until each far end's first packet; from then on the kernel lets none of the others through.
        assertThat(core.counter(CoreCounters.DROPPED_SOURCE)).isEqualTo(2L * calls * (sprays + spraysUnlocked));
    }

    @ParameterizedTest // the counting of the other test sees what it must not see
    @MethodSource("kinds")
    void shouldBeSeenWhenTheSprayerSitsOnANegotiatedHost(TransportKind kind) throws IOException {
        open(kind, 20, List.of(FAR));
        Heard atA = Heard.of(calls);
        Heard atB = Heard.of(calls);
        converse(3, atA, atB);
        assertThat(core.counter(CoreCounters.SOURCES_LEARNT)).isPositive();
        assertThat(diverted).isPositive();
        assertThat(Arrays.stream(atA.forged()).sum()
                        + Arrays.stream(atB.forged()).sum())
                .isPositive();
    }
}
