package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtcpWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Design section 8: media is taken from the negotiated source only, and learnt behind a NAT once. */
class SourceLatchTest {
    private static final InetSocketAddress NAT = at("203.0.113.9", 40_000);
    private static final InetSocketAddress SAME_NAT = at("203.0.113.9", 40_002);
    private static final InetSocketAddress STRANGER = at("203.0.113.66", 40_000);
    private static final InetSocketAddress PRIVATE = at("10.0.0.5", 4000);

    private final SteppedCore stepped = new SteppedCore();
    private Message behindNat;

    @BeforeEach
    void join() {
        behindNat = stepped.core.answered(PRIVATE, Codec.PCMU, 0);
        describe(PRIVATE);
        Message b = stepped.core.dialled(B, Codec.PCMU, 0, behindNat.leg());
        stepped.join(behindNat.leg(), b.leg());
    }

    @AfterEach
    void close() {
        stepped.close();
    }

    private void describe(InetSocketAddress media) {
        describe(media, media.getPort() + 1, 203 << 24 | 113 << 8 | 9);
    }

    private void describe(InetSocketAddress media, int rtcpPort, int signalling) {
        stepped.core.sip(SipEvent.MEDIA_CHANGED, behindNat.leg(), message -> {
            CoreHarness.media(message, media, Codec.PCMU, 0);
            message.media().ports(media.getPort(), rtcpPort).signallingIpv4(signalling);
        });
    }

    private boolean passes(InetSocketAddress from, int sequence, int ssrc) {
        return stepped.send(from, behindNat.port(), rtp(0, sequence, 160 * sequence, ssrc)) != null;
    }

    private void learn() {
        assertThat(passes(NAT, 1, 0xA)).isFalse();
        assertThat(passes(NAT, 2, 0xA)).isFalse();
        assertThat(stepped.transport.connectedTo(behindNat.port())).isNull();
        assertThat(passes(NAT, 3, 0xA)).isTrue();
        assertThat(stepped.transport.connectedTo(behindNat.port())).isEqualTo(NAT);
    }

    @Test
    void shouldLearnTheSignallingHostAtItsThirdPacketInARow() {
        learn();
        assertThat(stepped.counter(CoreCounters.SOURCES_LEARNT)).isEqualTo(1);
        assertThat(stepped.counter(CoreCounters.DROPPED_SOURCE)).isEqualTo(2);
        assertThat(passes(NAT, 4, 0xA)).isTrue();
    }

    @Test
    void shouldNeverLearnAHostThatNobodyNamed() {
        for (int i = 0; i < 20; i++) {
            assertThat(passes(STRANGER, i, 0xBAD)).isFalse();
        }
        assertThat(stepped.counter(CoreCounters.SOURCES_LEARNT)).isZero();
        learn();
    }

    @Test
    void shouldCountAnewWhenSsrcPortOrSequenceIsAnother() {
        passes(NAT, 1, 0xA);
        passes(NAT, 2, 0xA);
        assertThat(passes(NAT, 3, 0xB)).as("another SSRC").isFalse();
        assertThat(passes(NAT, 5, 0xB)).as("a gap").isFalse();
        assertThat(passes(NAT, 6, 0xB)).isFalse();
        assertThat(passes(SAME_NAT, 7, 0xB)).as("another port").isFalse();
        assertThat(passes(NAT, 8, 0xB)).isFalse();
        assertThat(passes(NAT, 9, 0xB)).isFalse();
        assertThat(passes(NAT, 10, 0xB)).isTrue();
    }

    @Test
    void shouldNotLearnAgainWhenLocked() {
        learn();
        for (int i = 0; i < 10; i++) {
            assertThat(passes(SAME_NAT, 100 + i, 0xC)).isFalse();
            assertThat(passes(PRIVATE, 200 + i, 0xD)).isFalse();
        }
        assertThat(passes(NAT, 4, 0xA)).isTrue();
    }

    @Test // RFC 4028: a session refresh repeats the description
    void shouldStayLockedWhenTheSameDescriptionIsToldAgain() {
        learn();
        describe(PRIVATE);
        assertThat(stepped.transport.connectedTo(behindNat.port())).isEqualTo(NAT);
        assertThat(passes(NAT, 4, 0xA)).isTrue();
        for (int i = 0; i < 5; i++) {
            assertThat(passes(SAME_NAT, 100 + i, 0xC)).isFalse();
        }
    }

    @Test
    void shouldForgetTheSourceWhenAnotherDescriptionIsNegotiated() {
        learn();
        describe(A);
        assertThat(stepped.transport.connectedTo(behindNat.port())).isNull();
        assertThat(passes(A, 500, 0xE)).as("the negotiated address at once").isTrue();
        assertThat(passes(NAT, 4, 0xA)).isFalse();
    }

    @Test
    void shouldCountAnewWhenAnotherDescriptionComesWhileLearning() {
        passes(NAT, 1, 0xA);
        passes(NAT, 2, 0xA);
        describe(at("10.0.0.6", 4000));
        assertThat(passes(NAT, 3, 0xA)).isFalse();
        assertThat(passes(NAT, 4, 0xA)).isFalse();
        assertThat(passes(NAT, 5, 0xA)).isTrue();
    }

    @Test
    void shouldLockTheNegotiatedAddressAtItsFirstPacket() {
        assertThat(passes(PRIVATE, 1, 0xA)).isTrue();
        assertThat(stepped.transport.connectedTo(behindNat.port())).isEqualTo(PRIVATE);
        assertThat(passes(NAT, 1, 0xB)).isFalse();
    }

