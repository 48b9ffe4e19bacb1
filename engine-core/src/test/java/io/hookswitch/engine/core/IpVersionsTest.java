package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.far;
import static io.hookswitch.engine.core.CoreHarness.received;
import static io.hookswitch.engine.core.CoreHarness.rtp;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.RtpTransports;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtcpReader;
import io.hookswitch.rtp.RtcpWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both IP versions over both transports, on real sockets: media, its source, and reports on one port and on two. */
class IpVersionsTest {
    private static final int FIRST_PORT = 17_000;
    private static final int LAST_PORT = 17_031;

    static Stream<Arguments> kindsAndAddresses() {
        return Stream.of(TransportKind.EPOLL, TransportKind.IO_URING)
                .filter(kind -> RtpTransports.unavailable(kind) == null)
                .flatMap(kind -> Stream.of(Arguments.of(kind, "127.0.0.1"), Arguments.of(kind, "::1")));
    }

    private static CoreHarness core(TransportKind kind, String address) {
        return new CoreHarness(
                kind, 8, new MediaSettings(InetAddress.ofLiteral(address), FIRST_PORT, LAST_PORT, 0, 20_000_000L));
    }

    private static InetSocketAddress address(DatagramSocket far) {
        return new InetSocketAddress(far.getLocalAddress(), far.getLocalPort());
    }

    private static void describe(CoreHarness core, long leg, DatagramSocket far, int rtcpPort) {
        core.sip(SipEvent.MEDIA_CHANGED, leg, message -> {
            CoreHarness.media(message, address(far), Codec.PCMU, 0);
            message.media().ports(far.getLocalPort(), rtcpPort);
        });
    }

    /** Steps the core until a far end hears something. */
    private static ByteBuffer heard(CoreHarness core, DatagramSocket at) {
        for (int i = 0; i < 100; i++) {
            ByteBuffer packet = received(at);
            if (packet != null) {
                return packet;
            }
            core.settle();
        }
        return null;
    }

    private static byte[] report(int ssrc) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        RtcpWriter writer = new RtcpWriter().wrap(buffer, 0, 64);
        writer.receiverReport(ssrc);
        return Arrays.copyOf(buffer.byteArray(), writer.lengthBytes());
    }

    @ParameterizedTest
    @MethodSource("kindsAndAddresses")
    void shouldCarryACallWithReportsOnTwoPortsAndOnOne(TransportKind kind, String address) {
        try (CoreHarness core = core(kind, address);
                DatagramSocket a = far(address);
                DatagramSocket reportsOfA = far(address);
                DatagramSocket b = far(address);
                DatagramSocket stranger = far(address)) {
            Message legA = core.answered(a, Codec.PCMU, 0);
            Message legB = core.dialled(b, Codec.PCMU, 0, legA.leg());
            core.command(CoreCommand.JOIN, legA.leg(), message -> message.otherLeg(legB.leg()));
            describe(core, legA.leg(), a, reportsOfA.getLocalPort());
            describe(core, legB.leg(), b, b.getLocalPort());
            for (int i = 1; i <= 50; i++) {
                core.send(a, legA.port(), rtp(0, i, 160 * i, 0xA, (byte) i));
                core.send(stranger, legA.port(), rtp(0, i, 160 * i, 0xA, (byte) 99));
                ByteBuffer forwarded = heardMedia(core, b);
                assertThat(forwarded.get(12)).isEqualTo((byte) i);
            }
            assertThat(core.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(50);
            RtcpReader reader = new RtcpReader();
            ByteBuffer onTwo = heard(core, reportsOfA);
            assertThat(onTwo).as("reports to the port of its own").isNotNull();
            assertThat(reader.wrap(new UnsafeBuffer(onTwo), 0, onTwo.remaining()))
                    .isTrue();
            core.send(stranger, legA.port() + 1, report(0xBAD));
            core.send(stranger, legB.port(), report(0xB));
            long taken = core.counter(CoreCounters.RTCP_RECEIVED) - core.counter(CoreCounters.DROPPED_SOURCE);
            core.send(reportsOfA, legA.port() + 1, report(0xA));
            core.send(b, legB.port(), report(0xB));
            assertThat(core.counter(CoreCounters.RTCP_RECEIVED) - core.counter(CoreCounters.DROPPED_SOURCE))
                    .isEqualTo(taken + 2);
        }
    }

    /** The next packet that is no report. */
    private static ByteBuffer heardMedia(CoreHarness core, DatagramSocket at) {
        ByteBuffer packet = heard(core, at);
        while (packet != null && (packet.get(1) & 0xFF) >= 192) {
            packet = heard(core, at);
        }
        return packet;
    }

    @ParameterizedTest
    @MethodSource("kindsAndAddresses")
    void shouldRefuseAnOfferWhenItsMediaIsOfTheOtherIpVersion(TransportKind kind, String address) {
        String otherAddress = address.equals("::1") ? "127.0.0.1" : "::1";
        try (CoreHarness core = core(kind, address);
                DatagramSocket other = far(otherAddress)) {
            core.sip(SipEvent.OFFERED, 0, message -> {
                message.otherLeg(5);
                CoreHarness.media(message, other, Codec.PCMU, 0);
            });
            Message refused = core.sipCommand(SipCommand.REFUSE);
            assertThat(refused.otherLeg()).isEqualTo(5);
            assertThat(refused.status()).isEqualTo(488);
            assertThat(core.anyEvent()).isNull();
            assertThat(core.counter(CoreCounters.LEGS)).isZero();
        }
    }
}
