package io.hookswitch.rtp.codec;

import java.util.Arrays;

/**
 * One sub-band of ITU-T G.722: the adaptive quantizer's scale factor and the adaptive predictor of two poles and six
 * zeros (blocks 3L/3H and 4 of the recommendation, whose names for variables are told beside ours). Integers of 16
 * bits, saturated, exactly as clause 6 has them.
 */
final class G722Band {
    private static final int ZEROS = 6;
    /** ILB: 2^(i/32), in 1/2048. */
    private static final short[] LOG_TO_LINEAR = {
        2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960,
        3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008
    };

    private final int leastScale;
    private final int mostLogScale;
    private final int shift;
    /** DLT1..DLT6: quantized differences, the latest first. */
    private final int[] differences = new int[ZEROS];
    /** BL1..BL6. */
    private final int[] zeros = new int[ZEROS];

    /** NB: logarithm of the scale factor. */
    private int logScale;
    /** DET: scale factor. */
    private int scale;
    /** S: prediction of the next sample. */
    private int prediction;
    /** SZ: what the zeros give of it. */
    private int zeroPart;
    /** AL1, AL2. */
    private int pole1;

    private int pole2;
    /** RLT1, RLT2: reconstructed samples. */
    private int sample1;

    private int sample2;
    /** PLT1, PLT2: partly reconstructed samples. */
    private int part1;

    private int part2;

    /** @param isLower the band below 4 kHz, which has the greater part of the bits. */
    G722Band(boolean isLower) {
        leastScale = isLower ? 32 : 8;
        mostLogScale = isLower ? 18_432 : 22_528;
        shift = isLower ? 8 : 10;
        reset();
    }

    void reset() {
        Arrays.fill(differences, 0);
        Arrays.fill(zeros, 0);
        logScale = 0;
        scale = leastScale;
        prediction = 0;
        zeroPart = 0;
        pole1 = 0;
        pole2 = 0;
        sample1 = 0;
        sample2 = 0;
        part1 = 0;
        part2 = 0;
    }

    static int saturated(int value) {
        return Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    int scale() {
        return scale;
    }

    int prediction() {
        return prediction;
    }

    /** @return what a quantizer's output stands for at the present scale. */
    int scaled(int output) {
        return scale * output >> 15;
    }

    /**
     * Goes on by one sample.
     *
     * @param difference quantized, as both sides know it
     * @param logStep what the code adds to the logarithm of the scale
     */
    void onDifference(int difference, int logStep) {
        int log = Math.clamp((logScale * 127 >> 7) + logStep, 0, mostLogScale);
        logScale = log;
        int linear = LOG_TO_LINEAR[log >> 6 & 31];
        int down = shift - (log >> 11);
        scale = (down < 0 ? linear << -down : linear >> down) << 2;
        predict(difference);
    }

    private void predict(int difference) {
        int sample = saturated(prediction + difference);
        int part = saturated(zeroPart + difference);
        adaptPoles(part);
        int zeroSum = adaptZeros(difference);
        sample2 = sample1;
        sample1 = sample;
        part2 = part1;
        part1 = part;
        int poleSum = saturated((pole1 * saturated(sample1 << 1) >> 15) + (pole2 * saturated(sample2 << 1) >> 15));
        zeroPart = saturated(zeroSum);
        prediction = saturated(poleSum + zeroPart);
    }

    /** UPPOL2, then UPPOL1 within the bounds that it leaves. */
    private void adaptPoles(int part) {
        boolean sameAsLast = (part ^ part1) >= 0;
        boolean sameAsBefore = (part ^ part2) >= 0;
        int slope = saturated(pole1 << 2);
        int second = (sameAsLast ? Math.min(-slope, Short.MAX_VALUE) : slope) >> 7;
        second += (sameAsBefore ? 128 : -128) + (pole2 * 32_512 >> 15);
        pole2 = Math.clamp(second, -12_288, 12_288);
        int bound = 15_360 - pole2;
        pole1 = Math.clamp(saturated((sameAsLast ? 192 : -192) + (pole1 * 32_640 >> 15)), -bound, bound);
    }

    /** UPZERO, DELAYA and FILTEZ in one pass. */
    private int adaptZeros(int difference) {
        int step = difference == 0 ? 0 : 128;
        int sum = 0;
        int newer = difference;
        for (int i = 0; i < ZEROS; i++) {
            int old = differences[i];
            int zero = saturated(((old ^ difference) >= 0 ? step : -step) + (zeros[i] * 32_640 >> 15));
            zeros[i] = zero;
            differences[i] = newer;
            sum += zero * saturated(newer << 1) >> 15;
            newer = old;
        }
        return sum;
    }
}
