package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * The two tones of a key (ITU-T Q.23) in G.711 at 8 kHz. The phase follows from the sample's place in the press, so any
 * number of presses go on at once with no state; both ends are shaped over 5 ms, so that none clicks. Tables are made
 * at
 * construction; {@link #fill} allocates nothing. Read-only afterwards: any thread.
 */
public final class DtmfToneGenerator {
    /** Length of a press that is not known yet. */
    public static final int UNKNOWN = Integer.MAX_VALUE;

    private static final int RATE = 8000;
    private static final int RAMP = 40;
    private static final int[] LOW = {697, 770, 852, 941};
    private static final int[] HIGH = {1209, 1336, 1477, 1633};
    private static final String KEYS = "123A456B789C*0#D";
    /** Peak of a sine of 0 dBm0: the full scale of G.711 is 3.17 dBm0. */
    private static final double PEAK_0_DBM0 = 32_636 / Math.pow(10, 3.17 / 20);

    /** One second of each tone: whole periods, as all frequencies are whole. */
    private final float[][] low = new float[LOW.length][];

    private final float[][] high = new float[HIGH.length][];
    private final float[] ramp = new float[RAMP];

    /**
     * Makes the tables.
     *
     * @param lowDbm0 level of the lower tone, dBm0, -40 to -3
     * @param highDbm0 level of the higher tone, dBm0, -40 to -3; usually 2 dB more (ITU-T Q.23 allows up to 3)
     */
    public DtmfToneGenerator(double lowDbm0, double highDbm0) {
        for (int i = 0; i < LOW.length; i++) {
            low[i] = tone(LOW[i], lowDbm0);
            high[i] = tone(HIGH[i], highDbm0);
        }
        for (int i = 0; i < RAMP; i++) {
            ramp[i] = (float) (0.5 - 0.5 * Math.cos(Math.PI * (i + 0.5) / RAMP));
        }
    }

    private static float[] tone(int hz, double dbm0) {
        if (!(dbm0 >= -40 && dbm0 <= -3)) {
            throw new IllegalArgumentException("level " + dbm0 + " dBm0, allowed -40 to -3");
        }
        float[] samples = new float[RATE];
        double peak = PEAK_0_DBM0 * Math.pow(10, dbm0 / 20);
        for (int i = 0; i < RATE; i++) {
            samples[i] = (float) (peak * Math.sin(2 * Math.PI * hz * i / RATE));
        }
        return samples;
    }

    /** @return whether a key has tones: 0-9, *, #, A-D. */
    public static boolean hasTones(char key) {
        return KEYS.indexOf(key) >= 0;
    }

    /**
     * Writes the next samples of a press, one byte each.
     *
     * @param key one that {@link #hasTones}
     * @param from place of the first sample in the press
     * @param total samples of the whole press, or {@link #UNKNOWN}; behind them is silence
     */
    public void fill(
            MutableDirectBuffer buffer, int offset, int length, char key, int from, int total, boolean isALaw) {
        int place = KEYS.indexOf(key);
        float[] lower = low[place / HIGH.length];
        float[] higher = high[place % HIGH.length];
        for (int i = 0; i < length; i++) {
            int at = from + i;
            int linear = 0;
            if (at < total) {
                int in = at % RATE;
                linear = Math.round((lower[in] + higher[in]) * shape(at, total));
            }
            buffer.putByte(offset + i, isALaw ? G711.encodeALaw(linear) : G711.encodeMuLaw(linear));
        }
    }

    private float shape(int at, int total) {
        float begin = at < RAMP ? ramp[at] : 1;
        int left = total - 1 - at;
        return left < RAMP ? begin * ramp[left] : begin;
    }
}
