package io.hookswitch.engine.core;

import org.agrona.MutableDirectBuffer;

/**
 * One press is one press, however many ways it is told: a far end may send a key as telephone event, in a SIP INFO and
 * be heard to sound it, each at its own time. Every way tells presses in their order, so a press told by one way is the
 * oldest one of the same key that this way has not told yet and whose time is near, within {@link #WINDOW_NS} of each
 * other's beginning and end; where there is none it is a new one. Nothing is waited for: the first to tell is believed.
 *
 * <p>The window is what a SIP INFO may be late: lost twice on UDP it is sent again after 0.5 and 1.5 s (RFC 3261 timer
 * E). Presses told by one way alone are never compared, so fast keys of such a far end stay apart.
 *
 * <pre>
 *  8 presses, each:  0 long began, ns      8 int length, ms      12 short key, 0 = unused
 *                   14 byte ways that have told it, a bit each   15 byte of the first press: which is overwritten next
 * </pre>
 *
 * <p>One record a leg, all zero = nothing told. This class is a view over a record: wrap, use, forget. Core thread.
 */
final class DigitDeduplicator {
    /** Bytes of a record. */
    static final int RECORD_LENGTH = 128;
    /** How far apart two tellings of one press may be. */
    static final long WINDOW_NS = 2_000_000_000L;

    /** Way: RFC 4733. */
    static final int TELEPHONE_EVENT = 1;
    /** Way: SIP INFO. */
    static final int INFO = 2;
    /** Way: heard in the audio. */
    static final int IN_BAND = 4;

    private static final int PRESSES = 8;
    private static final int PRESS_LENGTH = 16;
    private static final int LENGTH_OFFSET = 8;
    private static final int KEY_OFFSET = 12;
    private static final int WAYS_OFFSET = 14;
    private static final int NEXT_OFFSET = 15;
    private static final long NS_PER_MS = 1_000_000L;

    private MutableDirectBuffer buffer;
    private int offset;

    /** Points this view at a leg's record. */
    DigitDeduplicator wrap(MutableDirectBuffer records, int recordOffset) {
        buffer = records;
        offset = recordOffset;
        return this;
    }

    /**
     * Takes a press as one way tells it.
     *
     * @param way one of the ways
     * @param beganNs when the key went down, clock of the core
     * @param durationNs how long it was down
     * @return whether it is news
     */
    boolean isNew(int way, char key, long beganNs, long durationNs) {
        int next = buffer.getByte(offset + NEXT_OFFSET);
        for (int i = 0; i < PRESSES; i++) {
            int at = offset + (next + i) % PRESSES * PRESS_LENGTH;
            int ways = buffer.getByte(at + WAYS_OFFSET);
            if (buffer.getShort(at + KEY_OFFSET) == key && (ways & way) == 0 && isNear(at, beganNs, durationNs)) {
                buffer.putByte(at + WAYS_OFFSET, (byte) (ways | way));
                return false;
            }
        }
        int at = offset + next * PRESS_LENGTH;
        buffer.putLong(at, beganNs);
        buffer.putInt(at + LENGTH_OFFSET, (int) Math.min(Integer.MAX_VALUE, durationNs / NS_PER_MS));
        buffer.putShort(at + KEY_OFFSET, (short) key);
        buffer.putByte(at + WAYS_OFFSET, (byte) way);
        buffer.putByte(offset + NEXT_OFFSET, (byte) ((next + 1) % PRESSES));
        return true;
    }

    private boolean isNear(int at, long beganNs, long durationNs) {
        long knownNs = buffer.getLong(at);
        long knownEndNs = knownNs + buffer.getInt(at + LENGTH_OFFSET) * NS_PER_MS;
        return beganNs - knownEndNs < WINDOW_NS && knownNs - (beganNs + durationNs) < WINDOW_NS;
    }
}