    @Test
    void shouldAskEveryPacketForItsSourceWhenDatagramsQueuedBeforeTheLock() {
        stepped.transport.forgetSent();
        stepped.transport.arrive(behindNat.port(), rtp(0, 1, 160, 0xA), PRIVATE);
        stepped.transport.arrive(behindNat.port(), rtp(0, 1, 160, 0xBAD), STRANGER);
        stepped.core.settle();
        assertThat(stepped.transport.takeSent()).isNotNull();
        assertThat(stepped.transport.takeSent()).isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_SOURCE)).isEqualTo(1);
    }

    @Test // the far end's network has changed: its re-INVITE tells the same private address from another host
    void shouldLearnAnewWhenTheSameDescriptionComesFromAnotherHost() {
        learn();
        InetSocketAddress moved = at("203.0.113.10", 40_100);
        describe(PRIVATE, PRIVATE.getPort() + 1, 203 << 24 | 113 << 8 | 10);
        assertThat(stepped.transport.connectedTo(behindNat.port())).isNull();
        assertThat(passes(NAT, 4, 0xA)).isFalse();
        passes(moved, 5, 0xA);
        passes(moved, 6, 0xA);
        assertThat(passes(moved, 7, 0xA)).isTrue();
        assertThat(stepped.transport.connectedTo(behindNat.port())).isEqualTo(moved);
    }

    @Test
    void shouldNotLearnTheSignallingHostWhenTheDescriptionNamesAPublicAddress() {
        describe(A);
        for (int i = 0; i < 10; i++) {
            assertThat(passes(NAT, i, 0xA)).isFalse();
        }
        assertThat(passes(A, 500, 0xE)).isTrue();
        assertThat(stepped.counter(CoreCounters.SOURCES_LEARNT)).isZero();
    }

    private boolean isReportTaken(InetSocketAddress from, int port, int ssrc) {
        long before = stepped.counter(CoreCounters.DROPPED_SOURCE);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        RtcpWriter writer = new RtcpWriter().wrap(buffer, 0, 64);
        writer.receiverReport(ssrc);
        stepped.transport.arrive(port, Arrays.copyOf(buffer.byteArray(), writer.lengthBytes()), from);
        stepped.core.settle();
        assertThat(stepped.counter(CoreCounters.RTCP_INVALID)).isZero();
        return stepped.counter(CoreCounters.DROPPED_SOURCE) == before;
    }

    @Test
    void shouldTakeReportsFromTheDescribedPortOfTheSourcesHostOnly() {
        describe(A, 4711, 0);
        int rtcp = behindNat.port() + 1;
        assertThat(isReportTaken(at("192.0.2.66", 4711), rtcp, 0xE)).isFalse();
        assertThat(isReportTaken(at("192.0.2.1", 4001), rtcp, 0xE)).isFalse();
        assertThat(isReportTaken(at("192.0.2.1", 4711), rtcp, 0xE)).isTrue();
        assertThat(passes(A, 1, 0xE)).isTrue();
        assertThat(passes(A, 2, 0xE)).isTrue();
        assertThat(isReportTaken(at("192.0.2.1", 4001), rtcp, 0xE)).as("locked").isFalse();
    }

    @Test
    void shouldLearnThePortOfReportsBehindANatFromTheSsrcOfTheMedia() {
        int rtcp = behindNat.port() + 1;
        assertThat(isReportTaken(SAME_NAT, rtcp, 0xA)).as("before the media").isFalse();
        learn();
        assertThat(passes(NAT, 4, 0xA)).isTrue();
        assertThat(isReportTaken(STRANGER, rtcp, 0xA)).isFalse();
        assertThat(isReportTaken(SAME_NAT, rtcp, 0xBAD)).as("another SSRC").isFalse();
        assertThat(isReportTaken(SAME_NAT, rtcp, 0xA)).isTrue();
        assertThat(isReportTaken(SAME_NAT, rtcp, 0xB))
                .as("it may report for others")
                .isTrue();
        assertThat(isReportTaken(at("203.0.113.9", 40_004), rtcp, 0xA))
                .as("locked")
                .isFalse();
        stepped.transport.forgetSent();
        stepped.pass(8 * SteppedCore.S);
        List<InetSocketAddress> reported = new ArrayList<>();
        for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
            if (sent.fromPort() == rtcp) {
                reported.add(sent.to());
            }
        }
        assertThat(reported).isNotEmpty().containsOnly(SAME_NAT);
    }

    @Test // RFC 5761
    void shouldTakeMultiplexedReportsFromTheSourceOfTheMediaOnly() {
        describe(A, A.getPort(), 0);
        assertThat(isReportTaken(at("192.0.2.1", 4001), behindNat.port(), 0xE)).isFalse();
        assertThat(isReportTaken(A, behindNat.port(), 0xE)).isTrue();
    }

    @Test
    void shouldForgetThePortOfReportsWhenAnotherIsDescribed() {
        describe(A, 4711, 0);
        int rtcp = behindNat.port() + 1;
        assertThat(isReportTaken(at("192.0.2.1", 4711), rtcp, 0xE)).isTrue();
        describe(A, 4712, 0);
        assertThat(isReportTaken(at("192.0.2.1", 4711), rtcp, 0xE)).isFalse();
        assertThat(isReportTaken(at("192.0.2.1", 4712), rtcp, 0xE)).isTrue();
    }
}
