package io.hookswitch.rtp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * Reads a compound RTCP packet (RFC 3550 section 6) in place. {@link #wrap} checks all of it, so that what follows
 * never reads outside; {@link #next} then goes from packet to packet.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|  count  |      type     |     length in words less one  |
 * |                        SSRC of the sender                     |
 * | SR: NTP 64 bits, RTP timestamp, packets, octets               |
 * | SR, RR: count * { SSRC, fraction lost 8 | lost 24, highest    |
 * |         sequence, jitter, last SR, delay since last SR }      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class RtcpReader {
    /** Sender report. */
    public static final int SENDER_REPORT = 200;
    /** Receiver report. */
    public static final int RECEIVER_REPORT = 201;
    /** Source description. */
    public static final int SOURCE_DESCRIPTION = 202;
    /** Goodbye. */
    public static final int BYE = 203;

    static final int HEAD = 4;
    static final int SENDER_INFO = 20;
    static final int BLOCK = 24;
    static final int CNAME = 1;
    private static final int SSRC_LENGTH = 4;
    private static final int ITEM_HEAD = 2;

    private DirectBuffer buffer;
    private int end;
    private int nextPacket;
    private int packet;
    private int packetEnd;

    /**
     * Points this view at a datagram, before its first packet.
     *
     * @return false when it is no valid compound packet (RFC 3550 appendix A.2: versions, first packet a report,
     *     padding in the last only, lengths add up) or a report, description or BYE in it is cut; the view then holds
     *     nothing. Network input never throws. Packets of types not known here are passed over.
     */
    public boolean wrap(DirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        end = offset;
        nextPacket = offset;
        if (!isValid(offset, offset + length)) {
            return false;
        }
        end = offset + length;
        return true;
    }

    private boolean isValid(int offset, int limit) {
        int at = offset;
        while (at < limit) {
            if (limit - at < HEAD) {
                return false;
            }
            int first = buffer.getByte(at);
            int type = buffer.getByte(at + 1) & 0xFF;
            int lengthBytes = (buffer.getShort(at + 2, BIG_ENDIAN) & 0xFFFF) + 1 << 2;
            boolean padded = (first & 0x20) != 0;
            if ((first & 0xC0) != 0x80 || lengthBytes > limit - at) {
                return false;
            }
            if (at == offset && (padded || type != SENDER_REPORT && type != RECEIVER_REPORT)) {
                return false;
            }
            if (padded && at + lengthBytes != limit) {
                return false;
            }
            int padding = padded ? buffer.getByte(limit - 1) & 0xFF : 0;
            if (padded && (padding == 0 || (padding & 3) != 0 || padding > lengthBytes - HEAD)) {
                return false;
            }
            if (!isWhole(type, first & 0x1F, at, lengthBytes - padding)) {
                return false;
            }
            at += lengthBytes;
        }
        return at > offset;
    }

    private boolean isWhole(int type, int count, int at, int lengthBytes) {
        return switch (type) {
            case SENDER_REPORT -> lengthBytes >= HEAD + SSRC_LENGTH + SENDER_INFO + count * BLOCK;
            case RECEIVER_REPORT -> lengthBytes >= HEAD + SSRC_LENGTH + count * BLOCK;
            case SOURCE_DESCRIPTION -> areChunksWhole(count, at + HEAD, at + lengthBytes);
            case BYE -> isByeWhole(count, at, lengthBytes);
            default -> true;
        };
    }

    private boolean isByeWhole(int count, int at, int lengthBytes) {
        int reason = HEAD + count * SSRC_LENGTH;
        return lengthBytes == reason || lengthBytes > reason && reason + 1 + textLength(at + reason) <= lengthBytes;
    }

    private boolean areChunksWhole(int count, int from, int limit) {
        int at = from;
        for (int i = 0; i < count; i++) {
            at = at + SSRC_LENGTH < limit ? chunkEnd(from, at + SSRC_LENGTH, limit) : -1;
            if (at < 0) {
                return false;
            }
        }
        return true;
    }

    /** Items end with a zero byte, then zeros up to the next word (RFC 3550 section 6.5). -1 = cut. */
    private int chunkEnd(int from, int firstItem, int limit) {
        int item = firstItem;
        while (item < limit && buffer.getByte(item) != 0) {
            if (item + ITEM_HEAD > limit) {
                return -1;
            }
            item += ITEM_HEAD + textLength(item + 1);
        }
        int chunkEnd = from + ((item + 1 - from + 3) & ~3);
        return item < limit && chunkEnd <= limit ? chunkEnd : -1;
    }

    private int textLength(int at) {
        return buffer.getByte(at) & 0xFF;
    }

    /** Goes to the next packet. @return false behind the last one. */
    public boolean next() {
        if (nextPacket >= end) {
            return false;
        }
        packet = nextPacket;
        packetEnd = packet + ((buffer.getShort(packet + 2, BIG_ENDIAN) & 0xFFFF) + 1 << 2);
        nextPacket = packetEnd;
        return true;
    }

    /** @return the present packet's type, one of the constants or any other. */
    public int type() {
        return buffer.getByte(packet + 1) & 0xFF;
    }

    /** @return report blocks, chunks or sources in the present packet, 0..31. */
    public int count() {
        return buffer.getByte(packet) & 0x1F;
    }

    /** @return whether the present packet is a report of either kind. */
    public boolean isReport() {
        int type = type();
        return type == SENDER_REPORT || type == RECEIVER_REPORT;
    }

    /** @return SSRC of the sender; reports only. */
    public int senderSsrc() {
        return word(HEAD);
    }

    /** @return the sender's wall clock, 64-bit NTP; sender reports only. */
    public long ntp() {
        return buffer.getLong(packet + 8, BIG_ENDIAN);
    }

    /** @return its middle 32 bits, to be sent back as "last SR"; sender reports only. */
    public int ntpMiddle() {
        return RtpClock.ntpMiddle(ntp());
    }

    /** @return the media clock at that instant; sender reports only. */
    public int rtpTimestamp() {
        return word(16);
    }

    /** @return RTP packets sent so far, modulo 2^32; sender reports only. */
    public int packetsSent() {
        return word(20);
    }

    /** @return bytes of payload sent so far, modulo 2^32; sender reports only. */
    public int octetsSent() {
        return word(24);
    }

    /** @return SSRC that a report block (0..{@link #count()} - 1) is about; reports only, as the five that follow. */
    public int blockSsrc(int block) {
        return word(block(block));
    }

    /** @return part lost since the report before, 1/256. */
    public int fractionLost(int block) {
        return word(block(block) + 4) >>> 24;
    }

    /** @return packets lost so far, 24 bits with sign. */
    public int cumulativeLost(int block) {
        return word(block(block) + 4) << 8 >> 8;
    }

    /** @return highest sequence number received, cycles in the upper 16 bits. */
    public int extendedHighestSequence(int block) {
        return word(block(block) + 8);
    }

    /** @return jitter in RTP ticks, unsigned. */
    public int jitterTicks(int block) {
        return word(block(block) + 12);
    }

    /** @return middle 32 bits of the NTP time of our last sender report that has arrived, 0 = none. */
    public int lastSenderReport(int block) {
        return word(block(block) + 16);
    }

    /** @return time from its arrival to this report, 1/65536 s, unsigned. */
    public int delaySinceLastSenderReport(int block) {
        return word(block(block) + 20);
    }

    /**
     * The round trip that a block tells (RFC 3550 section 6.4.1).
     *
     * @param arrivalNtpMiddle middle 32 bits of our NTP clock when the report arrived.
     * @return ns, or -1 when the block knows no sender report of ours or its times contradict ours.
     */
    public long roundTripNs(int block, int arrivalNtpMiddle) {
        int lastSenderReport = lastSenderReport(block);
        if (lastSenderReport == 0) {
            return -1L;
        }
        int units = arrivalNtpMiddle - lastSenderReport - delaySinceLastSenderReport(block);
        return units < 0 ? -1L : units * 1_000_000_000L >> 16;
    }

    /** @return SSRC of a source (0..{@link #count()} - 1) that leaves; BYE only. */
    public int byeSsrc(int source) {
        return word(HEAD + source * SSRC_LENGTH);
    }

    /** @return where the first CNAME's text starts in the buffer, or -1; source descriptions only. */
    public int cnameOffset() {
        int at = packet + HEAD;
        for (int i = 0; i < count(); i++) {
            int item = at + SSRC_LENGTH;
            while (buffer.getByte(item) != 0) {
                if (buffer.getByte(item) == CNAME) {
                    return item + ITEM_HEAD;
                }
                item += ITEM_HEAD + textLength(item + 1);
            }
            at = chunkEnd(packet + HEAD, item, packetEnd);
        }
        return -1;
    }

    /** @return bytes of the text at {@link #cnameOffset()}. */
    public int cnameLength(int cnameOffset) {
        return textLength(cnameOffset - 1);
    }

    private int block(int block) {
        return HEAD + SSRC_LENGTH + (type() == SENDER_REPORT ? SENDER_INFO : 0) + block * BLOCK;
    }

    private int word(int at) {
        return buffer.getInt(packet + at, BIG_ENDIAN);
    }
}
