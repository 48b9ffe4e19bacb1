package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * Turns telephone-event packets into presses: one press is told once, whatever is lost, doubled, late or missing its
 * marker (RFC 4733 section 2.5). A press is known by SSRC and timestamp, not by its marker. One record a leg, all zero
 * = nothing received yet. This class is a view over a record: wrap, use, forget.
 *
 * <pre>
 *  0 byte phase: none, pressed, over     16 long when its last packet came, ns
 *  1 byte event                          24 int  highest duration of the present segment, RTP ticks
 *  2 short highest sequence              28 int  RTP ticks of the segments before (RFC 4733 section 2.5.1.3)
 *  4 int  timestamp of the segment
 *  8 int  SSRC
 * 12 int  RTP ticks of the press before, when it was ended by this one
 * </pre>
 */
public final class TelephoneEventReceiver {
    /** Bytes of a record. */
    public static final int RECORD_LENGTH = 32;

    /** Nothing to tell. */
    public static final int NOTHING = 0;
    /** Bit: the press before is over, its end packets were all lost; {@link #previousDigit()} says which. First. */
    public static final int PREVIOUS_ENDED = 1;
    /** Bit: a key was pressed, {@link #digit()}. */
    public static final int BEGUN = 2;
    /** Bit: that key was released, {@link #durationTicks()}. A press whose first packets were lost sets both. */
    public static final int ENDED = 4;

    private static final int PHASE = 0;
    private static final int EVENT = 1;
    private static final int SEQUENCE = 2;
    private static final int TIMESTAMP = 4;
    private static final int SSRC = 8;
    private static final int PREVIOUS_TICKS = 12;
    private static final int LAST_NS = 16;
    private static final int DURATION = 24;
    private static final int SEGMENTS = 28;

    private static final byte NONE = 0;
    private static final byte PRESSED = 1;
    private static final byte OVER = 2;

    private static final int MAX_SEGMENT = 0xFFFF;
    /** A timestamp farther back than this is a new clock and not a straggler: 10 s at 48 kHz. */
    private static final int MAX_LATE_TICKS = 480_000;

    private MutableDirectBuffer buffer;
    private int offset;
    private int previousEvent;

    /** Points this view at a leg's record. */
    public TelephoneEventReceiver wrap(MutableDirectBuffer records, int recordOffset) {
        buffer = records;
        offset = recordOffset;
        return this;
    }

    /** Back to "nothing received yet". */
    public void reset() {
        buffer.setMemory(offset, RECORD_LENGTH, (byte) 0);
    }

    /**
     * Takes one telephone-event packet.
     *
     * @param packet its RTP header.
     * @param event its payload, wrapped.
     * @param nowNs arrival, clock of the core.
     * @return {@link #NOTHING} or the sum of what has happened, in the order of the bits' values. Events that are no
     *     keys (above 15) are nothing.
     */
    public int onPacket(RtpHeaderFlyweight packet, TelephoneEventFlyweight event, long nowNs) {
        int number = event.event();
        if (TelephoneEventFlyweight.digitOf(number) == TelephoneEventFlyweight.NO_DIGIT) {
            return NOTHING;
        }
        int phase = buffer.getByte(offset + PHASE);
        if (phase == NONE || packet.ssrc() != buffer.getInt(offset + SSRC)) {
            return begin(phase, packet, event, nowNs);
        }
        boolean sameEvent = number == event();
        int ahead = packet.timestamp() - buffer.getInt(offset + TIMESTAMP);
        if (ahead == 0 && sameEvent) {
            return phase == PRESSED ? proceed(packet, event, nowNs) : NOTHING;
        }
        if (phase == PRESSED && sameEvent && ahead == MAX_SEGMENT && !packet.marker()) {
            int segments = buffer.getInt(offset + SEGMENTS) + MAX_SEGMENT;
            buffer.putInt(offset + SEGMENTS, segments);
            buffer.putInt(offset + TIMESTAMP, packet.timestamp());
            buffer.putInt(offset + DURATION, 0);
            return proceed(packet, event, nowNs);
        }
        boolean newerSequence = SequenceMath.isNewer(packet.sequence(), buffer.getShort(offset + SEQUENCE));
        boolean late = ahead == 0 ? !newerSequence : ahead < 0 && ahead > -MAX_LATE_TICKS;
        return late ? NOTHING : begin(phase, packet, event, nowNs);
    }

    /**
     * Ends a press of which nothing has been heard for a time: all its end packets were lost.
     *
     * @param silenceNs how long to wait; more than the sender's packet interval.
     * @return {@link #NOTHING} or {@link #ENDED}; late packets of that press are then nothing.
     */
    public int expire(long nowNs, long silenceNs) {
        if (isPressed() && nowNs - buffer.getLong(offset + LAST_NS) >= silenceNs) {
            buffer.putByte(offset + PHASE, OVER);
            return ENDED;
        }
        return NOTHING;
    }

    private int begin(int phase, RtpHeaderFlyweight packet, TelephoneEventFlyweight event, long nowNs) {
        int result = BEGUN;
        if (phase == PRESSED) {
            previousEvent = event();
            buffer.putInt(offset + PREVIOUS_TICKS, durationTicks());
            result |= PREVIOUS_ENDED;
        }
        buffer.putByte(offset + PHASE, PRESSED);
        buffer.putByte(offset + EVENT, (byte) event.event());
        buffer.putShort(offset + SEQUENCE, (short) packet.sequence());
        buffer.putInt(offset + TIMESTAMP, packet.timestamp());
        buffer.putInt(offset + SSRC, packet.ssrc());
        buffer.putInt(offset + DURATION, 0);
        buffer.putInt(offset + SEGMENTS, 0);
        return result | proceed(packet, event, nowNs);
    }

    private int proceed(RtpHeaderFlyweight packet, TelephoneEventFlyweight event, long nowNs) {
        buffer.putLong(offset + LAST_NS, nowNs);
        buffer.putInt(offset + DURATION, Math.max(buffer.getInt(offset + DURATION), event.durationTicks()));
        if (SequenceMath.isNewer(packet.sequence(), buffer.getShort(offset + SEQUENCE))) {
            buffer.putShort(offset + SEQUENCE, (short) packet.sequence());
        }
        if (event.end()) {
            buffer.putByte(offset + PHASE, OVER);
            return ENDED;
        }
        return NOTHING;
    }

    /** @return whether a key is down. */
    public boolean isPressed() {
        return buffer.getByte(offset + PHASE) == PRESSED;
    }

    /** @return the event of the present or last press, 0..15. */
    public int event() {
        return buffer.getByte(offset + EVENT) & 0xFF;
    }

    /** @return the key of the present or last press: 0-9, *, #, A-D. */
    public char digit() {
        return TelephoneEventFlyweight.digitOf(event());
    }

    /** @return how long the present or last press has lasted, RTP ticks of the telephone-event clock. */
    public int durationTicks() {
        return buffer.getInt(offset + SEGMENTS) + buffer.getInt(offset + DURATION);
    }

    /** @return the key that {@link #PREVIOUS_ENDED} was about; good until the next packet of any leg. */
    public char previousDigit() {
        return TelephoneEventFlyweight.digitOf(previousEvent);
    }

    /** @return how long that key was down as far as heard, RTP ticks. */
    public int previousDurationTicks() {
        return buffer.getInt(offset + PREVIOUS_TICKS);
    }
}
