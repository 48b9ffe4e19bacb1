package io.hookswitch.rtp.codec;

import org.agrona.MutableDirectBuffer;

/**
 * ITU-T G.722 at 64 kbit/s: 16 kHz audio split into two bands, ADPCM of six bits in the lower and two in the higher
 * one. A byte for every two samples. One stream, one thread at the time.
 */
public final class G722Encoder implements AudioEncoder {
    private static final int LEVELS = G722Tables.LOWER_LEVELS.length;

    private final G722Filter filter = new G722Filter();
    private final G722Band lower = new G722Band(true);
    private final G722Band higher = new G722Band(false);

    @Override
    public int sampleRate() {
        return 16_000;
    }

    @Override
    public void reset() {
        filter.reset();
        lower.reset();
        higher.reset();
    }

    @Override
    public int encode(short[] samples, int from, int count, MutableDirectBuffer to, int toOffset, int most) {
        int bytes = count >> 1;
        if (bytes > most || (count & 1) != 0) {
            return FAILED;
        }
        for (int i = 0; i < bytes; i++) {
            filter.push(samples[from + (i << 1)], samples[from + (i << 1) + 1]);
            int odd = filter.firstSum();
            int even = filter.secondSum();
            int low = encodeLower(even + odd >> 14);
            int high = encodeHigher(even - odd >> 14);
            to.putByte(toOffset + i, (byte) (high << 6 | low));
        }
        return bytes;
    }

    private int encodeLower(int sample) {
        int difference = G722Band.saturated(sample - lower.prediction());
        int magnitude = difference < 0 ? ~difference : difference;
        int level = level(magnitude, lower.scale());
        int code;
        if (difference >= 0) {
            code = 62 - level;
        } else {
            // The two smallest negative steps have the codes that all-zero patterns would have taken.
            code = level < 3 ? 64 - level : 34 - level;
        }
        int known = code >> 2;
        lower.onDifference(lower.scaled(G722Tables.LOWER_OUTPUTS_4[known]), G722Tables.LOWER_LOG_STEPS[known]);
        return code;
    }

    /** @return 1..30, the first level above a magnitude: halves what is left five times at most. */
    private static int level(int magnitude, int scale) {
        int below = 0;
        int above = LEVELS;
        while (above - below > 1) {
            int middle = below + above >>> 1;
            if (magnitude < G722Tables.LOWER_LEVELS[middle] * scale >> 12) {
                above = middle;
            } else {
                below = middle;
            }
        }
        return above;
    }

    private int encodeHigher(int sample) {
        int difference = G722Band.saturated(sample - higher.prediction());
        int magnitude = difference < 0 ? ~difference : difference;
        boolean isLarge = magnitude >= G722Tables.HIGHER_LEVEL * higher.scale() >> 12;
        int code = (difference < 0 ? 0 : 2) + (isLarge ? 0 : 1);
        higher.onDifference(higher.scaled(G722Tables.HIGHER_OUTPUTS[code]), G722Tables.HIGHER_LOG_STEPS[code]);
        return code;
    }
}
