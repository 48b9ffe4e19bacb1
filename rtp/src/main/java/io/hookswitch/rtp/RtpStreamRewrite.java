package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * Rewrites packets of whatever source into one continuous stream toward a far end: our SSRC never changes, sequence
 * and timestamp go on where they were when the source is switched or restarts. One record a sending leg, one cache
 * line; together with the packet it is all that the rewrite of a plain leg needs, so that a kernel fast path can take
 * it as it is. This class is a view over a record: wrap, use, forget.
 *
 * <pre>
 *  0 int   SSRC of ours                         32 short source sequence at the last switch
 *  4 int   SSRC of the source                   34 short last sequence of the source before the switch
 *  8 int   sequence offset, out = in + offset   36 int   SSRC of the source before the switch
 * 12 int   timestamp offset, out = in + offset  40 int   RTP ticks per second
 * 16 int   highest sequence of the source       44 4 bytes payload types in, 0xFF = unused
 * 20 int   timestamp of the source              48 4 bytes payload types out
 * 24 long  when that timestamp was sent, ns     52 int   flags: 1 started, 2 fresh, 4 has former, 8 switch
 *                                               56 int   IPv4 address of the far end, network order, 0 = none
 *                                               60 short port, network order; 62 short 0
 * </pre>
 *
 * <p>Until the first packet the offsets hold the first outgoing sequence and timestamp. Byte order is the machine's
 * except where said.
 */
public final class RtpStreamRewrite {
    /** Bytes of a record: one cache line. */
    public static final int RECORD_LENGTH = 64;
    /** Payload types that a record can map. */
    public static final int MAP_LENGTH = 4;

    /** Rewritten in place; send it. */
    public static final int FORWARD = 0;
    /** As {@link #FORWARD}, and the source was switched or restarted: continuity was made, the marker is set. */
    public static final int FORWARD_SWITCHED = 1;
    /** The far end did not negotiate this payload type; the packet is unchanged. */
    public static final int DROP_UNMAPPED = -1;
    /** A straggler from before a switch: its number belongs to a packet already sent. The packet is unchanged. */
    public static final int DROP_LATE = -2;

    /** Offset of our SSRC. */
    public static final int OUT_SSRC_OFFSET = 0;
    /** Offset of the source's SSRC. */
    public static final int IN_SSRC_OFFSET = 4;
    /** Offset of the sequence offset. */
    public static final int SEQUENCE_DELTA_OFFSET = 8;
    /** Offset of the timestamp offset. */
    public static final int TIMESTAMP_DELTA_OFFSET = 12;
    /** Offset of the source's highest sequence. */
    public static final int LAST_SEQUENCE_OFFSET = 16;
    /** Offset of the source's timestamp. */
    public static final int LAST_TIMESTAMP_OFFSET = 20;
    /** Offset of the time that belongs to that timestamp. */
    public static final int LAST_NS_OFFSET = 24;
    /** Offset of the source sequence at the last switch. */
    public static final int SWITCH_SEQUENCE_OFFSET = 32;
    /** Offset of the former source's last sequence. */
    public static final int FORMER_SEQUENCE_OFFSET = 34;
    /** Offset of the former source's SSRC. */
    public static final int FORMER_SSRC_OFFSET = 36;
    /** Offset of the clock rate. */
    public static final int CLOCK_RATE_OFFSET = 40;
    /** Offset of the payload types in. */
    public static final int MAP_IN_OFFSET = 44;
    /** Offset of the payload types out. */
    public static final int MAP_OUT_OFFSET = 48;
    /** Offset of the flags. */
    public static final int FLAGS_OFFSET = 52;
    /** Offset of the far end's IPv4 address. */
    public static final int ADDRESS_OFFSET = 56;
    /** Offset of the far end's port. */
    public static final int PORT_OFFSET = 60;

    private static final int STARTED = 1;
    private static final int FRESH = 2;
    private static final int HAS_FORMER = 4;
    private static final int SWITCH = 8;
    private static final int UNUSED = -1;
    private static final long NS_PER_S = 1_000_000_000L;

    /** A timestamp farther back than this many seconds is a new clock, not an event that began a while ago. */
    private static final int MAX_EVENT_S = 10;

    private MutableDirectBuffer buffer;
    private int offset;

    /** Points this view at a leg's record. */
    public RtpStreamRewrite wrap(MutableDirectBuffer records, int recordOffset) {
        buffer = records;
        offset = recordOffset;
        return this;
    }

