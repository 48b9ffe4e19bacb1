package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class G711GainTest {
    private static final int SAMPLES = 8000;

    private static double level(UnsafeBuffer audio, boolean muLaw) {
        double power = 0;
        for (int i = 0; i < SAMPLES; i++) {
            double linear = muLaw ? G711.decodeMuLaw(audio.getByte(i)) : G711.decodeALaw(audio.getByte(i));
            power += linear * linear / SAMPLES;
        }
        return 10 * Math.log10(power);
    }

    private static UnsafeBuffer tone(boolean muLaw) {
        UnsafeBuffer audio = new UnsafeBuffer(new byte[SAMPLES]);
        for (int i = 0; i < SAMPLES; i++) {
            int linear = (int) (2000 * Math.sin(2 * Math.PI * 440 * i / 8000));
            audio.putByte(i, muLaw ? G711.encodeMuLaw(linear) : G711.encodeALaw(linear));
        }
        return audio;
    }

    @ParameterizedTest
    @ValueSource(ints = {-20, -6, -1, 0, 1, 6, 20})
    void shouldChangeTheLevelByTheDecibelsAsked(int db) {
        UnsafeBuffer muLaw = tone(true);
        UnsafeBuffer aLaw = tone(false);
        double before = level(muLaw, true);
        G711Gain.muLaw(muLaw, 0, SAMPLES, db);
        G711Gain.aLaw(aLaw, 0, SAMPLES, db);
        assertThat(level(muLaw, true) - before).isCloseTo(db, within(0.3));
        assertThat(level(aLaw, false) - before).isCloseTo(db, within(0.4));
    }

    @Test
    void shouldClipAtTheLargestValueOfTheLaw() {
        UnsafeBuffer audio = new UnsafeBuffer(new byte[] {G711.encodeMuLaw(20_000), G711.encodeMuLaw(-20_000)});
        G711Gain.muLaw(audio, 0, 2, G711Gain.HIGHEST_DB);
        assertThat(G711.decodeMuLaw(audio.getByte(0))).isEqualTo((short) 32_124);
        assertThat(G711.decodeMuLaw(audio.getByte(1))).isEqualTo((short) -32_124);
    }

    @Test
    void shouldTouchNothingOutsideOfTheAudio() {
        UnsafeBuffer audio = new UnsafeBuffer(new byte[] {1, 2, 3});
        G711Gain.aLaw(audio, 1, 1, 20);
        assertThat(audio.getByte(0)).isEqualTo((byte) 1);
        assertThat(audio.getByte(2)).isEqualTo((byte) 3);
    }
}
