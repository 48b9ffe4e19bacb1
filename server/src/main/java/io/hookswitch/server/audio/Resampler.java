package io.hookswitch.server.audio;

import java.util.Arrays;

/**
 * Another sample rate, by a band-limited interpolation: a sinc under a Kaiser window, its cutoff below half of the
 * lower
 * rate. Passes 0.44 of the lower rate (3.5 kHz at 8 kHz) unchanged and keeps everything above half of it 80 dB down. No
 * delay: output {@code n} is the input's value at its time. One thread.
 */
final class Resampler {
    /** Zero crossings of the sinc on each side. */
    private static final int CROSSINGS = 48;
    /** Kaiser's shape for 80 dB. */
    private static final double BETA = 7.857;
    /** Middle of the slope between what passes and what does not, of the lower rate: the slope ends at half of it. */
    private static final double CUTOFF = 0.4736;
    /** Most phases that have taps of their own; between those of other ratios is interpolated. */
    private static final int MAX_PHASES = 1024;

    private static final int KAISER_STEPS = 8192;
    /** Half of the window, from its middle to its end. */
    private static final double[] KAISER = kaiser();

    /** Where output goes. */
    @FunctionalInterface
    interface Sink {
        /** Takes samples; the array is used again. */
        void accept(float[] samples, int count);
    }

    private final Sink sink;
    private final int numerator;
    private final int denominator;
    private final int half;
    private final int phases;
    private final float[] taps;
    private final float[] out = new float[1024];
    private int outCount;
    /** Input still needed; {@code window[0]} is the oldest. */
    private float[] window;

    private int held;
    /** Input samples that were given. */
    private long given;
    /** Place in the window of the input sample just before the next output, and how far behind it, in 1/numerator. */
    private int place;

    private int fraction;
    private long produced;

    /** Makes one for rates in Hz. */
    Resampler(int from, int to, Sink sink) {
        this.sink = sink;
        int divisor = gcd(from, to);
        numerator = to / divisor;
        denominator = from / divisor;
        double scale = Math.min(1.0, (double) to / from);
        half = (int) Math.ceil(CROSSINGS / scale);
        phases = Math.min(numerator, MAX_PHASES);
        taps = taps(phases, half, scale);
        window = new float[8 * half + 2 * PcmSource.MIN_BLOCK];
        // Nothing sounded before the beginning.
        held = half - 1;
        place = half - 1;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** One row of {@code 2 * half} taps a phase, and one more for the interpolation behind the last. */
    private static float[] taps(int phases, int half, double scale) {
        int width = 2 * half;
        float[] taps = new float[(phases + 1) * width];
        double[] row = new double[width];
        for (int phase = 0; phase <= phases; phase++) {
            double sum = 0;
            for (int i = 0; i < width; i++) {
                double distance = i - half + 1 - (double) phase / phases;
                row[i] = sinc(2 * CUTOFF * scale * distance) * kaiser(Math.abs(distance) / half);
                sum += row[i];
            }
            for (int i = 0; i < width; i++) {
                taps[phase * width + i] = (float) (row[i] / sum);
            }
        }
        return taps;
    }

    /** @return the window at a share of its half width. */
    private static double kaiser(double share) {
        double place = share * KAISER_STEPS;
        int step = (int) place;
        return step >= KAISER_STEPS ? 0 : KAISER[step] + (place - step) * (KAISER[step + 1] - KAISER[step]);
    }

    private static double[] kaiser() {
        double[] window = new double[KAISER_STEPS + 1];
        for (int i = 0; i < KAISER_STEPS; i++) {
            double share = (double) i / KAISER_STEPS;
            window[i] = bessel(BETA * Math.sqrt(1 - share * share)) / bessel(BETA);
        }
        return window;
    }

    private static double sinc(double x) {
        return Math.abs(x) < 1e-12 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** Modified Bessel function of order 0. */
    private static double bessel(double x) {
        double quarter = x * x / 4;
        double term = 1;
        double sum = 1;
        for (int k = 1; term > sum * 1e-12; k++) {
            term *= quarter / ((double) k * k);
            sum += term;
        }
        return sum;
    }

    /** Takes input. */
    void push(float[] samples, int count) {
        given += count;
        append(samples, count);
    }

    private void append(float[] samples, int count) {
        if (held + count > window.length) {
            window = Arrays.copyOf(window, Math.max(window.length * 2, held + count));
        }
        System.arraycopy(samples, 0, window, held, count);
        held += count;
        produce(Long.MAX_VALUE);
        // What lies before the next output's first tap is not needed again.
        int gone = Math.min(place - half + 1, held);
        System.arraycopy(window, gone, window, 0, held - gone);
        held -= gone;
        place -= gone;
    }

    /** No more input: gives out what is left. The output is as long as the input, rounded up to a sample. */
    void finish() {
        float[] silence = new float[half + 1];
        long all = (given * numerator + denominator - 1) / denominator;
        if (held + silence.length > window.length) {
            window = Arrays.copyOf(window, held + silence.length);
        }
        Arrays.fill(window, held, held + silence.length, 0);
        held += silence.length;
        produce(all);
        flush();
    }

    private void produce(long most) {
        while (place + half < held && produced < most) {
            out[outCount++] = value();
            produced++;
            if (outCount == out.length) {
                flush();
            }
            fraction += denominator;
            place += fraction / numerator;
            fraction %= numerator;
        }
    }

    private void flush() {
        sink.accept(out, outCount);
        outCount = 0;
    }

    private float value() {
        int width = 2 * half;
        int from = place - half + 1;
        if (phases == numerator) {
            return product(fraction * width, from, width);
        }
        double exact = (double) fraction * phases / numerator;
        int phase = (int) exact;
        float share = (float) (exact - phase);
        return (1 - share) * product(phase * width, from, width) + share * product((phase + 1) * width, from, width);
    }

    private float product(int row, int from, int width) {
        float even = 0;
        float odd = 0;
        // The width is even; two sums, so that one addition need not wait for the other.
        for (int i = 0; i < width; i += 2) {
            even += taps[row + i] * window[from + i];
            odd += taps[row + i + 1] * window[from + i + 1];
        }
        return even + odd;
    }
}
