package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * What a leg has received: sequence, loss, jitter, order (RFC 3550 appendices A.1, A.3 and A.8). One record a leg, one
 * cache line, all zero = nothing received yet. This class is a view over a record: wrap, use, forget.
 *
 * <pre>
 *  0 int   SSRC of the source                   32 int   received, late and duplicate packets included
 *  4 byte  state: empty, on probation, valid    36 int   SSRC of a source that may take over
 *  5 byte  packets still missing on probation   40 long  window: bit n = highest sequence - n was received
 *  6 short restarts of sequence or SSRC         48 int   transit of the last packet, RTP ticks
 *  8 int   base sequence                        52 int   jitter, 1/16 RTP ticks
 * 12 int   highest sequence                     56 int   packets that arrived behind a later one
 * 16 short cycles; 18 short gaps still open      60 int   duplicates
 * 20 int   expected next of a jump + 1, 0 = none
 * 24 int   received at the last report          28 int   expected at the last report
 * </pre>
 *
 * <p>Byte order is the machine's: a record never leaves it.
 */
public final class RtpReceiveStatistics {
    /** Bytes of a record. */
    public static final int RECORD_LENGTH = 64;

    /** In order (gaps allowed). */
    public static final int ADVANCED = 0;
    /** Behind a later packet, but new. */
    public static final int REORDERED = 1;
    /** Was here before. */
    public static final int DUPLICATE = 2;
    /** A new source or a restarted sequence has proved itself: counting began anew with this packet. */
    public static final int RESTARTED = 3;
    /** First packets of a source, or a packet far off or of another source that has not proved itself: not counted. */
    public static final int ON_PROBATION = 4;

    /** Packets in sequence that make a source valid (RFC 3550 appendix A.1). */
    public static final int MIN_SEQUENTIAL = 2;
    /** Largest gap taken for loss. */
    public static final int MAX_DROPOUT = 3000;
    /** Farthest that a late packet may be behind. */
    public static final int MAX_MISORDER = 100;

    private static final int SSRC = 0;
    private static final int STATE = 4;
    private static final int PROBATION = 5;
    private static final int RESTARTS = 6;
    private static final int BASE = 8;
    private static final int HIGHEST = 12;
    private static final int CYCLES = 16;
    private static final int GAPS = 18;
    private static final int CANDIDATE_NEXT = 20;
    private static final int RECEIVED_PRIOR = 24;
    private static final int EXPECTED_PRIOR = 28;
    private static final int RECEIVED = 32;
    private static final int CANDIDATE_SSRC = 36;
    private static final int WINDOW = 40;
    private static final int TRANSIT = 48;
    private static final int JITTER = 52;
    private static final int REORDERS = 56;
    private static final int DUPLICATES = 60;

    private static final byte EMPTY = 0;
    private static final byte UNPROVED = 1;
    private static final byte VALID = 2;
    private static final byte VALID_NO_TRANSIT = 3;

    /** Keeps 16 times the jitter inside an int whatever timestamps a far end sends. */
    private static final int MAX_TRANSIT_STEP = 1 << 26;

    private MutableDirectBuffer buffer;
    private int offset;

    /** Points this view at a leg's record. */
    public RtpReceiveStatistics wrap(MutableDirectBuffer records, int recordOffset) {
        buffer = records;
        offset = recordOffset;
        return this;
    }

    /** Back to "nothing received yet". */
    public void reset() {
        buffer.setMemory(offset, RECORD_LENGTH, (byte) 0);
    }

    /**
     * Counts one packet of audio.
     *
     * @param arrivalTicks arrival time in RTP ticks of the stream's clock ({@link RtpClock#ticks}), any origin.
     * @return {@link #ADVANCED}, {@link #REORDERED}, {@link #DUPLICATE}, {@link #RESTARTED} or {@link #ON_PROBATION}.
     */
    public int onPacket(int ssrc, int sequence, int timestamp, int arrivalTicks) {
        int result = onUntimedPacket(ssrc, sequence);
        if (result != ON_PROBATION && result != DUPLICATE) {
            updateJitter(arrivalTicks - timestamp);
        }
        return result;
    }

    /**
     * Counts one packet whose timestamp says nothing about when it was sent: telephone events keep the timestamp of
     * their start (RFC 4733 section 2.1) and would spoil the jitter.
     *
     * @return as {@link #onPacket}.
     */
    public int onUntimedPacket(int ssrc, int sequence) {
        int state = buffer.getByte(offset + STATE);
        if (state >= VALID) {
            return ssrc == buffer.getInt(offset + SSRC) ? onValid(ssrc, sequence) : onCandidate(ssrc, sequence);
        }
        if (state == EMPTY || ssrc != buffer.getInt(offset + SSRC)) {
            begin(ssrc, sequence);
        }
        return onUnproved(sequence);
    }

