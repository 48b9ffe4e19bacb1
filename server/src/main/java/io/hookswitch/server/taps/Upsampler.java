package io.hookswitch.server.taps;

/**
 * A whole multiple of a sample rate, block after block: a sinc under a Hann window, one set of taps for each phase.
 * Passes what is below 0.42 of the input rate. Thread {@code taps}.
 */
final class Upsampler {
    /** Zero crossings of the sinc on each side. */
    private static final int CROSSINGS = 16;

    private static final double CUTOFF = 0.96;

    private final int factor;
    private final float[][] taps;
    /** The last input samples, oldest first; the present block behind them. */
    private final float[] window;

    /** @param block most input samples at a time */
    Upsampler(int factor, int block) {
        this.factor = factor;
        window = new float[2 * CROSSINGS + block];
        taps = new float[factor][2 * CROSSINGS];
        for (int phase = 0; phase < factor; phase++) {
            double sum = 0;
            for (int i = 0; i < 2 * CROSSINGS; i++) {
                double x = i - (CROSSINGS - 1) - (double) phase / factor;
                double hann = 0.5 + 0.5 * Math.cos(Math.PI * x / CROSSINGS);
                taps[phase][i] = (float) (sinc(CUTOFF * x) * hann);
                sum += taps[phase][i];
            }
            for (int i = 0; i < 2 * CROSSINGS; i++) {
                taps[phase][i] = (float) (taps[phase][i] / sum);
            }
        }
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** @return samples written: {@code samples} times the factor, 16 input samples behind. */
    int process(short[] in, int samples, short[] out) {
        if (factor == 1) {
            System.arraycopy(in, 0, out, 0, samples);
            return samples;
        }
        for (int i = 0; i < samples; i++) {
            window[2 * CROSSINGS - 1 + i] = in[i];
        }
        for (int i = 0; i < samples; i++) {
            for (int phase = 0; phase < factor; phase++) {
                float sum = 0;
                for (int tap = 0; tap < 2 * CROSSINGS; tap++) {
                    sum += window[i + tap] * taps[phase][tap];
                }
                out[i * factor + phase] = (short) Math.clamp(Math.round(sum), Short.MIN_VALUE, Short.MAX_VALUE);
            }
        }
        System.arraycopy(window, samples, window, 0, 2 * CROSSINGS - 1);
        return samples * factor;
    }
}