    /**
     * Begins a stream with an empty payload type map and no destination.
     *
     * @param ssrc ours toward this far end, for the leg's life.
     * @param firstSequence sequence number of the first packet, random (RFC 3550 section 5.1).
     * @param firstTimestamp timestamp of the first packet, random.
     * @param clockRate RTP ticks per second.
     */
    public void start(int ssrc, int firstSequence, int firstTimestamp, int clockRate) {
        buffer.setMemory(offset, RECORD_LENGTH, (byte) 0);
        buffer.putInt(offset + OUT_SSRC_OFFSET, ssrc);
        buffer.putInt(offset + SEQUENCE_DELTA_OFFSET, firstSequence & SequenceMath.MASK);
        buffer.putInt(offset + TIMESTAMP_DELTA_OFFSET, firstTimestamp);
        buffer.putInt(offset + CLOCK_RATE_OFFSET, clockRate);
        buffer.putInt(offset + MAP_IN_OFFSET, UNUSED);
        buffer.putInt(offset + MAP_OUT_OFFSET, UNUSED);
    }

    /** Empties the payload type map. */
    public void clearMap() {
        buffer.putInt(offset + MAP_IN_OFFSET, UNUSED);
        buffer.putInt(offset + MAP_OUT_OFFSET, UNUSED);
    }

    /**
     * Maps one payload type (0..127) of the source to one of the far end; audio first, it is looked up first.
     *
     * @return false when the map is full.
     */
    public boolean map(int payloadTypeIn, int payloadTypeOut) {
        for (int i = 0; i < MAP_LENGTH; i++) {
            int in = buffer.getByte(offset + MAP_IN_OFFSET + i);
            if (in == UNUSED || in == payloadTypeIn) {
                buffer.putByte(offset + MAP_IN_OFFSET + i, (byte) payloadTypeIn);
                buffer.putByte(offset + MAP_OUT_OFFSET + i, (byte) payloadTypeOut);
                return true;
            }
        }
        return false;
    }

    /** @return payload type toward the far end, or -1. */
    public int mapped(int payloadTypeIn) {
        for (int i = 0; i < MAP_LENGTH; i++) {
            if (buffer.getByte(offset + MAP_IN_OFFSET + i) == payloadTypeIn) {
                return buffer.getByte(offset + MAP_OUT_OFFSET + i);
            }
        }
        return UNUSED;
    }

    /** Sets where the stream goes, for a fast path; both in network order, address 0 = not IPv4. */
    public void destination(int addressNetworkOrder, short portNetworkOrder) {
        buffer.putInt(offset + ADDRESS_OFFSET, addressNetworkOrder);
        buffer.putShort(offset + PORT_OFFSET, portNetworkOrder);
    }

    /** Sets the clock of the packets to come after a change of codec; the timestamp goes on. */
    public void clockRate(int clockRate) {
        buffer.putInt(offset + CLOCK_RATE_OFFSET, clockRate);
        sourceChanged();
    }

    /** The next packet comes from another leg or generator, whatever its SSRC says. */
    public void sourceChanged() {
        int flags = buffer.getInt(offset + FLAGS_OFFSET);
        if ((flags & STARTED) != 0) {
            buffer.putInt(offset + FLAGS_OFFSET, (flags | SWITCH) & ~HAS_FORMER);
        }
    }

    /** @return our SSRC. */
    public int ssrc() {
        return buffer.getInt(offset + OUT_SSRC_OFFSET);
    }

    /** @return RTP ticks per second. */
    public int clockRate() {
        return buffer.getInt(offset + CLOCK_RATE_OFFSET);
    }

    /** @return whether a packet has been sent. */
    public boolean started() {
        return (buffer.getInt(offset + FLAGS_OFFSET) & STARTED) != 0;
    }

    /** @return highest sequence number sent; before the first packet, the one it will have. */
    public int lastSequence() {
        return SequenceMath.add(
                buffer.getInt(offset + LAST_SEQUENCE_OFFSET), buffer.getInt(offset + SEQUENCE_DELTA_OFFSET));
    }

    /** @return the timestamp of our stream at a time: last sent plus what has passed since (for sender reports). */
    public int timestampAt(long nowNs) {
        int last = buffer.getInt(offset + LAST_TIMESTAMP_OFFSET) + buffer.getInt(offset + TIMESTAMP_DELTA_OFFSET);
        return started() ? last + RtpClock.ticks(nowNs - buffer.getLong(offset + LAST_NS_OFFSET), clockRate()) : last;
    }

