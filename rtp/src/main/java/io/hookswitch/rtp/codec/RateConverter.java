package io.hookswitch.rtp.codec;

import java.util.Arrays;

/**
 * Audio of 8 kHz to 16 kHz, or the other way: a half-band filter of 47 taps (Kaiser window), flat to 3.3 kHz, 60 dB
 * from 4.7 kHz on. It delays by 23 samples of 16 kHz, 1.4 ms. One stream and one way each, one thread at the time.
 */
public final class RateConverter {
    /** Samples in front of what is converted that the caller leaves room for. */
    public static final int HISTORY = 48;

    private static final int PAIRS = 12;
    private static final int ONE = 1 << 15;
    private static final double WINDOW = 5.65;
    /** Taps at odd distances from the middle one, of which the ones at even distances are 0; both sides add up to 1. */
    private static final int[] TAPS = taps();

    private final short[] before = new short[HISTORY];

    private static int[] taps() {
        double[] exact = new double[PAIRS];
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            int distance = 2 * i + 1;
            double place = distance / (2.0 * PAIRS);
            double sinc = Math.sin(Math.PI * distance / 2) / (Math.PI * distance / 2);
            exact[i] = sinc * bessel(WINDOW * Math.sqrt(1 - place * place)) / bessel(WINDOW);
            sum += 2 * exact[i];
        }
        int[] taps = new int[PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            taps[i] = (int) Math.round(exact[i] / sum * ONE);
        }
        return taps;
    }

    /** The modified Bessel function of the first kind, order 0. */
    private static double bessel(double x) {
        double term = 1;
        double sum = 1;
        for (int k = 1; k < 30; k++) {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }

    /** Forgets what came before. */
    public void reset() {
        Arrays.fill(before, (short) 0);
    }

    /**
     * Makes two samples of each.
     *
     * @param samples with {@link #HISTORY} places in front of {@code from}, which are overwritten
     * @param to room for {@code 2 * count}
     */
    public void doubled(short[] samples, int from, int count, short[] to, int toOffset) {
        System.arraycopy(before, 0, samples, from - HISTORY, HISTORY);
        for (int i = 0; i < count; i++) {
            int middle = from + i - PAIRS;
            int sum = 1 << 14;
            for (int pair = 0; pair < PAIRS; pair++) {
                sum += TAPS[pair] * (samples[middle - pair] + samples[middle + 1 + pair]);
            }
            to[toOffset + 2 * i] = samples[middle];
            to[toOffset + 2 * i + 1] = (short) G722Band.saturated(sum >> 15);
        }
        System.arraycopy(samples, from + count - HISTORY, before, 0, HISTORY);
    }

    /**
     * Makes one sample of every two.
     *
     * @param samples with {@link #HISTORY} places in front of {@code from}, which are overwritten
     * @param count of them, even
     * @param to room for {@code count / 2}
     */
    public void halved(short[] samples, int from, int count, short[] to, int toOffset) {
        System.arraycopy(before, 0, samples, from - HISTORY, HISTORY);
        for (int i = 0; i < count >> 1; i++) {
            int middle = from + 2 * i - 2 * PAIRS;
            int sum = (samples[middle] << 15) + ONE;
            for (int pair = 0; pair < PAIRS; pair++) {
                int distance = 2 * pair + 1;
                sum += TAPS[pair] * (samples[middle - distance] + samples[middle + distance]);
            }
            to[toOffset + i] = (short) G722Band.saturated(sum >> 16);
        }
        System.arraycopy(samples, from + count - HISTORY, before, 0, HISTORY);
    }
}