    private void begin(int ssrc, int sequence) {
        restart(ssrc, sequence);
        buffer.putByte(offset + STATE, UNPROVED);
        buffer.putByte(offset + PROBATION, (byte) MIN_SEQUENTIAL);
        buffer.putInt(offset + HIGHEST, (sequence - 1) & SequenceMath.MASK);
    }

    private int onUnproved(int sequence) {
        int before = buffer.getByte(offset + PROBATION);
        boolean inSequence = sequence == SequenceMath.next(buffer.getInt(offset + HIGHEST));
        buffer.putInt(offset + HIGHEST, sequence);
        int missing = inSequence ? before - 1 : MIN_SEQUENTIAL - 1;
        buffer.putByte(offset + PROBATION, (byte) missing);
        if (missing > 0) {
            return ON_PROBATION;
        }
        restart(buffer.getInt(offset + SSRC), sequence);
        buffer.putInt(offset + RECEIVED, 1);
        return RESTARTED;
    }

    /** Another SSRC, or the same one far off: the second packet in a row makes it the source. */
    private int onCandidate(int ssrc, int sequence) {
        if (ssrc == buffer.getInt(offset + CANDIDATE_SSRC) && sequence + 1 == buffer.getInt(offset + CANDIDATE_NEXT)) {
            int restarts = Math.min(restarts() + 1, 0xFFFF);
            restart(ssrc, sequence);
            buffer.putShort(offset + RESTARTS, (short) restarts);
            buffer.putInt(offset + RECEIVED, 1);
            return RESTARTED;
        }
        buffer.putInt(offset + CANDIDATE_SSRC, ssrc);
        buffer.putInt(offset + CANDIDATE_NEXT, SequenceMath.next(sequence) + 1);
        return ON_PROBATION;
    }

    private int onValid(int ssrc, int sequence) {
        int highest = buffer.getInt(offset + HIGHEST);
        int ahead = (sequence - highest) & SequenceMath.MASK;
        if (ahead == 0) {
            return duplicate();
        }
        if (ahead < MAX_DROPOUT) {
            advance(sequence, highest, ahead);
            return ADVANCED;
        }
        int behind = SequenceMath.MASK + 1 - ahead;
        if (behind > MAX_MISORDER) {
            return onCandidate(ssrc, sequence);
        }
        return late(behind);
    }

    private void advance(int sequence, int highest, int ahead) {
        if (sequence < highest) {
            // 65,536 cycles are 2.7 years of 20 ms packets.
            buffer.putShort(offset + CYCLES, (short) (cycles() + 1));
        }
        if (ahead > 1) {
            addGaps(1);
        }
        buffer.putInt(offset + HIGHEST, sequence);
        long window = buffer.getLong(offset + WINDOW);
        buffer.putLong(offset + WINDOW, (ahead < Long.SIZE ? window << ahead : 0L) | 1L);
        increment(RECEIVED);
        // A source that goes on is not being replaced: whatever came in between was a stray.
        buffer.putInt(offset + CANDIDATE_NEXT, 0);
    }

    private int late(int behind) {
        if (behind < Long.SIZE) {
            long window = buffer.getLong(offset + WINDOW);
            long bit = 1L << behind;
            if ((window & bit) != 0) {
                return duplicate();
            }
            buffer.putLong(offset + WINDOW, window | bit);
            fillGap(window, behind);
        }
        increment(RECEIVED);
        increment(REORDERS);
        return REORDERED;
    }

    /** Between two that came a late packet closes a gap; between two that did not it makes two of one. */
    private void fillGap(long window, int behind) {
        // What was sent before counting began is in no gap; what is older than the window is taken for received.
        if (behind < expected()) {
            int newer = (int) (window >>> (behind - 1) & 1L);
            int older = behind + 1 < Long.SIZE ? (int) (window >>> (behind + 1) & 1L) : 1;
            addGaps(1 - newer - older);
        }
    }

    private int duplicate() {
        increment(RECEIVED);
        increment(DUPLICATES);
        return DUPLICATE;
    }

    private void restart(int ssrc, int sequence) {
        int restarts = buffer.getShort(offset + RESTARTS);
        buffer.setMemory(offset, RECORD_LENGTH, (byte) 0);
        buffer.putInt(offset + SSRC, ssrc);
        buffer.putByte(offset + STATE, VALID_NO_TRANSIT);
        buffer.putShort(offset + RESTARTS, (short) restarts);
        buffer.putInt(offset + BASE, sequence);
        buffer.putInt(offset + HIGHEST, sequence);
        buffer.putLong(offset + WINDOW, 1L);
    }

