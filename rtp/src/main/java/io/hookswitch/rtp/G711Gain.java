package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * Loudness of G.711 audio changed in place, code by code through a table: whole decibels, clipped at the law's largest
 * values. Tables are made once for all; any thread.
 */
public final class G711Gain {
    /** Least gain, dB. */
    public static final int LOWEST_DB = -40;
    /** Greatest gain, dB. */
    public static final int HIGHEST_DB = 40;

    private static final int CODES = 256;
    private static final int STEPS = HIGHEST_DB - LOWEST_DB + 1;
    private static final byte[] MU_LAW = new byte[STEPS * CODES];
    private static final byte[] A_LAW = new byte[STEPS * CODES];

    static {
        for (int step = 0; step < STEPS; step++) {
            double factor = Math.pow(10, (step + LOWEST_DB) / 20.0);
            for (int code = 0; code < CODES; code++) {
                MU_LAW[step * CODES + code] = G711.encodeMuLaw(scaled(G711.decodeMuLaw(code), factor));
                A_LAW[step * CODES + code] = G711.encodeALaw(scaled(G711.decodeALaw(code), factor));
            }
        }
    }

    private G711Gain() {}

    private static int scaled(int linear, double factor) {
        return Math.clamp(Math.round(linear * factor), Short.MIN_VALUE, Short.MAX_VALUE);
    }

    /** Changes mu-law audio by {@code db} decibels, {@link #LOWEST_DB} to {@link #HIGHEST_DB}. */
    public static void muLaw(MutableDirectBuffer buffer, int offset, int length, int db) {
        apply(MU_LAW, buffer, offset, length, db);
    }

    /** Changes A-law audio by {@code db} decibels, {@link #LOWEST_DB} to {@link #HIGHEST_DB}. */
    public static void aLaw(MutableDirectBuffer buffer, int offset, int length, int db) {
        apply(A_LAW, buffer, offset, length, db);
    }

    private static void apply(byte[] tables, MutableDirectBuffer buffer, int offset, int length, int db) {
        int table = (db - LOWEST_DB) * CODES;
        for (int at = offset; at < offset + length; at++) {
            buffer.putByte(at, tables[table + (buffer.getByte(at) & 0xFF)]);
        }
    }
}
