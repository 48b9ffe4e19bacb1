package io.hookswitch.rtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateConverterTest {
    private static final int PACKET = 160;
    private static final int SAMPLES = PACKET * 50;

    private final RateConverter converter = new RateConverter();

    private short[] doubled(short[] in) {
        short[] work = new short[RateConverter.HISTORY + PACKET];
        short[] out = new short[in.length * 2];
        for (int at = 0; at < in.length; at += PACKET) {
            System.arraycopy(in, at, work, RateConverter.HISTORY, PACKET);
            converter.doubled(work, RateConverter.HISTORY, PACKET, out, at * 2);
        }
        return out;
    }

    private short[] halved(short[] in) {
        short[] work = new short[RateConverter.HISTORY + PACKET];
        short[] out = new short[in.length / 2];
        for (int at = 0; at < in.length; at += PACKET) {
            System.arraycopy(in, at, work, RateConverter.HISTORY, PACKET);
            converter.halved(work, RateConverter.HISTORY, PACKET, out, at / 2);
        }
        return out;
    }

    @ParameterizedTest
    @ValueSource(doubles = {200, 1000, 2000, 3200})
    void shouldKeepATone(double hertz) {
        short[] narrow = Signals.tone(8000, hertz, 0.5, SAMPLES);
        short[] wide = Signals.tone(16_000, hertz, 0.5, SAMPLES * 2);
        assertThat(Signals.snr(wide, doubled(narrow), 1000, 8000, 60)).isGreaterThan(45);
        converter.reset();
        assertThat(Signals.snr(narrow, halved(wide), 1000, 4000, 60)).isGreaterThan(45);
    }

    @ParameterizedTest
    @ValueSource(doubles = {4800, 6000, 7500})
    void shouldLetNothingThroughThatHasNoPlace(double hertz) {
        short[] out = halved(Signals.tone(16_000, hertz, 0.5, SAMPLES));
        for (int i = 100; i < out.length; i++) {
            assertThat(Math.abs(out[i])).isLessThan(60);
        }
    }
}
