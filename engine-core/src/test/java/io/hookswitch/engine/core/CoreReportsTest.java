package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.S;
import static io.hookswitch.engine.core.SteppedCore.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtcpReader;
import io.hookswitch.rtp.RtcpWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RTCP of a core's own (RFC 3550 section 6), on the test's clock. */
class CoreReportsTest {
    private static final InetSocketAddress RTCP_OF_B = at("192.0.2.2", 5001);

    private final SteppedCore stepped = new SteppedCore();
    private Message a;
    private Message b;
    private int sequence;

    @BeforeEach
    void join() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        a = legs[0];
        b = legs[1];
    }

    @AfterEach
    void close() {
        stepped.close();
    }

    private void talk(int packets) {
        for (int i = 0; i < packets; i++) {
            sequence++;
            stepped.send(A, a.port(), rtp(0, sequence, 160 * sequence, 0xA, (byte) 1));
            stepped.send(B, b.port(), rtp(0, sequence, 160 * sequence, 0xB, (byte) 1));
            stepped.nowNs += 20 * MS;
        }
    }

    /** Lets time pass until something is sent to an address. */
    private Sent awaitSentTo(InetSocketAddress to, long mostNs) {
        for (long passed = 0; passed < mostNs; passed += MS) {
            stepped.pass(MS);
            for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
                if (sent.to().equals(to)) {
                    return sent;
                }
            }
        }
        return null;
    }

    private static RtcpReader reader(Sent sent) {
        RtcpReader reader = new RtcpReader();
        assertThat(reader.wrap(new UnsafeBuffer(sent.bytes()), 0, sent.bytes().length))
                .as("a valid compound packet")
                .isTrue();
        assertThat(reader.next()).isTrue();
        return reader;
    }

    @Test // RFC 3550 section 6.2 and 6.3.1
    void shouldReportBetweenHalfAndOneAndAHalfIntervals() {
        List<Long> gaps = new ArrayList<>();
        long beforeNs = stepped.nowNs;
        for (int i = 0; i < 40; i++) {
            assertThat(awaitSentTo(RTCP_OF_B, 8 * S)).isNotNull();
            gaps.add(stepped.nowNs - beforeNs);
            beforeNs = stepped.nowNs;
        }
        assertThat(gaps).allSatisfy(gap -> assertThat(gap).isBetween(2500 * MS, 7511 * MS));
        assertThat(gaps.stream().mapToLong(gap -> gap).average().orElseThrow()).isBetween(4.2e9, 5.8e9);
        assertThat(gaps.stream().distinct().count()).isGreaterThan(30);
    }

    @Test // RFC 3550 section 6.4
    void shouldSendAReceiverReportWhenNothingWasSentSinceTheLastOne() {
        talk(10);
        RtcpReader first = reader(awaitSentTo(RTCP_OF_B, 8 * S));
        assertThat(first.type()).isEqualTo(RtcpReader.SENDER_REPORT);
        assertThat(first.packetsSent()).isEqualTo(10);
        assertThat(first.octetsSent()).isEqualTo(10);
        assertThat(first.count()).isEqualTo(1);
        assertThat(first.blockSsrc(0)).isEqualTo(0xB);
        RtcpReader second = reader(awaitSentTo(RTCP_OF_B, 8 * S));
        assertThat(second.type()).isEqualTo(RtcpReader.RECEIVER_REPORT);
        assertThat(second.senderSsrc()).isEqualTo(first.senderSsrc());
        assertThat(second.next()).isTrue();
        assertThat(second.type()).isEqualTo(RtcpReader.SOURCE_DESCRIPTION);
        assertThat(second.cnameOffset()).isPositive();
    }

    @Test
    void shouldReportWhatWasLost() {
        talk(10);
        sequence += 10;
        talk(10);
        RtcpReader report = reader(awaitSentTo(RTCP_OF_B, 8 * S));
        assertThat(report.cumulativeLost(0)).isEqualTo(10);
        assertThat(report.fractionLost(0)).isBetween(80, 96);
        LegFigures figures = new LegFigures(stepped.core.core);
        assertThat(figures.read(b.leg())).isTrue();
        assertThat(figures.lost()).isEqualTo(10);
        assertThat(figures.received()).isEqualTo(19);
        assertThat(figures.sent()).isEqualTo(20);
        assertThat(figures.jitterTicks()).isPositive();
        assertThat(figures.expected()).isEqualTo(29);
        assertThat(figures.missing()).isEqualTo(10);
        // One run of ten where random loss of that rate has runs of 1.53.
        assertThat(figures.burstRatio()).isBetween(6.55, 6.56);
        assertThat(figures.mos()).isEqualTo(1.0);
    }

    @Test
    void shouldKnowTheRoundTripWhenTheFarEndReports() {
        talk(10);
        RtcpReader ours = reader(awaitSentTo(RTCP_OF_B, 8 * S));
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[200]);
        RtcpWriter writer = new RtcpWriter().wrap(buffer, 0, 200);
        writer.receiverReport(0xB);
        writer.reportBlock(ours.senderSsrc(), 0, 3, 12, 40, ours.ntpMiddle(), 0);
        writer.cname(0xB, new UnsafeBuffer(new byte[] {'b'}), 0, 1);
        stepped.nowNs += 80 * MS;
        byte[] report = Arrays.copyOf(buffer.byteArray(), writer.lengthBytes());
        stepped.send(RTCP_OF_B, b.port() + 1, report);
        LegFigures figures = new LegFigures(stepped.core.core);
        assertThat(figures.read(b.leg())).isTrue();
        assertThat(figures.roundTripNs()).isBetween(79 * MS, 81 * MS);
        assertThat(figures.farLost()).isEqualTo(3);
        assertThat(stepped.counter(CoreCounters.RTCP_RECEIVED)).isEqualTo(1);
        assertThat(stepped.counter(CoreCounters.RTCP_INVALID)).isZero();
    }

    @Test
    void shouldCountAndIgnoreReportsThatAreInvalidOrFromElsewhere() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[200]);
        RtcpWriter writer = new RtcpWriter().wrap(buffer, 0, 200);
        writer.receiverReport(0xB);
        byte[] whole = Arrays.copyOf(buffer.byteArray(), writer.lengthBytes());
        stepped.send(at("192.0.2.77", 5001), b.port() + 1, whole);
        assertThat(stepped.counter(CoreCounters.DROPPED_SOURCE)).isEqualTo(1);
        for (int length = 0; length < whole.length; length++) {
            stepped.send(RTCP_OF_B, b.port() + 1, Arrays.copyOf(whole, length));
        }
        assertThat(stepped.counter(CoreCounters.RTCP_INVALID)).isEqualTo(whole.length);
        assertThat(stepped.core.anyEvent()).isNull();
    }

    @Test // RFC 5761
    void shouldUseTheRtpPortsWhenTheFarEndMultiplexes() {
        stepped.core.sip(SipEvent.MEDIA_CHANGED, b.leg(), message -> {
            CoreHarness.media(message, B, Codec.PCMU, 0);
            message.media().ports(B.getPort(), B.getPort());
        });
        talk(5);
        Sent sent = awaitSentTo(B, 8 * S);
        assertThat(sent.fromPort()).isEqualTo(b.port());
        long forwarded = stepped.counter(CoreCounters.RTP_FORWARDED);
        assertThat(reader(sent).type()).isEqualTo(RtcpReader.SENDER_REPORT);
        assertThat(stepped.send(B, b.port(), sent.bytes())).isNull();
        assertThat(stepped.counter(CoreCounters.RTCP_RECEIVED)).isEqualTo(1);
        assertThat(stepped.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(forwarded);
    }

    @Test // RFC 3550 section 6.6
    void shouldSayByeOnceWhenALegEndsThatWasSentTo() {
        talk(3);
        stepped.transport.forgetSent();
        stepped.core.command(CoreCommand.END, b.leg(), message -> {});
        stepped.core.sipCommand(SipCommand.END);
        RtcpReader last = reader(stepped.transport.takeSent());
        boolean hasBye = last.type() == RtcpReader.BYE;
        while (!hasBye && last.next()) {
            hasBye = last.type() == RtcpReader.BYE;
        }
        assertThat(hasBye).isTrue();
        stepped.core.sip(SipEvent.ENDED, b.leg(), message -> {});
        assertThat(awaitSentTo(RTCP_OF_B, 20 * S)).isNull();
        stepped.core.sip(SipEvent.TERMINATED, b.leg(), message -> {});
        assertThat(awaitSentTo(RTCP_OF_B, 20 * S)).isNull();
        assertThat(new LegFigures(stepped.core.core).read(b.leg()))
                .as("a leg that is gone")
                .isFalse();
    }

    @Test
    void shouldSayNoByeWhenTheLegWasSentNothing() {
        stepped.core.command(CoreCommand.END, b.leg(), message -> {});
        stepped.core.sipCommand(SipCommand.END);
        assertThat(stepped.transport.takeSent()).isNull();
    }

    @Test
    void shouldGoOnReportingWhenALegIsHeld() {
        talk(3);
        stepped.core.sip(SipEvent.MEDIA_CHANGED, b.leg(), message -> {
            CoreHarness.media(message, B, Codec.PCMU, 0);
            message.media().direction(0);
        });
        assertThat(awaitSentTo(RTCP_OF_B, 8 * S)).isNotNull();
    }
}