    /**
     * Makes room for a packet of our own behind the last one sent. Those of the source go on behind it; stragglers from
     * before it are late, their place is taken.
     *
     * @param nowNs clock of the core.
     * @return the sequence number of our packet.
     */
    public int insert(long nowNs) {
        int flags = buffer.getInt(offset + FLAGS_OFFSET);
        if ((flags & STARTED) == 0) {
            buffer.putLong(offset + LAST_NS_OFFSET, nowNs);
            buffer.putInt(offset + FLAGS_OFFSET, STARTED | SWITCH);
            return lastSequence();
        }
        moveSequence(1);
        if ((flags & SWITCH) == 0) {
            overtake(flags, buffer.getInt(offset + LAST_SEQUENCE_OFFSET) + 1);
        }
        return lastSequence();
    }

    /** A packet of the source stays behind because ours take its place: no number is left out for it. */
    public void withhold(RtpHeaderFlyweight packet, long nowNs) {
        int flags = buffer.getInt(offset + FLAGS_OFFSET);
        if ((flags & (STARTED | SWITCH)) != STARTED || packet.ssrc() != buffer.getInt(offset + IN_SSRC_OFFSET)) {
            return;
        }
        int ahead = SequenceMath.distance(buffer.getInt(offset + LAST_SEQUENCE_OFFSET), packet.sequence());
        if (ahead > 0 && ahead < RtpReceiveStatistics.MAX_DROPOUT) {
            advance(flags, packet.sequence(), packet.timestamp(), nowNs);
            moveSequence(-ahead);
            overtake(flags, packet.sequence() + 1);
        }
    }

    /** @return the timestamp for a packet of our own that begins now: behind everything sent so far. */
    public int nextTimestamp(long nowNs) {
        int last = timestampAt(buffer.getLong(offset + LAST_NS_OFFSET));
        int now = timestampAt(nowNs);
        return started() && now - last <= 0 ? last + 1 : now;
    }

    /**
     * Says how much audio a packet of our own carries: what is sent next follows behind all of it, however soon.
     *
     * @param timestamp of the packet.
     * @param ticks that it covers, 1 or more.
     * @param fromNs clock of the core at its timestamp.
     */
    public void covered(int timestamp, int ticks, long fromNs) {
        buffer.putInt(
                offset + LAST_TIMESTAMP_OFFSET, timestamp + ticks - 1 - buffer.getInt(offset + TIMESTAMP_DELTA_OFFSET));
        buffer.putLong(offset + LAST_NS_OFFSET, fromNs + (ticks - 1) * NS_PER_S / clockRate());
    }

    private void moveSequence(int steps) {
        int delta = buffer.getInt(offset + SEQUENCE_DELTA_OFFSET);
        buffer.putInt(offset + SEQUENCE_DELTA_OFFSET, SequenceMath.add(delta, steps));
    }

    /** What the source numbered below this is late from now on. */
    private void overtake(int flags, int sequence) {
        buffer.putShort(offset + SWITCH_SEQUENCE_OFFSET, (short) sequence);
        buffer.putInt(offset + FLAGS_OFFSET, flags | FRESH);
    }

    /**
     * Rewrites payload type, SSRC, sequence and timestamp of one packet in place.
     *
     * @param packet wrapped by the caller.
     * @param nowNs clock of the core.
     * @return {@link #FORWARD}, {@link #FORWARD_SWITCHED}, {@link #DROP_UNMAPPED} or {@link #DROP_LATE}.
     */
    public int rewrite(RtpHeaderFlyweight packet, long nowNs) {
        int payloadType = mapped(packet.payloadType());
        if (payloadType == UNUSED) {
            return DROP_UNMAPPED;
        }
        int sequence = packet.sequence();
        int timestamp = packet.timestamp();
        int result = place(packet.ssrc(), sequence, timestamp, nowNs);
        if (result < 0) {
            return result;
        }
        packet.payloadType(payloadType)
                .ssrc(buffer.getInt(offset + OUT_SSRC_OFFSET))
                .sequence(sequence + buffer.getInt(offset + SEQUENCE_DELTA_OFFSET))
                .timestamp(timestamp + buffer.getInt(offset + TIMESTAMP_DELTA_OFFSET));
        if (result == FORWARD_SWITCHED) {
            packet.marker(true);
        }
        return result;
    }

