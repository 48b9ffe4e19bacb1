package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.C;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaPathTest {
    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;

    @AfterEach
    void close() {
        stepped.close();
    }

    private static int payloadType(Sent sent) {
        return sent.bytes()[1] & 0x7F;
    }

    private void join(boolean isFirst, long leg, long other) {
        stepped.join(isFirst ? leg : other, isFirst ? other : leg);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGoOnWithOneStreamWhenTheNewPeerHasTheSameSsrc(boolean isFirst) {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        Sent before = stepped.send(B, legs[1].port(), rtp(0, 100, 16_000, 7));
        stepped.nowNs += 20 * MS;
        Message c = core.dialled(C, Codec.PCMU, 0, legs[0].leg());
        join(isFirst, legs[0].leg(), c.leg());
        Sent after = stepped.send(C, c.port(), rtp(0, 105, 90_000, 7));
        assertThat(after.to()).isEqualTo(A);
        assertThat(after.packet().getInt(8)).isEqualTo(before.packet().getInt(8));
        assertThat((short) (after.packet().getShort(2) - before.packet().getShort(2)))
                .isEqualTo((short) 1);
        assertThat(after.packet().getInt(4) - before.packet().getInt(4)).isEqualTo(160);
        assertThat(after.bytes()[1] & 0x80).as("marker").isEqualTo(0x80);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldUseNoMapOfAFormerPeerWhenTheNewOneHasNegotiatedNothing(boolean isFirst) {
        Message[] legs = stepped.joined(Codec.PCMA, 8, Codec.PCMU, 0);
        assertThat(payloadType(stepped.send(B, legs[1].port(), rtp(0, 1, 1, 1))))
                .isEqualTo(8);
        long offered = core.offer(C, Codec.PCMU, 0);
        core.command(
                CoreCommand.PROGRESS, offered, message -> message.status(183).otherLeg(legs[0].leg()));
        int port = core.sipCommand(SipCommand.PROGRESS).port();
        join(isFirst, legs[0].leg(), offered);
        assertThat(stepped.send(C, port, rtp(0, 1, 1, 9)))
                .as("codec not settled yet")
                .isNull();
        core.sip(SipEvent.MEDIA_CHANGED, offered, message -> CoreHarness.media(message, C, Codec.PCMU, 0));
        assertThat(payloadType(stepped.send(C, port, rtp(0, 2, 161, 9)))).isEqualTo(8);
    }

    @Test
    void shouldSendNothingWhenTheCodecsHaveNothingInCommon() {
        int unheardOf = 17;
        Message[] legs = stepped.joined(unheardOf, 111, Codec.PCMU, 0);
        assertThat(stepped.send(A, legs[0].port(), rtp(111, 1, 1, 1))).isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_UNMAPPED)).isEqualTo(1);
        assertThat(payloadType(
                        stepped.send(A, legs[0].port(), rtp(101, 2, 1, 1, (byte) 1, (byte) 10, (byte) 0, (byte) 160))))
                .as("keys pass all the same")
                .isEqualTo(101);
    }

    @Test
    void shouldTranslateThePayloadTypeOfKeysWhenTheFarEndsDiffer() {
        Message a = core.answered(A, Codec.OPUS, 111);
        core.sip(SipEvent.MEDIA_CHANGED, a.leg(), message -> {
            CoreHarness.media(message, A, Codec.OPUS, 111);
            message.media().telephoneEvent(96, 8000);
        });
        Message b = core.dialled(B, Codec.OPUS, 120, a.leg());
        stepped.join(a.leg(), b.leg());
        assertThat(payloadType(stepped.send(A, a.port(), rtp(111, 1, 1, 1)))).isEqualTo(120);
        byte[] key = {7, 10, 0, (byte) 160};
        assertThat(payloadType(stepped.send(A, a.port(), rtp(96, 2, 1, 1, key))))
                .isEqualTo(101);
        assertThat(payloadType(stepped.send(B, b.port(), rtp(101, 1, 1, 1, key))))
                .isEqualTo(96);
    }

    @Test // RFC 3264 section 5.1 and RFC 2543's way to hold
    void shouldSendNowhereWhenTheDescriptionHasNoAddressOrPort() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        List<InetSocketAddress> held = List.of(at("0.0.0.0", 4000), at("192.0.2.1", 0));
        int sequence = 0;
        for (InetSocketAddress nowhere : held) {
            core.sip(SipEvent.MEDIA_CHANGED, legs[0].leg(), message -> {
                CoreHarness.media(message, nowhere, Codec.PCMU, 0);
                message.media().ports(nowhere.getPort(), nowhere.getPort());
            });
            sequence++;
            assertThat(stepped.send(B, legs[1].port(), rtp(0, sequence, sequence, 1)))
                    .as(nowhere.toString())
                    .isNull();
        }
        core.sip(SipEvent.MEDIA_CHANGED, legs[0].leg(), message -> {
            message.media().begin().ports(4000, 4001).addCodec(Codec.PCMU, 0, -1, 8000);
        });
        assertThat(stepped.send(B, legs[1].port(), rtp(0, 9, 9, 1)))
                .as("no address at all")
                .isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_HELD)).isEqualTo(3);
        stepped.transport.forgetSent();
        stepped.pass(20 * SteppedCore.S);
        for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
            assertThat(sent.to().getAddress()).isEqualTo(B.getAddress());
        }
    }

    @Test
    void shouldTakeNothingWhenTheFarEndSaidItSendsNothing() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        core.sip(SipEvent.MEDIA_CHANGED, legs[1].leg(), message -> {
            CoreHarness.media(message, B, Codec.PCMU, 0);
            message.media().direction(MediaFlyweight.SEND);
        });
        assertThat(stepped.send(B, legs[1].port(), rtp(0, 1, 1, 1))).isNull();
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 1, 1, 1)).to()).isEqualTo(B);
    }

    @Test
    void shouldSendToTheDescribedAddressWhenNothingHasComeFromThere() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        assertThat(stepped.transport.connectedTo(legs[1].port())).isNull();
        Sent sent = stepped.send(A, legs[0].port(), rtp(0, 1, 1, 1));
        assertThat(sent.to()).isEqualTo(B);
        assertThat(sent.fromPort()).isEqualTo(legs[1].port());
    }

    @Test
    void shouldEndAPressWhenAllItsEndPacketsAreLost() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        byte[] key = {11, 10, 1, 64};
        stepped.send(A, legs[0].port(), rtp(101, 1, 1, 1, key));
        stepped.pass(199 * MS);
        assertThat(core.anyEvent()).isNull();
        stepped.pass(MS);
        Message digit = core.event(CoreEvent.DIGIT);
        assertThat((char) digit.cause()).isEqualTo('#');
        stepped.send(A, legs[0].port(), rtp(101, 2, 1, 1, (byte) 11, (byte) 0x8A, (byte) 1, (byte) 64));
        stepped.pass(500 * MS);
        assertThat(core.anyEvent()).isNull();
        assertThat(stepped.counter(CoreCounters.DIGITS)).isEqualTo(1);
    }

    @Test
    void shouldForgetAPressWhenItsLegEnds() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        stepped.send(A, legs[0].port(), rtp(101, 1, 1, 1, (byte) 11, (byte) 10, (byte) 1, (byte) 64));
        core.end(legs[0].leg());
        stepped.pass(500 * MS);
        assertThat(core.anyEvent()).isNull();
    }

    @Test
    void shouldCountAndDropWhateverIsNoMediaOfTheLeg() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        assertThat(stepped.send(A, legs[0].port(), new byte[0])).isNull();
        assertThat(stepped.send(A, legs[0].port(), new byte[11])).isNull();
        assertThat(stepped.send(A, legs[0].port(), new byte[200])).isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_NOT_RTP)).isEqualTo(3);
        assertThat(stepped.send(A, legs[0].port(), rtp(77, 1, 1, 1))).isNull();
        stepped.send(A, legs[0].port(), rtp(0, 2, 161, 1));
        stepped.send(A, legs[0].port(), rtp(0, 3, 321, 1));
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 3, 321, 1)))
                .as("twice the same")
                .isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_DUPLICATE)).isEqualTo(1);
        assertThat(stepped.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(2);
    }

    @Test
    void shouldNeverGiveTwoPacketsOneNumberWhenTheNetworkAndTheSourceMisbehave() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMA, 8);
        Random random = new Random(20);
        List<Sent> all = new ArrayList<>();
        int ssrc = 1;
        int sequence = 65_000;
        for (int i = 0; i < 20_000; i++) {
            stepped.nowNs += 20 * MS;
            if (random.nextInt(1000) == 0) {
                ssrc = random.nextInt();
                sequence = random.nextInt(65_536);
            }
            sequence += 1 + (random.nextInt(50) == 0 ? random.nextInt(5) : 0);
            int late = random.nextInt(30) == 0 ? random.nextInt(20) : 0;
            int copies = random.nextInt(40) == 0 ? 2 : 1;
            for (int copy = 0; copy < copies; copy++) {
                Sent sent = stepped.send(A, legs[0].port(), rtp(0, sequence - late, (sequence - late) * 160, ssrc));
                if (sent != null && sent.to().equals(B)) {
                    all.add(sent);
                    assertThat(payloadType(sent)).isEqualTo(8);
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(15_000);
        // Fewer than 2^16 packets: a number that comes again is a copy of the same packet (only those of a source that
        // has not proved itself pass twice), never another one.
        Map<Integer, Sent> byNumber = new HashMap<>();
        int copies = 0;
        for (Sent sent : all) {
            Sent before = byNumber.put(sent.packet().getShort(2) & 0xFFFF, sent);
            if (before != null) {
                copies++;
                assertThat(sent.packet().position(4)).isEqualTo(before.packet().position(4));
            }
        }
        assertThat(copies).isLessThan(10);
    }
}
