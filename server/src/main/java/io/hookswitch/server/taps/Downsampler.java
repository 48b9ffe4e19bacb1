package io.hookswitch.server.taps;

/** Half a sample rate, block after block: a sinc under a Hann window, every second sample kept. Thread {@code taps}. */
final class Downsampler {
    private static final int HALF = 48;
    /** Of the input rate: half of it is what the output can hold, less the slope. */
    private static final double CUTOFF = 0.235;

    private final float[] taps = new float[2 * HALF];
    private final float[] window;

    /** @param block most input samples at a time */
    Downsampler(int block) {
        window = new float[2 * HALF + block];
        double sum = 0;
        for (int i = 0; i < taps.length; i++) {
            double x = i - HALF + 0.5;
            double hann = 0.5 + 0.5 * Math.cos(Math.PI * x / HALF);
            taps[i] = (float) (Math.sin(2 * Math.PI * CUTOFF * x) / (Math.PI * x) * hann);
            sum += taps[i];
        }
        for (int i = 0; i < taps.length; i++) {
            taps[i] = (float) (taps[i] / sum);
        }
    }

    /** @param samples an even number @return samples written: half as many */
    int process(short[] in, int samples, short[] out) {
        for (int i = 0; i < samples; i++) {
            window[2 * HALF - 1 + i] = in[i];
        }
        for (int i = 0; i < samples; i += 2) {
            float sum = 0;
            for (int tap = 0; tap < taps.length; tap++) {
                sum += window[i + tap] * taps[tap];
            }
            out[i / 2] = (short) Math.clamp(Math.round(sum), Short.MIN_VALUE, Short.MAX_VALUE);
        }
        System.arraycopy(window, samples, window, 0, 2 * HALF - 1);
        return samples / 2;
    }
}
