package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.SipEvent;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Legs with keys, their far ends played with a transform of their own. */
class SrtpPathTest {
    private static final byte[] AUDIO = new byte[160];

    static {
        Arrays.fill(AUDIO, (byte) 0x55);
    }

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private final SrtpFarEnd farA = new SrtpFarEnd(10);
    private final SrtpFarEnd farB = new SrtpFarEnd(20);

    @AfterEach
    void close() {
        stepped.close();
    }

    private void keys(long leg, InetSocketAddress far, SrtpFarEnd keys) {
        core.sip(SipEvent.MEDIA_CHANGED, leg, message -> {
            CoreHarness.media(message, far, Codec.PCMU, 0);
            message.media().srtp(1 + SrtpFarEnd.SUITE.ordinal(), keys.ours, keys.theirs);
        });
    }

    private void plain(long leg, InetSocketAddress far) {
        core.sip(SipEvent.MEDIA_CHANGED, leg, message -> CoreHarness.media(message, far, Codec.PCMU, 0));
    }

    @Test
    void shouldTranslateBothWaysWhenOneLegIsSecureAndTheOtherPlain() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[1].leg(), B, farB);
        for (int i = 0; i < 100; i++) {
            stepped.nowNs += 20 * MS;
            Sent toB = stepped.send(A, legs[0].port(), rtp(0, 65_500 + i & 0xFFFF, i * 160, 7, AUDIO));
            assertThat(toB.bytes()).hasSize(12 + 160 + 10);
            byte[] heard = farB.unprotect(toB);
            assertThat(Arrays.copyOfRange(heard, 12, heard.length)).isEqualTo(AUDIO);
            Sent toA = stepped.send(B, legs[1].port(), farB.protect(rtp(0, 65_500 + i & 0xFFFF, i * 160, 8, AUDIO)));
            assertThat(toA.bytes()).hasSize(12 + 160);
            assertThat(Arrays.copyOfRange(toA.bytes(), 12, 172)).isEqualTo(AUDIO);
        }
    }

    @Test
    void shouldProtectARecordingInTheStreamOfTheBridgeWhenTheLegHasKeys() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[0].leg(), A, farA);
        try (Recordings recordings = new Recordings()) {
            farA.unprotect(stepped.send(B, legs[1].port(), rtp(0, 1, 160, 7, AUDIO)));
            core.command(CoreCommand.PLAY, legs[0].leg(), message -> {
                message.reference(1);
                Recordings.order(message, recordings.mulaw(800, false), 1, 0);
            });
            for (int frame = 0; frame < 5; frame++) {
                stepped.transport.forgetSent();
                stepped.pass(frame == 0 ? MS : 20 * MS);
                byte[] heard = farA.unprotect(stepped.transport.takeSent());
                assertThat(heard).hasSize(172);
                assertThat(heard[12]).isEqualTo(Recordings.code(Codec.PCMU, frame * 160));
            }
            stepped.pass(20 * MS);
            assertThat(farA.unprotect(stepped.send(B, legs[1].port(), rtp(0, 2, 320, 7, AUDIO))))
                    .endsWith(AUDIO);
        }
    }

    @Test
    void shouldChangeKeysOnTheWayWhenBothLegsAreSecure() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[0].leg(), A, farA);
        keys(legs[1].leg(), B, farB);
        byte[] audio = farB.unprotect(stepped.send(A, legs[0].port(), farA.protect(rtp(0, 1, 160, 7, AUDIO))));
        assertThat(Arrays.copyOfRange(audio, 12, audio.length)).isEqualTo(AUDIO);
        assertThat(stepped.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(1);
    }

    @Test // RFC 3711 section 3.3.1
    void shouldBeUnderstoodWhenTheSequenceNumbersOfBothSidesWrap() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[0].leg(), A, farA);
        keys(legs[1].leg(), B, farB);
        for (int i = 0; i < 140_000; i++) {
            stepped.nowNs += 20 * MS;
            byte[] heard = farB.unprotect(
                    stepped.send(A, legs[0].port(), farA.protect(rtp(0, i + 60_000 & 0xFFFF, i * 160, 7, AUDIO))));
            assertThat(heard).hasSize(172).endsWith(AUDIO);
        }
        assertThat(stepped.counter(CoreCounters.SRTP_REPLAYED)).isZero();
        assertThat(stepped.counter(CoreCounters.SRTP_NOT_AUTHENTIC)).isZero();
    }

    @Test
    void shouldDropAndCountWhenPacketsAreForgedReplayedOrPlain() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[0].leg(), A, farA);
        byte[] good = farA.protect(rtp(0, 1, 160, 7, AUDIO));
        byte[] forged = good.clone();
        forged[20] ^= 1;
        assertThat(stepped.send(A, legs[0].port(), forged)).isNull();
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 1, 160, 7, AUDIO))).isNull();
        assertThat(stepped.counter(CoreCounters.SRTP_NOT_AUTHENTIC)).isEqualTo(2);
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 1, 160, 7))).isNull();
        assertThat(stepped.counter(CoreCounters.SRTP_BAD_LENGTH)).isEqualTo(1);
        assertThat(stepped.send(A, legs[0].port(), good)).isNotNull();
        assertThat(stepped.send(A, legs[0].port(), good)).isNull();
        assertThat(stepped.counter(CoreCounters.SRTP_REPLAYED)).isEqualTo(1);
        assertThat(stepped.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(1);
    }

    @Test
    void shouldLearnNoSourceWhenPacketsAreForged() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[0].leg(), A, farA);
        // From the host of the description, but another port: three good ones in a row would be believed.
        InetSocketAddress elsewhere = at("192.0.2.1", 4999);
        for (int i = 0; i < 10; i++) {
            assertThat(stepped.send(elsewhere, legs[0].port(), rtp(0, i, i * 160, 7, AUDIO)))
                    .isNull();
        }
        assertThat(stepped.counter(CoreCounters.SOURCES_LEARNT)).isZero();
        for (int i = 0; i < 3; i++) {
            stepped.send(elsewhere, legs[0].port(), farA.protect(rtp(0, i, i * 160, 7, AUDIO)));
        }
        assertThat(stepped.counter(CoreCounters.SOURCES_LEARNT)).isEqualTo(1);
    }

    @Test
    void shouldGoOnCountingWhenARefreshNamesTheSameKeysAndAnewWhenItNamesOthers() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[0].leg(), A, farA);
        byte[] first = farA.protect(rtp(0, 1, 160, 7, AUDIO));
        assertThat(stepped.send(A, legs[0].port(), first)).isNotNull();
        keys(legs[0].leg(), A, farA);
        assertThat(stepped.send(A, legs[0].port(), first)).isNull();
        assertThat(stepped.counter(CoreCounters.SRTP_REPLAYED)).isEqualTo(1);
        farA.sendKey(99);
        keys(legs[0].leg(), A, farA);
        assertThat(stepped.send(A, legs[0].port(), first)).isNull();
        assertThat(stepped.counter(CoreCounters.SRTP_NOT_AUTHENTIC)).isEqualTo(1);
        assertThat(stepped.send(A, legs[0].port(), farA.protect(rtp(0, 2, 320, 7, AUDIO))))
                .isNotNull();
        plain(legs[0].leg(), A);
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 3, 480, 7, AUDIO))).isNotNull();
    }

    @Test
    void shouldProtectReportsWhenTheLegIsSecure() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        keys(legs[1].leg(), B, farB);
        stepped.send(A, legs[0].port(), rtp(0, 1, 160, 7, AUDIO));
        int reports = 0;
        for (int i = 0; i < 20_000 && reports == 0; i++) {
            stepped.pass(MS);
            for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
                if (sent.to().getAddress().equals(B.getAddress())) {
                    assertThat(farB.unprotectReport(sent)[1] & 0xFF).isEqualTo(200);
                    reports++;
                }
            }
        }
        assertThat(reports).isPositive();
    }

    @Test
    void shouldUseContextsAgainWhenCallsFollowEachOther() {
        for (int call = 0; call < 40; call++) {
            Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
            SrtpFarEnd far = new SrtpFarEnd(call);
            keys(legs[0].leg(), A, far);
            assertThat(stepped.send(A, legs[0].port(), far.protect(rtp(0, 5, 160, 7, AUDIO))))
                    .as("call %d", call)
                    .isNotNull();
            core.command(CoreCommand.END, legs[0].leg(), message -> message.status(603));
            core.anySipCommand();
            core.sip(SipEvent.TERMINATED, legs[0].leg(), message -> {});
            core.end(legs[1].leg());
            stepped.transport.forgetSent();
        }
    }
}
