package io.hookswitch.engine.core;

import io.hookswitch.rtp.G711Gain;
import java.util.Arrays;

/** Linear audio made louder or softer by whole decibels, clipped at 16 bits. Core thread. */
final class Loudness {
    /** In place of decibels: silence. */
    static final int MUTE = Integer.MIN_VALUE;

    private static final int FRACTION_BITS = 12;
    private static final int[] FACTORS = new int[G711Gain.HIGHEST_DB - G711Gain.LOWEST_DB + 1];

    static {
        for (int i = 0; i < FACTORS.length; i++) {
            FACTORS[i] = (int) Math.round(Math.pow(10, (i + G711Gain.LOWEST_DB) / 20.0) * (1 << FRACTION_BITS));
        }
    }

    private Loudness() {}

    /** @param db {@link G711Gain#LOWEST_DB}..{@link G711Gain#HIGHEST_DB}, or {@link #MUTE} */
    static void apply(short[] samples, int from, int count, int db) {
        if (db == 0) {
            return;
        }
        if (db == MUTE) {
            Arrays.fill(samples, from, from + count, (short) 0);
            return;
        }
        int factor = factor(db);
        for (int i = from; i < from + count; i++) {
            samples[i] = (short) scaled(samples[i], factor);
        }
    }

    static boolean isGain(int db) {
        return db >= G711Gain.LOWEST_DB && db <= G711Gain.HIGHEST_DB;
    }

    /** @return what {@link #scaled} takes. */
    static int factor(int db) {
        return FACTORS[db - G711Gain.LOWEST_DB];
    }

    /** @return one sample made louder or softer. */
    static int scaled(int sample, int factor) {
        return Math.clamp((long) sample * factor >> FRACTION_BITS, Short.MIN_VALUE, Short.MAX_VALUE);
    }
}
