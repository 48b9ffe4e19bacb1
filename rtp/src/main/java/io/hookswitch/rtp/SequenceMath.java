package io.hookswitch.rtp;

/**
 * Comparison of numbers that wrap: RTP sequence numbers (modulo 2^16) and timestamps (modulo 2^32). "Newer" means
 * ahead by less than half the circle (RFC 1982).
 */
public final class SequenceMath {
    /** Sequence numbers are 0..{@code MASK}. */
    public static final int MASK = 0xFFFF;

    private SequenceMath() {}

    /** @return signed steps from one sequence number to another, -32768..32767. */
    public static int distance(int from, int to) {
        return (short) (to - from);
    }

    /** @return whether a sequence number is ahead of another. */
    public static boolean isNewer(int sequence, int than) {
        return (short) (sequence - than) > 0;
    }

    /** @return the sequence number after this one. */
    public static int next(int sequence) {
        return (sequence + 1) & MASK;
    }

    /** @return a sequence number moved by a number of steps of either sign. */
    public static int add(int sequence, int steps) {
        return (sequence + steps) & MASK;
    }

    /** @return signed RTP ticks from one timestamp to another. */
    public static int timestampDistance(int from, int to) {
        return to - from;
    }
}