    private int place(int ssrc, int sequence, int timestamp, long nowNs) {
        int flags = buffer.getInt(offset + FLAGS_OFFSET);
        if ((flags & (STARTED | SWITCH)) == STARTED && ssrc == buffer.getInt(offset + IN_SSRC_OFFSET)) {
            int ahead = SequenceMath.distance(buffer.getInt(offset + LAST_SEQUENCE_OFFSET), sequence);
            if (ahead > 0 && ahead < RtpReceiveStatistics.MAX_DROPOUT) {
                return advance(flags, sequence, timestamp, nowNs);
            }
            if (ahead <= 0 && ahead >= -RtpReceiveStatistics.MAX_MISORDER) {
                // Numbers before the switch were given to the former source's packets: sent again under SRTP they
                // would reuse the key stream.
                boolean before = (flags & FRESH) != 0
                        && SequenceMath.distance(buffer.getShort(offset + SWITCH_SEQUENCE_OFFSET), sequence) < 0;
                return before ? DROP_LATE : FORWARD;
            }
        }
        if ((flags & HAS_FORMER) != 0 && isFormer(ssrc, sequence)) {
            return DROP_LATE;
        }
        return begin(flags, ssrc, sequence, timestamp, nowNs);
    }

    private boolean isFormer(int ssrc, int sequence) {
        int ahead = SequenceMath.distance(buffer.getShort(offset + FORMER_SEQUENCE_OFFSET), sequence);
        return ssrc == buffer.getInt(offset + FORMER_SSRC_OFFSET)
                && ahead <= 0
                && ahead >= -RtpReceiveStatistics.MAX_MISORDER;
    }

    private int advance(int flags, int sequence, int timestamp, long nowNs) {
        buffer.putInt(offset + LAST_SEQUENCE_OFFSET, sequence);
        int ticks = timestamp - buffer.getInt(offset + LAST_TIMESTAMP_OFFSET);
        // Packets of a telephone event carry the timestamp of its start: time and timestamp are kept as a pair.
        if (ticks > 0 || ticks < -MAX_EVENT_S * clockRate()) {
            buffer.putInt(offset + LAST_TIMESTAMP_OFFSET, timestamp);
            buffer.putLong(offset + LAST_NS_OFFSET, nowNs);
        }
        if ((flags & FRESH) != 0
                && SequenceMath.distance(buffer.getShort(offset + SWITCH_SEQUENCE_OFFSET), sequence)
                        > RtpReceiveStatistics.MAX_MISORDER) {
            buffer.putInt(offset + FLAGS_OFFSET, flags & ~FRESH);
        }
        return FORWARD;
    }

    private int begin(int flags, int ssrc, int sequence, int timestamp, long nowNs) {
        int nextSequence = lastSequence();
        int nextTimestamp = timestampAt(nowNs);
        int nextFlags = STARTED | FRESH;
        if ((flags & STARTED) != 0) {
            nextSequence = SequenceMath.next(nextSequence);
            // Two packets of different sources never share a timestamp, however close they come.
            if (nextTimestamp - timestampAt(buffer.getLong(offset + LAST_NS_OFFSET)) <= 0) {
                nextTimestamp = timestampAt(buffer.getLong(offset + LAST_NS_OFFSET)) + 1;
            }
            if ((flags & SWITCH) == 0) {
                nextFlags |= HAS_FORMER;
                buffer.putInt(offset + FORMER_SSRC_OFFSET, buffer.getInt(offset + IN_SSRC_OFFSET));
                buffer.putShort(offset + FORMER_SEQUENCE_OFFSET, (short) buffer.getInt(offset + LAST_SEQUENCE_OFFSET));
            }
        }
        buffer.putInt(offset + IN_SSRC_OFFSET, ssrc);
        buffer.putInt(offset + SEQUENCE_DELTA_OFFSET, (nextSequence - sequence) & SequenceMath.MASK);
        buffer.putInt(offset + TIMESTAMP_DELTA_OFFSET, nextTimestamp - timestamp);
        buffer.putInt(offset + LAST_SEQUENCE_OFFSET, sequence);
        buffer.putInt(offset + LAST_TIMESTAMP_OFFSET, timestamp);
        buffer.putLong(offset + LAST_NS_OFFSET, nowNs);
        buffer.putShort(offset + SWITCH_SEQUENCE_OFFSET, (short) sequence);
        buffer.putInt(offset + FLAGS_OFFSET, nextFlags);
        return FORWARD_SWITCHED;
    }
}
