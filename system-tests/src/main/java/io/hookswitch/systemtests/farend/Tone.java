package io.hookswitch.systemtests.farend;

/** G.711 and single tones: what a far end says, and how it knows what it hears. */
public final class Tone {
    /** Samples per second. */
    public static final int RATE = 8000;

    /** Samples of a 20 ms packet. */
    public static final int PACKET = 160;

    private static final double AMPLITUDE = 8000;

    private Tone() {}

    /** @return a sample of a tone that has run for {@code n} samples. */
    public static short sample(double hz, long n) {
        return (short) Math.round(AMPLITUDE * Math.sin(2 * Math.PI * hz * n / RATE));
    }

    /** @return the G.711 mu-law octet of a linear sample (ITU-T G.711). */
    public static byte toUlaw(short linear) {
        int sign = linear < 0 ? 0x80 : 0;
        int magnitude = Math.min(Math.abs((int) linear), 32635) + 132;
        int exponent = 24 - Integer.numberOfLeadingZeros(magnitude);
        return (byte) ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F);
    }

    /** @return the linear sample of a mu-law octet. */
    public static short fromUlaw(byte octet) {
        int code = ~octet & 0xFF;
        int magnitude = ((code & 0x0F) << 3 | 0x84) << (code >> 4 & 7);
        return (short) ((code & 0x80) != 0 ? 132 - magnitude : magnitude - 132);
    }

    /** @return the G.711 A-law octet of a linear sample. */
    static byte toAlaw(short linear) {
        int sign = linear >= 0 ? 0x80 : 0;
        int magnitude = Math.min(linear >= 0 ? linear : ~linear, 32767) >> 3;
        int exponent = Math.max(0, 27 - Integer.numberOfLeadingZeros(magnitude | 1));
        int mantissa = exponent < 2 ? magnitude >> 1 : magnitude >> exponent;
        return (byte) ((sign | exponent << 4 | mantissa & 0x0F) ^ 0x55);
    }

    /** @return the linear sample of an A-law octet. */
    static short fromAlaw(byte octet) {
        int code = octet & 0xFF ^ 0x55;
        int exponent = code >> 4 & 7;
        int magnitude = (code & 0x0F) << 4 | 8;
        int linear = exponent == 0 ? magnitude : magnitude + 0x100 << exponent - 1;
        return (short) ((code & 0x80) != 0 ? linear : -linear);
    }

    /**
     * How much of the energy of some samples is at one frequency (Goertzel).
     *
     * @return 0..1, 1 = nothing but that tone; 0 for silence.
     */
    public static double share(short[] samples, int from, int count, double hz) {
        return share(samples, from, count, hz, RATE);
    }

    /** As {@link #share(short[], int, int, double)} at any sampling rate. */
    public static double share(short[] samples, int from, int count, double hz, int rate) {
        double coefficient = 2 * Math.cos(2 * Math.PI * hz / rate);
        double energy = 0;
        double last = 0;
        double before = 0;
        for (int i = from; i < from + count; i++) {
            double now = samples[i] + coefficient * last - before;
            before = last;
            last = now;
            energy += (double) samples[i] * samples[i];
        }
        if (energy < 100.0 * count) {
            return 0;
        }
        double power = last * last + before * before - coefficient * last * before;
        return Math.min(1, 2 * power / (energy * count));
    }
}
