package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.DtmfToneGenerator;
import io.hookswitch.rtp.InbandDtmfDetector;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A has G.711 and no telephone events, B has both. */
class InbandPathTest {
    private static final int SAMPLES = 160;

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private final DtmfToneGenerator tones = new DtmfToneGenerator(-9, -7);
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[SAMPLES]);
    private final InbandDtmfDetector ear =
            new InbandDtmfDetector().wrap(new UnsafeBuffer(new byte[InbandDtmfDetector.RECORD_LENGTH]), 0);
    private final StringBuilder heardByA = new StringBuilder();
    private final StringBuilder toldToB = new StringBuilder();
    private int audioAtB;
    private int lastSequenceAtA = -1;
    private int holesAtA;
    private int sequence = 65_500;

    @AfterEach
    void close() {
        stepped.close();
    }

    private Message[] joined() {
        Message[] legs = stepped.joined(Codec.PCMA, 8, Codec.PCMA, 8);
        withoutEvents(legs[0], A);
        return legs;
    }

    private void withoutEvents(Message leg, InetSocketAddress far) {
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> {
            CoreHarness.media(message, far, Codec.PCMA, 8);
            message.media().telephoneEvent(-1, 0);
        });
    }

    /** A says one packet: 20 ms of a key, or of silence. */
    private void say(Message leg, char key, int from, int total) {
        if (key == 0) {
            Arrays.fill(payload.byteArray(), (byte) 0xD5);
        } else {
            tones.fill(payload, 0, SAMPLES, key, from, total, true);
        }
        stepped.transport.arrive(leg.port(), rtp(8, sequence & 0xFFFF, sequence * SAMPLES, 7, payload.byteArray()), A);
        sequence++;
        pass(20);
    }

    private void pass(int ms) {
        for (int i = 0; i < ms; i++) {
            stepped.pass(MS);
            for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
                hear(sent);
            }
        }
    }

    private void hear(Sent sent) {
        int type = sent.bytes()[1] & 0x7F;
        if (sent.to().equals(B) && type == 101 && sent.bytes()[1] < 0) {
            toldToB.append((char) ('0' + sent.bytes()[12]));
        } else if (sent.to().equals(B) && type == 8) {
            audioAtB++;
        } else if (sent.to().equals(A) && type == 8 && sent.bytes().length == 12 + SAMPLES) {
            int number = sent.packet().getShort(2) & 0xFFFF;
            holesAtA += lastSequenceAtA >= 0 && (number - lastSequenceAtA & 0xFFFF) != 1 ? 1 : 0;
            lastSequenceAtA = number;
            if ((ear.onAudio(new UnsafeBuffer(sent.bytes()), 12, SAMPLES, true) & InbandDtmfDetector.ENDED) != 0) {
                heardByA.append(ear.releasedKey());
            }
        }
    }

    private void press(Message leg, char key, int ms) {
        int total = ms * 8;
        for (int from = 0; from < total; from += SAMPLES) {
            say(leg, key, from, total);
        }
        for (int i = 0; i < 8; i++) {
            say(leg, (char) 0, 0, 0);
        }
    }

    @Test
    void shouldTellControlOnceAndThePeerAsTelephoneEventWhenAKeySounds() {
        Message[] legs = joined();
        for (int i = 0; i < 10; i++) {
            say(legs[0], (char) 0, 0, 0);
        }
        int before = audioAtB;
        press(legs[0], '5', 200);
        press(legs[0], '9', 80);
        pass(500);
        assertThat(stepped.counter(CoreCounters.DIGITS)).isEqualTo(2);
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('5');
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('9');
        assertThat(toldToB.toString()).isEqualTo("59");
        // 30 packets said; of the tones only what came before they were known for keys.
        assertThat(audioAtB - before).isBetween(16, 24);
    }

    @Test
    void shouldHearAKeyOnceWhenPacketsOfItAreLost() {
        Message[] legs = joined();
        for (int i = 0; i < 5; i++) {
            say(legs[0], (char) 0, 0, 0);
        }
        for (int from = 0; from < 1600; from += SAMPLES) {
            if (from == 640) {
                sequence++;
            } else {
                say(legs[0], '7', from, 1600);
            }
        }
        for (int i = 0; i < 8; i++) {
            say(legs[0], (char) 0, 0, 0);
        }
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('7');
        assertThat(core.hasEvent()).isFalse();
    }

    @Test
    void shouldSoundKeysOfControlsInTheAudioWhenTheFarEndHasNoEvents() {
        Message[] legs = joined();
        core.command(CoreCommand.SEND_DIGITS, legs[0].leg(), message -> {
            message.reference(4711).durationNs(100 * MS).status(80).cause(10);
            message.put(Field.DIGITS, "1#A0");
        });
        for (int i = 0; i < 60; i++) {
            byte[] audio = new byte[SAMPLES];
            Arrays.fill(audio, (byte) 0xD5);
            stepped.transport.arrive(legs[1].port(), rtp(8, i, i * SAMPLES, 9, audio), B);
            pass(20);
        }
        assertThat(heardByA.toString()).isEqualTo("1#A0");
        assertThat(holesAtA).as("numbers left out toward A").isZero();
        Message told = core.event(CoreEvent.DIGITS_SENT);
        assertThat(told.reference()).isEqualTo(4711);
        assertThat(told.status()).isZero();
    }

    @Test
    void shouldSoundATelephoneEventOfThePeersWhenTheFarEndHasNone() {
        Message[] legs = joined();
        for (int i = 0; i < 12; i++) {
            boolean isEnd = i >= 9;
            int duration = Math.min(i + 1, 10) * SAMPLES;
            byte[] event = {3, (byte) (isEnd ? 0x8A : 0x0A), (byte) (duration >> 8), (byte) duration};
            byte[] packet = rtp(101, i, 16_000, 9, event);
            packet[1] |= (byte) (i == 0 ? 0x80 : 0);
            stepped.transport.arrive(legs[1].port(), packet, B);
            pass(20);
        }
        for (int i = 12; i < 24; i++) {
            byte[] audio = new byte[SAMPLES];
            Arrays.fill(audio, (byte) 0xD5);
            stepped.transport.arrive(legs[1].port(), rtp(8, i, 16_000 + i * SAMPLES, 9, audio), B);
            pass(20);
        }
        assertThat(heardByA.toString()).isEqualTo("3");
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('3');
    }

    @Test
    void shouldStopListeningWhenTelephoneEventsAreAgreedOn() {
        Message[] legs = joined();
        core.sip(SipEvent.MEDIA_CHANGED, legs[0].leg(), message -> CoreHarness.media(message, A, Codec.PCMA, 8));
        press(legs[0], '5', 200);
        assertThat(stepped.counter(CoreCounters.DIGITS)).isZero();
    }
}
