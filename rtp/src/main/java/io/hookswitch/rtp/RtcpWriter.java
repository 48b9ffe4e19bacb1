package io.hookswitch.rtp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a compound RTCP packet (RFC 3550 section 6; drawing at {@link RtcpReader}): first a report, its blocks, then
 * CNAME, then BYE. Each step says whether it had room; without room nothing is written.
 */
public final class RtcpWriter {
    private static final int MAX_BLOCKS = 31;
    private static final int MAX_TEXT = 255;
    private static final int MAX_LOST = 0x7F_FFFF;
    private static final int REPORT_HEAD = 8;

    private MutableDirectBuffer buffer;
    private int offset;
    private int end;
    private int at;
    private int report;

    /** Points this writer at empty room. */
    public RtcpWriter wrap(MutableDirectBuffer buffer, int offset, int capacity) {
        this.buffer = buffer;
        this.offset = offset;
        end = offset + capacity;
        at = offset;
        report = -1;
        return this;
    }

    /** @return bytes written. */
    public int lengthBytes() {
        return at - offset;
    }

    /**
     * Begins with a sender report.
     *
     * @param ssrc ours.
     * @param ntp our wall clock ({@link RtpClock#ntp}).
     * @param rtpTimestamp our media clock at the same instant.
     * @param packets RTP packets sent since the SSRC began, modulo 2^32.
     * @param octets bytes of payload sent since then, modulo 2^32.
     */
    public boolean senderReport(int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {
        int lengthBytes = REPORT_HEAD + RtcpReader.SENDER_INFO;
        if (end - at < lengthBytes) {
            return false;
        }
        head(RtcpReader.SENDER_REPORT, 0, lengthBytes);
        report = at;
        buffer.putInt(at + 4, ssrc, BIG_ENDIAN);
        buffer.putLong(at + 8, ntp, BIG_ENDIAN);
        buffer.putInt(at + 16, rtpTimestamp, BIG_ENDIAN);
        buffer.putInt(at + 20, packets, BIG_ENDIAN);
        buffer.putInt(at + 24, octets, BIG_ENDIAN);
        at += lengthBytes;
        return true;
    }

    /** Begins with a receiver report: for a leg that has sent nothing since its last report. */
    public boolean receiverReport(int ssrc) {
        if (end - at < REPORT_HEAD) {
            return false;
        }
        head(RtcpReader.RECEIVER_REPORT, 0, REPORT_HEAD);
        report = at;
        buffer.putInt(at + 4, ssrc, BIG_ENDIAN);
        at += REPORT_HEAD;
        return true;
    }

    /**
     * Adds a report block to the report just begun and closes the statistics' reporting interval.
     *
     * @param lastSenderReport middle 32 bits of the far end's last sender report, 0 = none.
     * @param delaySinceThen time since it arrived, 1/65536 s.
     */
    public boolean reportBlock(RtpReceiveStatistics statistics, int lastSenderReport, int delaySinceThen) {
        if (!hasRoomForBlock()) {
            return false;
        }
        return reportBlock(
                statistics.ssrc(),
                statistics.takeFractionLost(),
                statistics.lost(),
                statistics.extendedHighestSequence(),
                statistics.jitterTicks(),
                lastSenderReport,
                delaySinceThen);
    }

    /** Adds a report block to the report just begun; {@code lost} is held within 24 bits with sign. */
    public boolean reportBlock(
            int ssrc,
            int fractionLost,
            long lost,
            int extendedHighestSequence,
            int jitterTicks,
            int lastSenderReport,
            int delaySinceThen) {
        if (!hasRoomForBlock()) {
            return false;
        }
        int lost24 = (int) Math.max(Math.min(lost, MAX_LOST), -MAX_LOST - 1L) & 0xFF_FFFF;
        buffer.putInt(at, ssrc, BIG_ENDIAN);
        buffer.putInt(at + 4, fractionLost << 24 | lost24, BIG_ENDIAN);
        buffer.putInt(at + 8, extendedHighestSequence, BIG_ENDIAN);
        buffer.putInt(at + 12, jitterTicks, BIG_ENDIAN);
        buffer.putInt(at + 16, lastSenderReport, BIG_ENDIAN);
        buffer.putInt(at + 20, delaySinceThen, BIG_ENDIAN);
        at += RtcpReader.BLOCK;
        buffer.putByte(report, (byte) (0x80 | blocks() + 1));
        buffer.putShort(report + 2, (short) ((at - report >> 2) - 1), BIG_ENDIAN);
        return true;
    }

    private boolean hasRoomForBlock() {
        return report >= 0 && end - at >= RtcpReader.BLOCK && blocks() < MAX_BLOCKS;
    }

    private int blocks() {
        return buffer.getByte(report) & 0x1F;
    }

    /** Adds a source description with the CNAME that every compound packet carries; at most 255 bytes. */
    public boolean cname(int ssrc, DirectBuffer text, int textOffset, int textLength) {
        // Head, SSRC, item head, text, at least one zero, whole words.
        int lengthBytes = (RtcpReader.HEAD + 4 + 2 + textLength + 1 + 3) & ~3;
        if (textLength > MAX_TEXT || end - at < lengthBytes) {
            return false;
        }
        head(RtcpReader.SOURCE_DESCRIPTION, 1, lengthBytes);
        report = -1;
        buffer.putInt(at + 4, ssrc, BIG_ENDIAN);
        buffer.putByte(at + 8, (byte) RtcpReader.CNAME);
        buffer.putByte(at + 9, (byte) textLength);
        buffer.putBytes(at + 10, text, textOffset, textLength);
        buffer.setMemory(at + 10 + textLength, lengthBytes - 10 - textLength, (byte) 0);
        at += lengthBytes;
        return true;
    }

    /** Adds a BYE without reason; the last of a compound packet. */
    public boolean bye(int ssrc) {
        if (end - at < REPORT_HEAD) {
            return false;
        }
        head(RtcpReader.BYE, 1, REPORT_HEAD);
        report = -1;
        buffer.putInt(at + 4, ssrc, BIG_ENDIAN);
        at += REPORT_HEAD;
        return true;
    }

    private void head(int type, int count, int lengthBytes) {
        buffer.putByte(at, (byte) (0x80 | count));
        buffer.putByte(at + 1, (byte) type);
        buffer.putShort(at + 2, (short) ((lengthBytes >> 2) - 1), BIG_ENDIAN);
    }
}
