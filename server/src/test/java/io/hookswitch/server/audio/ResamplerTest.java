package io.hookswitch.server.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Measured with sines: what must pass does, what would fold back does not. */
class ResamplerTest {
    private static final double AMPLITUDE = 0.5;

    private float[] out = new float[0];
    private int length;

    private void take(float[] samples, int count) {
        if (length + count > out.length) {
            out = Arrays.copyOf(out, Math.max(2 * out.length, length + count));
        }
        System.arraycopy(samples, 0, out, length, count);
        length += count;
    }

    /** @return RMS of the middle of the output, as the amplitude of a sine. */
    private double passed(int from, int to, double hertz) {
        length = 0;
        Resampler resampler = new Resampler(from, to, this::take);
        float[] in = new float[from / 4];
        for (int i = 0; i < in.length; i++) {
            in[i] = (float) (AMPLITUDE * Math.sin(2 * Math.PI * hertz * i / from));
        }
        resampler.push(in, in.length);
        resampler.finish();
        double power = 0;
        int first = length / 4;
        int last = length * 3 / 4;
        for (int i = first; i < last; i++) {
            power += out[i] * out[i];
        }
        return Math.sqrt(2 * power / (last - first));
    }

    @ParameterizedTest
    @CsvSource({
        "8000,16000",
        "16000,8000",
        "11025,16000",
        "22050,16000",
        "32000,16000",
        "44100,16000",
        "44100,8000",
        "48000,16000",
        "48000,8000",
        "96000,16000",
        "192000,16000",
        "22051,16000",
        "4000,16000"
    })
    void shouldPassSpeechFlatAndRejectAliasesWhenRatesDiffer(int from, int to) {
        double lower = Math.min(from, to);
        for (double hertz = 0.02 * lower; hertz <= 0.44 * lower; hertz += 0.06 * lower) {
            double decibel = 20 * Math.log10(passed(from, to, hertz) / AMPLITUDE);
            assertThat(decibel).as(from + " to " + to + " at " + hertz).isBetween(-0.1, 0.1);
        }
        for (double hertz = 0.505 * lower; hertz < from / 2.0; hertz += Math.max(0.11 * lower, from / 19.0)) {
            double decibel = 20 * Math.log10(passed(from, to, hertz) / AMPLITUDE);
            assertThat(decibel).as(from + " to " + to + " at " + hertz).isLessThan(-75);
        }
    }

    @Test
    void shouldMakeNoImagesWhenTheRateIsDoubled() {
        passed(8000, 16_000, 1000);
        Samples audio = new Samples(length);
        audio.add(out, length);

        // The image of 1000 Hz at 8000 Hz.
        double image = WavFile.level(audio, 16_000, 7000, length / 4, length * 3 / 4);
        assertThat(20 * Math.log10(image / AMPLITUDE)).isLessThan(-75);
        assertThat(WavFile.sineSnr(audio, 16_000, 1000, length / 4, length * 3 / 4))
                .isGreaterThan(75);
    }

    @Test
    void shouldGiveTheSameWhenInputComesInPieces() {
        Random random = new Random(7);
        float[] in = new float[20_000];
        for (int i = 0; i < in.length; i++) {
            in[i] = random.nextFloat() - 0.5f;
        }
        Resampler whole = new Resampler(44_100, 8000, this::take);
        whole.push(in, in.length);
        whole.finish();
        float[] expected = Arrays.copyOf(out, length);
        length = 0;

        Resampler pieces = new Resampler(44_100, 8000, this::take);
        for (int at = 0; at < in.length; ) {
            int count = Math.min(random.nextInt(700), in.length - at);
            pieces.push(Arrays.copyOfRange(in, at, at + count), count);
            at += count;
        }
        pieces.finish();

        assertThat(Arrays.copyOf(out, length)).containsExactly(expected);
        assertThat(length).isEqualTo((20_000 * 80 + 440) / 441);
    }

    @Test
    void shouldKeepTimeWhenAnImpulseIsResampled() {
        Resampler resampler = new Resampler(48_000, 8000, this::take);
        float[] in = new float[48_000];
        in[24_000] = 1;
        resampler.push(in, in.length);
        resampler.finish();

        int loudest = 0;
        for (int i = 0; i < length; i++) {
            loudest = Math.abs(out[i]) > Math.abs(out[loudest]) ? i : loudest;
        }
        assertThat(loudest).isEqualTo(4000);
        assertThat(length).isEqualTo(8000);
    }
}
