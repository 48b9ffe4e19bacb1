package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.rtp.G711;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How loud one leg is for its peer. */
class GainTest {
    private static final byte LOUD = G711.encodeMuLaw(4_000);

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private int sequence;

    @AfterEach
    void close() {
        stepped.close();
    }

    private void gain(long leg, int db) {
        core.command(CoreCommand.GAIN, leg, message -> message.status(db));
    }

    /** @return the last octet of what B gets of one packet of A's. */
    private Byte heard(Message a, int payloadType, byte octet) {
        sequence++;
        Sent sent = stepped.send(A, a.port(), rtp(payloadType, sequence, sequence * 160, 1, octet, octet));
        return sent == null ? null : sent.bytes()[sent.bytes().length - 1];
    }

    @Test
    void shouldBeLouderForThePeerAndForNobodyElse() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        gain(legs[0].leg(), 6);
        assertThat((double) G711.decodeMuLaw(heard(legs[0], 0, LOUD))).isBetween(7_600.0, 8_400.0);

        Sent back = stepped.send(B, legs[1].port(), rtp(0, 1, 160, 2, LOUD));
        assertThat(back.bytes()[12]).isEqualTo(LOUD);
        gain(legs[0].leg(), 0);
        assertThat(heard(legs[0], 0, LOUD)).isEqualTo(LOUD);
    }

    @Test
    void shouldBeHeardInThePeersLawWhenTheLawsDiffer() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMA, 8);
        gain(legs[0].leg(), -12);
        assertThat((double) G711.decodeALaw(heard(legs[0], 0, LOUD))).isBetween(940.0, 1_070.0);
        gain(legs[0].leg(), CoreCommand.MUTE);
        assertThat(heard(legs[0], 0, LOUD)).isEqualTo(G711.A_LAW_SILENCE);
    }

    @Test
    void shouldSendSilenceWhenALegIsMutedAndLetItsKeysPass() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        gain(legs[0].leg(), CoreCommand.MUTE);
        assertThat(heard(legs[0], 0, LOUD)).isEqualTo(G711.MU_LAW_SILENCE);

        byte[] key = {7, 10, 0, (byte) 160};
        Sent pressed = stepped.send(A, legs[0].port(), rtp(101, ++sequence, 1, 1, key));
        assertThat(pressed.bytes()[12]).isEqualTo((byte) 7);
    }

    @Test
    void shouldKeepBackWhatItCannotSilenceWhenALegIsMuted() {
        Message[] legs = stepped.joined(Codec.OPUS, 111, Codec.OPUS, 111);
        gain(legs[0].leg(), CoreCommand.MUTE);
        assertThat(heard(legs[0], 111, LOUD)).isNull();
        gain(legs[0].leg(), 6);
        assertThat(heard(legs[0], 111, LOUD)).isEqualTo(LOUD);
    }

    @ParameterizedTest
    @ValueSource(ints = {41, -41, -127, 1000})
    void shouldRefuseAGainThatIsNone(int db) {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        gain(legs[0].leg(), db);
        assertThat(core.event(CoreEvent.REFUSED).leg()).isEqualTo(legs[0].leg());
        assertThat(heard(legs[0], 0, LOUD)).isEqualTo(LOUD);
    }
}
