package io.hookswitch.rtp.codec;

import java.util.Arrays;

/**
 * The quadrature mirror filter of ITU-T G.722: 24 taps, as two times 12 on every other sample. Twelve steps of history
 * are kept twice, one behind the other, so that the latest twelve always lie in a row.
 */
final class G722Filter {
    private static final int TAPS = 12;
    /** Every other coefficient; the ones between are the same in reverse. */
    private static final short[] COEFFICIENTS = {3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};

    private final int[] first = new int[2 * TAPS];
    private final int[] second = new int[2 * TAPS];
    private int place;

    void reset() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
        place = 0;
    }

    /** Takes a pair of samples in. */
    void push(int one, int other) {
        int at = place;
        first[at] = one;
        first[at + TAPS] = one;
        second[at] = other;
        second[at + TAPS] = other;
        place = at + 1 == TAPS ? 0 : at + 1;
    }

    /** @return the sum over the first samples of the pairs. */
    int firstSum() {
        int at = place;
        int sum = 0;
        for (int i = 0; i < TAPS; i++) {
            sum += first[at + i] * COEFFICIENTS[i];
        }
        return sum;
    }

    /** @return the sum over the second samples of the pairs. */
    int secondSum() {
        int at = place;
        int sum = 0;
        for (int i = 0; i < TAPS; i++) {
            sum += second[at + i] * COEFFICIENTS[TAPS - 1 - i];
        }
        return sum;
    }
}