    private void updateJitter(int transit) {
        int previous = buffer.getInt(offset + TRANSIT);
        buffer.putInt(offset + TRANSIT, transit);
        if (buffer.getByte(offset + STATE) == VALID_NO_TRANSIT) {
            buffer.putByte(offset + STATE, VALID);
            return;
        }
        int step = transit - previous;
        // Math.abs of the smallest int is negative: both bounds.
        int size = step < 0 ? -step : step;
        if (size < 0 || size > MAX_TRANSIT_STEP) {
            size = MAX_TRANSIT_STEP;
        }
        int jitter = buffer.getInt(offset + JITTER);
        buffer.putInt(offset + JITTER, jitter + size - ((jitter + 8) >> 4));
    }

    private int cycles() {
        return buffer.getShort(offset + CYCLES) & 0xFFFF;
    }

    private void addGaps(int change) {
        buffer.putShort(offset + GAPS, (short) Math.clamp(gaps() + change, 0, 0xFFFF));
    }

    private void increment(int field) {
        buffer.putInt(offset + field, buffer.getInt(offset + field) + 1);
    }

    /** @return whether a source has proved itself. */
    public boolean isValid() {
        return buffer.getByte(offset + STATE) >= VALID;
    }

    /** @return SSRC of the source; 0 before the first packet. */
    public int ssrc() {
        return buffer.getInt(offset + SSRC);
    }

    /** @return sequence number that counting began with. */
    public int baseSequence() {
        return buffer.getInt(offset + BASE);
    }

    /** @return cycles in the upper, highest sequence number in the lower 16 bits. */
    public int extendedHighestSequence() {
        return cycles() << 16 | buffer.getInt(offset + HIGHEST);
    }

    /** @return packets counted, late and duplicate ones included (RFC 3550 section 6.4.1). */
    public long received() {
        return buffer.getInt(offset + RECEIVED) & 0xFFFF_FFFFL;
    }

    /** @return packets that should have come since counting began. */
    public long expected() {
        if (!isValid()) {
            return 0L;
        }
        long extended = (long) cycles() << 16 | buffer.getInt(offset + HIGHEST);
        return extended - baseSequence() + 1;
    }

    /** @return expected less received; negative when there were more duplicates than losses. */
    public long lost() {
        return expected() - received();
    }

    /** @return packets that should have come and did not, copies not taken for others; 0 before the first. */
    public long missing() {
        return Math.max(0L, expected() - (received() - duplicates()));
    }

    /** @return runs of packets missing one behind the other, at most 65535: missing / gaps = mean length of a run. */
    public int gaps() {
        return buffer.getShort(offset + GAPS) & 0xFFFF;
    }

    /** @return part of the interval since our last report that was lost so far, in 1/256; closes nothing. */
    public int fractionLost() {
        return fractionLost((int) expected(), (int) received());
    }

    /** @return interarrival jitter in RTP ticks. */
    public int jitterTicks() {
        return buffer.getInt(offset + JITTER) >> 4;
    }

    /** @return packets that came behind a later one. */
    public long reordered() {
        return buffer.getInt(offset + REORDERS) & 0xFFFF_FFFFL;
    }

    /** @return packets that came twice (seen up to 63 behind the highest). */
    public long duplicates() {
        return buffer.getInt(offset + DUPLICATES) & 0xFFFF_FFFFL;
    }

    /** @return how often a new SSRC or a far jump of the sequence has taken over, at most 65535. */
    public int restarts() {
        return buffer.getShort(offset + RESTARTS) & 0xFFFF;
    }

    /**
     * Closes the present reporting interval (RFC 3550 appendix A.3); call once a report.
     *
     * @return part of the interval's packets that was lost, in 1/256; 0 when none or fewer than none.
     */
    public int takeFractionLost() {
        int expected = (int) expected();
        int received = (int) received();
        int fraction = fractionLost(expected, received);
        buffer.putInt(offset + EXPECTED_PRIOR, expected);
        buffer.putInt(offset + RECEIVED_PRIOR, received);
        return fraction;
    }

    private int fractionLost(int expected, int received) {
        int expectedInterval = expected - buffer.getInt(offset + EXPECTED_PRIOR);
        int lostInterval = expectedInterval - (received - buffer.getInt(offset + RECEIVED_PRIOR));
        if (expectedInterval <= 0 || lostInterval <= 0) {
            return 0;
        }
        return (int) Math.min(((long) lostInterval << 8) / expectedInterval, 255L);
    }
}
