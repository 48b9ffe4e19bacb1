package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * A sine in G.711, for prompts and for far ends of tests. The phase goes on from packet to packet. Tables are made at
 * construction; {@link #fill} allocates nothing. Owned by one thread.
 */
public final class ToneGenerator {
    /** Samples per second of G.711. */
    public static final int SAMPLE_RATE = 8000;

    private static final int FULL_SCALE = 32767;

    private final byte[] samples;
    private int next;

    /**
     * @param frequencyHz whole Hz below 4000: one second then holds whole periods.
     * @param amplitude of full scale, above 0, at most 1.
     * @param aLaw A-law, else mu-law.
     */
    public ToneGenerator(int frequencyHz, double amplitude, boolean aLaw) {
        if (frequencyHz <= 0 || frequencyHz >= SAMPLE_RATE / 2) {
            throw new IllegalArgumentException("frequencyHz " + frequencyHz + ", allowed 1..3999");
        }
        if (!(amplitude > 0.0 && amplitude <= 1.0)) {
            throw new IllegalArgumentException("amplitude " + amplitude + ", allowed above 0 to 1");
        }
        samples = new byte[SAMPLE_RATE];
        for (int i = 0; i < SAMPLE_RATE; i++) {
            double angle = 2.0 * Math.PI * frequencyHz * i / SAMPLE_RATE;
            int linear = (int) Math.round(Math.sin(angle) * amplitude * FULL_SCALE);
            samples[i] = aLaw ? G711.encodeALaw(linear) : G711.encodeMuLaw(linear);
        }
    }

    /** Writes the next samples, one byte each. */
    public void fill(MutableDirectBuffer buffer, int offset, int length) {
        int done = 0;
        while (done < length) {
            int run = Math.min(length - done, SAMPLE_RATE - next);
            buffer.putBytes(offset + done, samples, next, run);
            done += run;
            next += run;
            if (next == SAMPLE_RATE) {
                next = 0;
            }
        }
    }
}
