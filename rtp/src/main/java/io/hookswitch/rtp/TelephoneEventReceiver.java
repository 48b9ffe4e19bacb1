package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * Turns telephone-event packets into presses: one press is told once, whatever is lost, doubled, late, out of order or
 * missing its marker (RFC 4733 section 2.5). A press is known by SSRC and timestamp, not by its marker. One record a
 * leg, all zero = nothing received yet. This class is a view over a record: wrap, use, forget.
 *
 * <pre>
 *  0 byte phase: none, pressed, over     24 int  duration of the present segment as far as heard, RTP ticks
 *  1 byte event                          28 int  RTP ticks of the segments before (RFC 4733 section 2.5.1.3)
 *  2 short highest sequence              32 three former names { int timestamp, int SSRC }
 *  4 int  timestamp of the segment       56 three bytes: event of a former name + 1, 0 = none
 *  8 int  SSRC                           59 byte which former name is overwritten next
 * 12 int  RTP ticks of the press before, when it was ended by this one
 * 16 long when the key was last heard to be down, ns
 * </pre>
 *
 * <p>What makes a packet part of a press that is known already, in this order:
 *
 * <ol>
 *   <li>the same SSRC, timestamp and key, now or under one of the former names;
 *   <li>the same key without a marker, from a timestamp at which it was still down: the next segment of a long press,
 *       or a sender that moves the timestamp with every packet. nobody presses a key twice within {@value #PAUSE_MS}
 * ms;
 *   <li>the same key under another SSRC whose duration says that it went down before it was last heard.
 * </ol>
 *
 * <p>Whatever else was sent before the newest packet is late and nothing: rather a press missed than a wrong one.
 */
public final class TelephoneEventReceiver {
    /** Bytes of a record: one cache line. */
    public static final int RECORD_LENGTH = 64;

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
    private static final int FORMER = 32;
    private static final int FORMER_LENGTH = 8;
    private static final int FORMER_EVENTS = 56;
    private static final int FORMER_NEXT = 59;
    private static final int FORMERS = 3;

    private static final byte NONE = 0;
    private static final byte PRESSED = 1;
    private static final byte OVER = 2;

    private static final int MAX_SEGMENT = 0xFFFF;
    /** A step back by more than this is a wrap of the duration. */
    private static final int HALF = 0x8000;
    /** Segments that may be lost in a row, about a minute at 8 kHz. */
    private static final int MAX_SEGMENTS = 8;
    /** Shortest pause between two presses of a key (ITU-T Q.24 has 30 to 40 ms). */
    private static final int PAUSE_MS = 40;

    private static final long NS_PER_MS = 1_000_000L;
    private static final int MS_PER_S = 1000;
    /** A timestamp farther away than this from one sent at about the same time is another clock. */
    private static final int MAX_LATE_S = 10;

    /** How late the rest of a press may be under another SSRC: it is not over, or this says its end again. */
    private static final long REPEAT_NS = 150 * NS_PER_MS;
    /** How long after a change of SSRC packets of the former one are stragglers. */
    private static final long MAX_OVERTAKEN_NS = 500 * NS_PER_MS;

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
     * Takes one event of a telephone-event packet; the events of a packet in their order (RFC 4733 section 2.5.1.5).
     *
     * @param packet its RTP header.
     * @param event one of its events, wrapped.
     * @param startTicks where that event begins behind the packet's timestamp: durations of the events before it.
     * @param clockRate RTP ticks per second of telephone events on this leg.
     * @param nowNs arrival, clock of the core.
     * @return {@link #NOTHING} or the sum of what has happened, in the order of the bits' values. Events that are no
     *     keys (above 15) are nothing.
     */
    public int onPacket(
            RtpHeaderFlyweight packet, TelephoneEventFlyweight event, int startTicks, int clockRate, long nowNs) {
        if (TelephoneEventFlyweight.digitOf(event.event()) == TelephoneEventFlyweight.NO_DIGIT) {
            return NOTHING;
        }
        int timestamp = packet.timestamp() + startTicks;
        int phase = buffer.getByte(offset + PHASE);
        if (phase == NONE) {
            return begin(packet, event, timestamp, nowNs);
        }
        boolean isSource = packet.ssrc() == buffer.getInt(offset + SSRC);
        int ahead = timestamp - buffer.getInt(offset + TIMESTAMP);
        int steps = SequenceMath.distance(buffer.getShort(offset + SEQUENCE), packet.sequence());
        if (isSource && steps > 0) {
            buffer.putShort(offset + SEQUENCE, (short) packet.sequence());
        }
        boolean isKey = event.event() == event();
        if (isSource && isKey && ahead == 0) {
            return phase == PRESSED ? proceed(event, nowNs) : NOTHING;
        }
        if (isFormer(packet.ssrc(), timestamp, event.event())) {
            return NOTHING;
        }
        boolean isDown = isSource
                ? !packet.marker() && isStillDown(ahead, clockRate)
                : isDownSinceBefore(event, clockRate, nowNs, packet.marker());
        if (isKey && isDown) {
            return goOn(phase, packet, event, timestamp, nowNs);
        }
        boolean isLate =
                isSource ? isLate(ahead, steps, clockRate, event.end()) : isOfFormerSource(packet.ssrc(), nowNs);
        return isLate ? NOTHING : begin(packet, event, timestamp, nowNs);
    }

    /** Whether the key was down until the moment that this timestamp names. */
    private boolean isStillDown(int ahead, int clockRate) {
        boolean isSegment = ahead > 0 && ahead <= MAX_SEGMENTS * MAX_SEGMENT && ahead % MAX_SEGMENT == 0;
        return isSegment || ahead > 0 && ahead < buffer.getInt(offset + DURATION) + clockRate * PAUSE_MS / MS_PER_S;
    }

    /** Whether a press under another SSRC, by its own word, began before the key was last heard to be down. */
    private boolean isDownSinceBefore(TelephoneEventFlyweight event, int clockRate, long nowNs, boolean marker) {
        long beganNs = nowNs - (long) event.durationTicks() * MS_PER_S / clockRate * NS_PER_MS;
        long sinceNs = beganNs - buffer.getLong(offset + LAST_NS);
        boolean isRepeat = isPressed() || event.end() && event.durationTicks() == durationTicks();
        long pauseNs = isRepeat ? REPEAT_NS : PAUSE_MS * NS_PER_MS;
        return sinceNs <= 0 || !marker && sinceNs < pauseNs;
    }

    /** Whether a packet of a press not known was sent before the newest one. */
    private static boolean isLate(int ahead, int steps, int clockRate, boolean isEnd) {
        boolean isBefore = steps <= 0;
        int limit = MAX_LATE_S * clockRate;
        if (ahead <= 0 && ahead > -limit) {
            // A sender may repeat an end when the next key is down already; told now, the two would change places.
            return isBefore || isEnd && ahead < 0;
        }
        boolean isOtherClock = ahead < 0 || ahead > limit;
        return isBefore && isOtherClock && steps >= -RtpReceiveStatistics.MAX_MISORDER;
    }

    /** Whether a packet of an SSRC that we heard before the present one was overtaken by it. */
    private boolean isOfFormerSource(int ssrc, long nowNs) {
        if (nowNs - buffer.getLong(offset + LAST_NS) > MAX_OVERTAKEN_NS) {
            return false;
        }
        for (int i = 0; i < FORMERS; i++) {
            boolean isUsed = buffer.getByte(offset + FORMER_EVENTS + i) != 0;
            if (isUsed && buffer.getInt(offset + FORMER + i * FORMER_LENGTH + 4) == ssrc) {
                return true;
            }
        }
        return false;
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

    private int begin(RtpHeaderFlyweight packet, TelephoneEventFlyweight event, int timestamp, long nowNs) {
        int result = BEGUN;
        if (buffer.getByte(offset + PHASE) == PRESSED) {
            previousEvent = event();
            buffer.putInt(offset + PREVIOUS_TICKS, durationTicks());
            result |= PREVIOUS_ENDED;
        }
        rename(packet, event, timestamp);
        buffer.putByte(offset + PHASE, PRESSED);
        buffer.putInt(offset + DURATION, event.durationTicks());
        buffer.putInt(offset + SEGMENTS, 0);
        return result | proceed(event, nowNs);
    }

    /** The press that is known goes on under another timestamp or SSRC. */
    private int goOn(int phase, RtpHeaderFlyweight packet, TelephoneEventFlyweight event, int timestamp, long nowNs) {
        int soFar = durationTicks();
        boolean isSource = packet.ssrc() == buffer.getInt(offset + SSRC);
        int ahead = timestamp - buffer.getInt(offset + TIMESTAMP);
        int before = buffer.getInt(offset + SEGMENTS) + ahead;
        boolean isCounting = event.durationTicks() >= soFar && !(isSource && ahead % MAX_SEGMENT == 0);
        rename(packet, event, timestamp);
        // Either its duration goes on, or it counts anew: from this timestamp, or from where the key was heard last.
        buffer.putInt(offset + SEGMENTS, isCounting ? 0 : isSource ? before : soFar);
        buffer.putInt(offset + DURATION, event.durationTicks());
        return phase == PRESSED ? proceed(event, nowNs) : NOTHING;
    }

    private int proceed(TelephoneEventFlyweight event, long nowNs) {
        buffer.putLong(offset + LAST_NS, nowNs);
        buffer.putInt(offset + DURATION, longest(buffer.getInt(offset + DURATION), event.durationTicks()));
        if (event.end()) {
            buffer.putByte(offset + PHASE, OVER);
            return ENDED;
        }
        return NOTHING;
    }

    /** Sixteen bits of a counter: a sender that does not begin a new segment lets it wrap. */
    private static int longest(int known, int told) {
        int more = told - (known & MAX_SEGMENT);
        if (more < -HALF) {
            return known + more + MAX_SEGMENT + 1;
        }
        boolean isFromBeforeAWrap = more > HALF && known > MAX_SEGMENT;
        return isFromBeforeAWrap ? known : known + Math.max(0, more);
    }

    private void rename(RtpHeaderFlyweight packet, TelephoneEventFlyweight event, int timestamp) {
        if (buffer.getByte(offset + PHASE) != NONE) {
            int next = buffer.getByte(offset + FORMER_NEXT);
            int at = offset + FORMER + next * FORMER_LENGTH;
            buffer.putInt(at, buffer.getInt(offset + TIMESTAMP));
            buffer.putInt(at + 4, buffer.getInt(offset + SSRC));
            buffer.putByte(offset + FORMER_EVENTS + next, (byte) (event() + 1));
            buffer.putByte(offset + FORMER_NEXT, (byte) (next + 1 == FORMERS ? 0 : next + 1));
        }
        int steps = SequenceMath.distance(buffer.getShort(offset + SEQUENCE), packet.sequence());
        if (packet.ssrc() != buffer.getInt(offset + SSRC) || steps > 0 || steps < -RtpReceiveStatistics.MAX_MISORDER) {
            buffer.putShort(offset + SEQUENCE, (short) packet.sequence());
        }
        buffer.putByte(offset + EVENT, (byte) event.event());
        buffer.putInt(offset + TIMESTAMP, timestamp);
        buffer.putInt(offset + SSRC, packet.ssrc());
    }

    private boolean isFormer(int ssrc, int timestamp, int number) {
        for (int i = 0; i < FORMERS; i++) {
            int at = offset + FORMER + i * FORMER_LENGTH;
            if (buffer.getByte(offset + FORMER_EVENTS + i) == number + 1
                    && buffer.getInt(at) == timestamp
                    && buffer.getInt(at + 4) == ssrc) {
                return true;
            }
        }
        return false;
    }

    /** @return whether any press has been heard. */
    public boolean hasHeard() {
        return buffer.getByte(offset + PHASE) != NONE;
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
