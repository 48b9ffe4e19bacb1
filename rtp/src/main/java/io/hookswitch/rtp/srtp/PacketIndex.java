package io.hookswitch.rtp.srtp;

/**
 * Which packets of a few synchronisation sources came already: for each the highest index and the window of
 * {@value #WINDOW} below it (RFC 3711 section 3.3.2). The index of SRTP is 48 bits, rollover counter and sequence
 * number (section 3.3.1), that of SRTCP is 31 bits and carried in the packet (section 3.4). Columns by source.
 *
 * <p>Looking changes nothing: only {@link #accept}, called once a packet has been authenticated, does.
 */
final class PacketIndex {
    /** Packets behind the highest that are told from replays; older ones count as replays. */
    static final int WINDOW = 128;

    /** Sources remembered at a time: the one longest unheard of is forgotten for a new one. */
    private static final int SOURCES = 4;

    private static final int NONE = -1;
    private static final int HALF = 1 << 15;
    private static final int SEQUENCE_MASK = 0xFFFF;

    private final int[] ssrcs = new int[SOURCES];
    private final boolean[] known = new boolean[SOURCES];
    private final long[] highest = new long[SOURCES];
    /** Bit i set: the packet with index highest - i came; bits 0-63 and 64-127. */
    private final long[] recent = new long[SOURCES];

    private final long[] older = new long[SOURCES];
    private final long[] heard = new long[SOURCES];
    private long time;

    void clear() {
        for (int i = 0; i < SOURCES; i++) {
            known[i] = false;
            heard[i] = 0;
        }
    }

    private int find(int ssrc) {
        for (int i = 0; i < SOURCES; i++) {
            if (known[i] && ssrcs[i] == ssrc) {
                return i;
            }
        }
        return NONE;
    }

    /** @return the 48-bit index that a sequence number most likely means, RFC 3711 appendix A; 0 or more. */
    long estimate(int ssrc, int sequence) {
        int source = find(ssrc);
        if (source == NONE) {
            return sequence;
        }
        long top = highest[source];
        int last = (int) top & SEQUENCE_MASK;
        long rollovers = top >>> 16;
        if (last < HALF) {
            if (sequence - last > HALF && rollovers > 0) {
                rollovers--;
            }
        } else if (last - HALF > sequence) {
            rollovers++;
        }
        return rollovers << 16 | sequence;
    }

    /** @return the highest index accepted from a source, or -1. */
    long highest(int ssrc) {
        int source = find(ssrc);
        return source == NONE ? NONE : highest[source];
    }

    /** @return whether a packet came before, or is too old to tell. */
    boolean isReplay(int ssrc, long index) {
        int source = find(ssrc);
        if (source == NONE || index > highest[source]) {
            return false;
        }
        long behind = highest[source] - index;
        if (behind >= WINDOW) {
            return true;
        }
        long bits = behind < Long.SIZE ? recent[source] : older[source];
        return (bits >>> behind & 1) != 0;
    }

    /** Notes a packet that was authenticated and is no replay. */
    void accept(int ssrc, long index) {
        int source = find(ssrc);
        if (source == NONE) {
            source = forget();
            known[source] = true;
            ssrcs[source] = ssrc;
            highest[source] = index;
            recent[source] = 1;
            older[source] = 0;
        } else if (index > highest[source]) {
            shift(source, index - highest[source]);
            highest[source] = index;
            recent[source] |= 1;
        } else {
            mark(source, highest[source] - index);
        }
        heard[source] = ++time;
    }

    private void mark(int source, long behind) {
        if (behind < Long.SIZE) {
            recent[source] |= 1L << behind;
        } else if (behind < WINDOW) {
            older[source] |= 1L << behind;
        }
    }

    private void shift(int source, long steps) {
        if (steps >= WINDOW) {
            recent[source] = 0;
            older[source] = 0;
        } else if (steps >= Long.SIZE) {
            older[source] = recent[source] << steps;
            recent[source] = 0;
        } else {
            older[source] = older[source] << steps | recent[source] >>> Long.SIZE - steps;
            recent[source] <<= steps;
        }
    }

    private int forget() {
        int oldest = 0;
        for (int i = 1; i < SOURCES; i++) {
            if (heard[i] < heard[oldest]) {
                oldest = i;
            }
        }
        return oldest;
    }
}
