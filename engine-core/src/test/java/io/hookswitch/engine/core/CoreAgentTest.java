package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.far;
import static io.hookswitch.engine.core.CoreHarness.media;
import static io.hookswitch.engine.core.CoreHarness.received;
import static io.hookswitch.engine.core.CoreHarness.rtp;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtcpReader;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoreAgentTest {
    private final CoreHarness core = new CoreHarness(16, 34000, 34031, 0);
    private final DatagramSocket farA = far();
    private final DatagramSocket farB = far();

    @AfterEach
    void close() {
        core.close();
        farA.close();
        farB.close();
    }

    private Message[] joined(int codecA, int typeA, int codecB, int typeB) {
        Message a = core.answered(farA, codecA, typeA);
        Message b = core.dialled(farB, codecB, typeB, a.leg());
        core.command(CoreCommand.JOIN, a.leg(), message -> message.otherLeg(b.leg()));
        return new Message[] {a, b};
    }

    @Test
    void shouldRewriteAndForwardWhenTwoLegsAreJoined() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        core.send(farA, legs[0].port(), rtp(0, 1000, 160, 0xAAAA, (byte) 1, (byte) 2));
        ByteBuffer first = received(farB);
        core.send(farA, legs[0].port(), rtp(0, 1001, 320, 0xAAAA, (byte) 3));
        ByteBuffer second = received(farB);
        assertThat(first.remaining()).isEqualTo(14);
        assertThat(first.get(12)).isEqualTo((byte) 1);
        assertThat(first.getInt(8)).isNotEqualTo(0xAAAA).isEqualTo(second.getInt(8));
        assertThat((short) (second.getShort(2) - first.getShort(2))).isEqualTo((short) 1);
        assertThat(second.getInt(4) - first.getInt(4)).isEqualTo(160);
        core.send(farB, legs[1].port(), rtp(0, 5, 5, 0xBBBB, (byte) 9));
        assertThat(received(farA).get(12)).isEqualTo((byte) 9);
        assertThat(core.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(3);
        assertThat(core.core.latency().takeInterval().getTotalCount()).isEqualTo(3);
    }

    @Test
    void shouldConvertTheLawAndPayloadTypeWhenG711Differs() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMA, 8);
        core.send(farA, legs[0].port(), rtp(0, 1, 1, 1, (byte) 0xFF));
        ByteBuffer packet = received(farB);
        assertThat(packet.get(1) & 0x7F).isEqualTo(8);
        assertThat(packet.get(12)).isEqualTo((byte) 0xD5);
        core.send(farB, legs[1].port(), rtp(8, 1, 1, 1, (byte) 0xD5));
        packet = received(farA);
        assertThat(packet.get(1) & 0x7F).isZero();
        assertThat(packet.get(12)).isEqualTo(io.hookswitch.rtp.G711.aLawToMuLaw(0xD5));
    }

    @Test
    void shouldKeepOneStreamTowardTheFarEndWhenTheLegIsJoinedToAnother() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        core.send(farB, legs[1].port(), rtp(0, 100, 1000, 0xB, (byte) 1));
        ByteBuffer before = received(farA);
        core.end(legs[1].leg());
        try (DatagramSocket farC = far()) {
            Message c = core.dialled(farC, Codec.PCMU, 0, legs[0].leg());
            core.command(CoreCommand.JOIN, legs[0].leg(), message -> message.otherLeg(c.leg()));
            core.send(farC, c.port(), rtp(0, 40_000, 77, 0xC, (byte) 2));
            ByteBuffer after = received(farA);
            while (after != null && (after.get(1) & 0xFF) >= 200) {
                after = received(farA);
            }
            assertThat(after.getInt(8)).isEqualTo(before.getInt(8));
            assertThat((short) (after.getShort(2) - before.getShort(2))).isEqualTo((short) 1);
            assertThat(after.getInt(4) - before.getInt(4)).isPositive();
            assertThat(after.get(1) & 0x80).as("marker at the switch").isEqualTo(0x80);
        }
    }

    @Test
    void shouldDropWhatComesFromElsewhereWhenTheSourceIsNegotiated() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        try (DatagramSocket stranger = far("127.0.0.2")) {
            core.send(stranger, legs[0].port(), rtp(0, 1, 1, 0xBAD, (byte) 1));
            assertThat(received(farB)).isNull();
            core.send(farA, legs[0].port(), rtp(0, 1, 1, 0xA, (byte) 2));
            assertThat(received(farB).get(12)).isEqualTo((byte) 2);
            for (int i = 0; i < 10; i++) {
                core.send(stranger, legs[0].port(), rtp(0, 2 + i, 1, 0xBAD, (byte) 1));
            }
            assertThat(received(farB)).isNull();
        }
        assertThat(core.counter(CoreCounters.RTP_RECEIVED)).isEqualTo(1);
    }

    @Test
    void shouldLearnThePortOfTheMediaHostOnceWhenItDiffersFromTheDescription() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        try (DatagramSocket behindNat = far();
                DatagramSocket second = far()) {
            for (int i = 0; i < 3; i++) {
                core.send(behindNat, legs[0].port(), rtp(0, i, 160 * i, 0xA, (byte) i));
            }
            assertThat(received(farB).get(12))
                    .as("the packet that proves the source")
                    .isEqualTo((byte) 2);
            for (int i = 0; i < 5; i++) {
                core.send(second, legs[0].port(), rtp(0, 50 + i, 1, 0xD, (byte) 9));
            }
            assertThat(received(farB)).isNull();
            core.send(farB, legs[1].port(), rtp(0, 1, 1, 0xB, (byte) 7));
            assertThat(received(behindNat).get(12)).isEqualTo((byte) 7);
        }
        assertThat(core.counter(CoreCounters.SOURCES_LEARNT)).isEqualTo(1);
    }

    @Test
    void shouldReportAKeyOnceAndPassItOnWhenTelephoneEventsArrive() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        for (int i = 0; i < 6; i++) {
            int end = i >= 3 ? 0x80 : 0;
            int duration = 160 * (Math.min(i, 3) + 1);
            byte[] event = {5, (byte) (end | 10), (byte) (duration >> 8), (byte) duration};
            core.send(farB, legs[1].port(), rtp(101, 10 + i, 3000, 0xB, event));
        }
        Message digit = core.event(CoreEvent.DIGIT);
        assertThat((char) digit.cause()).isEqualTo('5');
        assertThat(digit.leg()).isEqualTo(legs[1].leg());
        assertThat(core.hasEvent()).isFalse();
        assertThat(received(farA).get(1) & 0x7F).isEqualTo(101);
    }

    @Test
    void shouldNotSendWhenTheFarEndHoldsAndGoOnWhenItResumes() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        core.sip(SipEvent.MEDIA_CHANGED, legs[0].leg(), message -> {
            media(message, farA, Codec.PCMU, 0);
            message.media().direction(MediaFlyweight.RECEIVE);
        });
        core.send(farB, legs[1].port(), rtp(0, 1, 1, 0xB, (byte) 1));
        assertThat(core.counter(CoreCounters.DROPPED_HELD)).isEqualTo(1);
        core.sip(SipEvent.MEDIA_CHANGED, legs[0].leg(), message -> media(message, farA, Codec.PCMU, 0));
        core.send(farB, legs[1].port(), rtp(0, 2, 161, 0xB, (byte) 2));
        assertThat(received(farA).get(12)).isEqualTo((byte) 2);
    }

    @Test // RFC 3550 section 6.4
    void shouldReportWhatWasReceivedAndSentWhenTheIntervalIsOver() {
        try (DatagramSocket rtcpOfB = rtcpFar()) {
            DatagramSocket rtpOfB = far();
            Message a = core.answered(farA, Codec.PCMU, 0);
            core.command(CoreCommand.DIAL, 0, message -> message.reference(77));
            Message b = core.sipCommand(SipCommand.INVITE);
            core.sip(SipEvent.ANSWERED, b.leg(), message -> {
                media(message, rtpOfB, Codec.PCMU, 0);
                message.media().ports(rtpOfB.getLocalPort(), rtcpOfB.getLocalPort());
            });
            core.command(CoreCommand.JOIN, a.leg(), message -> message.otherLeg(b.leg()));
            for (int i = 0; i < 4; i++) {
                core.send(farA, a.port(), rtp(0, i, 160 * i, 0xA, (byte) 1));
                core.send(rtpOfB, b.port(), rtp(0, i, 160 * i, 0xB, (byte) 1));
            }
            ByteBuffer report = null;
            for (int i = 0; i < 200 && report == null; i++) {
                core.step();
                report = received(rtcpOfB);
            }
            RtcpReader reader = new RtcpReader();
            byte[] bytes = new byte[report.remaining()];
            report.get(bytes);
            assertThat(reader.wrap(new UnsafeBuffer(bytes), 0, bytes.length)).isTrue();
            assertThat(reader.next()).isTrue();
            assertThat(reader.type()).isEqualTo(RtcpReader.SENDER_REPORT);
            assertThat(reader.packetsSent()).isEqualTo(4);
            assertThat(reader.blockSsrc(0)).isEqualTo(0xB);
            assertThat(reader.cumulativeLost(0)).isZero();
            rtpOfB.close();
        }
    }

    private static DatagramSocket rtcpFar() {
        return far();
    }

    @Test
    void shouldOfferWhatTheCallerSpeaksFirstWhenDialling() {
        Message a = core.answered(farA, Codec.PCMA, 8);
        core.command(CoreCommand.DIAL, 0, message -> message.otherLeg(a.leg()));
        assertThat(core.sipCommand(SipCommand.INVITE).codecs()).containsExactly(Codec.PCMA, Codec.PCMU);
        core.command(CoreCommand.DIAL, 0, message -> {});
        assertThat(core.sipCommand(SipCommand.INVITE).codecs()).containsExactly(Codec.PCMU, Codec.PCMA);
    }

    @Test
    void shouldRefuseACommandWhenItsHandleIsStale() {
        long leg = core.offer(farA, Codec.PCMU, 0);
        core.end(leg);
        long again = core.offer(farA, Codec.PCMU, 0);
        assertThat(again).isNotEqualTo(leg);
        core.command(CoreCommand.ANSWER, leg, message -> {});
        Message refused = core.event(CoreEvent.REFUSED);
        assertThat(refused.leg()).isEqualTo(leg);
        assertThat(refused.status()).isEqualTo(CoreCommand.ANSWER);
    }

    @Test
    void shouldTellControlAndStopMediaAtOnceWhenTheFarEndSaysBye() {
        Message[] legs = joined(Codec.PCMU, 0, Codec.PCMU, 0);
        core.sip(SipEvent.ENDED, legs[1].leg(), message -> message.status(200).cause(Cause.FAR_END_BYE));
        Message ended = core.event(CoreEvent.ENDED);
        assertThat(ended.cause()).isEqualTo(Cause.FAR_END_BYE);
        core.send(farA, legs[0].port(), rtp(0, 1, 1, 1, (byte) 1));
        assertThat(core.counter(CoreCounters.DROPPED_NOT_JOINED)).isEqualTo(1);
        assertThat(core.counter(CoreCounters.BRIDGES)).isZero();
        assertThat(core.counter(CoreCounters.LEGS)).isEqualTo(2);
        core.sip(SipEvent.TERMINATED, legs[1].leg(), message -> {});
        assertThat(core.counter(CoreCounters.LEGS)).isEqualTo(1);
        assertThat(core.hasEvent()).isFalse();
    }

    @Test
    void shouldNotTellControlWhenALegAnswersAfterItWasEnded() {
        core.command(CoreCommand.DIAL, 0, message -> message.reference(1));
        long leg = core.sipCommand(SipCommand.INVITE).leg();
        core.command(CoreCommand.END, leg, message -> {});
        core.sipCommand(SipCommand.END);
        core.sip(SipEvent.ANSWERED, leg, message -> message.status(200));
        assertThat(core.hasEvent()).isFalse();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isZero();
    }

    @Test
    void shouldAnswer503AndRefuseTheDialWhenPortsAreUsedUp() {
        for (int i = 0; i < 16; i++) {
            core.offer(farA, Codec.PCMU, 0);
        }
        core.sip(SipEvent.OFFERED, 0, message -> message.otherLeg(99));
        Message refused = core.sipCommand(SipCommand.REFUSE);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.otherLeg()).isEqualTo(99);
        core.command(CoreCommand.DIAL, 0, message -> message.reference(5));
        Message dialRefused = core.event(CoreEvent.DIAL_REFUSED);
        assertThat(dialRefused.reference()).isEqualTo(5);
        assertThat(dialRefused.status()).isEqualTo(500);
        assertThat(dialRefused.reason()).contains("port");
    }

    @Test
    void shouldTellControlWhenATimerExpiresAndNotWhenItWasDisarmed() {
        core.command(CoreCommand.ARM_TIMER, 0, message -> message.reference(1)
                .call(9)
                .durationNs(2_000_000));
        core.command(CoreCommand.ARM_TIMER, 0, message -> message.reference(2)
                .call(9)
                .durationNs(2_000_000));
        core.command(CoreCommand.DISARM_TIMER, 0, message -> message.reference(2));
        long endNs = System.nanoTime() + 20_000_000L;
        while (System.nanoTime() < endNs) {
            core.step();
        }
        assertThat(core.event(CoreEvent.TIMER_EXPIRED).reference()).isEqualTo(1);
        assertThat(core.hasEvent()).isFalse();
        assertThat(core.counter(CoreCounters.TIMERS)).isZero();
    }

    @Test
    void shouldStandWhereItStartedWhenAThousandLegsHaveComeAndGone() {
        for (int i = 0; i < 1000; i++) {
            core.end(core.offer(farA, Codec.PCMU, 0));
        }
        assertThat(core.counter(CoreCounters.LEGS)).isZero();
        assertThat(core.counter(CoreCounters.PORTS)).isZero();
        assertThat(core.counter(CoreCounters.BRIDGES)).isZero();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isZero();
        assertThat(core.hasEvent()).isFalse();
    }

    @Test
    void shouldTakeLittleMemoryWhenALegIsIdle() {
        assertThat(LegTable.bytesPerLeg()).isLessThanOrEqualTo(1040);
    }

    @Test
    void shouldLeaveNothingBehindWhenItWarmsUp() {
        CoreSettings settings = new CoreSettings(
                0,
                4,
                64,
                io.hookswitch.engine.io.IdleMode.BALANCED,
                io.hookswitch.engine.io.TransportKind.AUTO,
                64,
                4096,
                500);
        MediaSettings media = MediaSettings.of(java.net.InetAddress.getLoopbackAddress(), 34200, 34231);
        CoreAgent warm =
                new CoreAgent(settings, media, CoreRings.of(settings), System::nanoTime, () -> 0, 1, core.errors::add);
        warm.onStart();
        for (int counter = 0; counter < CoreCounters.COUNT; counter++) {
            assertThat(warm.counters().value(counter))
                    .as(CoreCounters.name(counter))
                    .isZero();
        }
        assertThat(warm.latency().takeInterval().getTotalCount()).isZero();
        assertThat(warm.transport().counters().value(io.hookswitch.engine.io.TransportCounters.SENT))
                .as("packets it moved")
                .isGreaterThanOrEqualTo(900);
        assertThat(warm.transport().counters().value(io.hookswitch.engine.io.TransportCounters.SOCKETS))
                .as("only the 16 pairs of ports that are ready for legs")
                .isEqualTo(32);
        warm.onClose();
    }
}
