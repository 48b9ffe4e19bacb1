package io.hookswitch.rtp;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What a leg must keep to report about itself: what it has sent, the far end's last sender report, the round trip. One
 * record a leg, all zero = nothing yet. This class is a view over a record: wrap, use, forget.
 *
 * <pre>
 *  0 int  packets sent, modulo 2^32            16 long arrival of the far end's last SR, ns
 *  4 int  bytes of payload sent, modulo 2^32   24 long round trip, ns; 0 = not known
 *  8 int  middle NTP bits of the far end's     32 int  packets sent at our last report
 *         last SR, 0 = none                    36 byte part that the far end says it lost lately, 1/256
 * 12 int  jitter that the far end sees, ticks  37 byte 1 = the far end has said BYE; 38 short 0
 *                                              40 int  packets that the far end says it lost, signed
 *                                              44 int  compound packets received, modulo 2^32
 * </pre>
 */
public final class RtcpLegReports {
    /** Bytes of a record. */
    public static final int RECORD_LENGTH = 48;
    /** Room that {@link #write} needs at most with a CNAME of 64 bytes. */
    public static final int MAX_REPORT_LENGTH = 28 + 24 + 76 + 8;

    private static final int PACKETS = 0;
    private static final int OCTETS = 4;
    private static final int LAST_SR = 8;
    private static final int FAR_JITTER = 12;
    private static final int LAST_SR_NS = 16;
    private static final int ROUND_TRIP = 24;
    private static final int PACKETS_REPORTED = 32;
    private static final int FAR_FRACTION = 36;
    private static final int GOODBYE = 37;
    private static final int FAR_LOST = 40;
    private static final int RECEIVED = 44;

    private MutableDirectBuffer buffer;
    private int offset;

    /** Points this view at a leg's record. */
    public RtcpLegReports wrap(MutableDirectBuffer records, int recordOffset) {
        buffer = records;
        offset = recordOffset;
        return this;
    }

    /** Back to "nothing yet". */
    public void reset() {
        buffer.setMemory(offset, RECORD_LENGTH, (byte) 0);
    }

    /** @return compound packets taken from the far end, modulo 2^32. */
    public int received() {
        return buffer.getInt(offset + RECEIVED);
    }

    /** Counts one RTP packet sent. */
    public void onSent(int payloadLength) {
        buffer.putInt(offset + PACKETS, buffer.getInt(offset + PACKETS) + 1);
        buffer.putInt(offset + OCTETS, buffer.getInt(offset + OCTETS) + payloadLength);
    }

    /**
     * Takes a whole compound packet of the far end, from the reader's present position to its end.
     *
     * @param ourSsrc what we send with: blocks about others are passed over.
     * @param nowNs clock of the core.
     * @param nowNtp wall clock at the same instant.
     */
    public void onReceived(RtcpReader reader, int ourSsrc, long nowNs, long nowNtp) {
        buffer.putInt(offset + RECEIVED, received() + 1);
        while (reader.next()) {
            if (reader.type() == RtcpReader.SENDER_REPORT) {
                buffer.putInt(offset + LAST_SR, reader.ntpMiddle());
                buffer.putLong(offset + LAST_SR_NS, nowNs);
            }
            if (reader.isReport()) {
                onBlocks(reader, ourSsrc, RtpClock.ntpMiddle(nowNtp));
            } else if (reader.type() == RtcpReader.BYE) {
                buffer.putByte(offset + GOODBYE, (byte) 1);
            }
        }
    }

    private void onBlocks(RtcpReader reader, int ourSsrc, int nowNtpMiddle) {
        for (int block = 0; block < reader.count(); block++) {
            if (reader.blockSsrc(block) == ourSsrc) {
                buffer.putByte(offset + FAR_FRACTION, (byte) reader.fractionLost(block));
                buffer.putInt(offset + FAR_LOST, reader.cumulativeLost(block));
                buffer.putInt(offset + FAR_JITTER, reader.jitterTicks(block));
                long roundTripNs = reader.roundTripNs(block, nowNtpMiddle);
                if (roundTripNs >= 0) {
                    buffer.putLong(offset + ROUND_TRIP, roundTripNs);
                }
            }
        }
    }

    /**
     * Writes our report: a sender report when packets were sent since the last one, else a receiver report; a block
     * when the far end's stream is valid; CNAME.
     *
     * @param stream what we send; its SSRC and media clock.
     * @return false when there was no room: nothing may then be sent.
     */
    public boolean write(
            RtcpWriter writer,
            RtpStreamRewrite stream,
            RtpReceiveStatistics statistics,
            long nowNs,
            long nowNtp,
            DirectBuffer cname,
            int cnameLength) {
        int packets = buffer.getInt(offset + PACKETS);
        boolean begun = packets != buffer.getInt(offset + PACKETS_REPORTED)
                ? writer.senderReport(
                        stream.ssrc(), nowNtp, stream.timestampAt(nowNs), packets, buffer.getInt(offset + OCTETS))
                : writer.receiverReport(stream.ssrc());
        if (!begun) {
            return false;
        }
        if (statistics.isValid()) {
            int lastSr = buffer.getInt(offset + LAST_SR);
            int delay = lastSr == 0 ? 0 : RtpClock.ntpShort(nowNs - buffer.getLong(offset + LAST_SR_NS));
            if (!writer.reportBlock(statistics, lastSr, delay)) {
                return false;
            }
        }
        buffer.putInt(offset + PACKETS_REPORTED, packets);
        return writer.cname(stream.ssrc(), cname, 0, cnameLength);
    }

    /** @return RTP packets sent, modulo 2^32. */
    public int packetsSent() {
        return buffer.getInt(offset + PACKETS);
    }

    /** @return bytes of payload sent, modulo 2^32. */
    public int octetsSent() {
        return buffer.getInt(offset + OCTETS);
    }

    /** @return last round trip in ns, 0 = not known. */
    public long roundTripNs() {
        return buffer.getLong(offset + ROUND_TRIP);
    }

    /** @return part of our packets that the far end has lost lately, 1/256. */
    public int farFractionLost() {
        return buffer.getByte(offset + FAR_FRACTION) & 0xFF;
    }

    /** @return packets of ours that the far end has lost; negative when it received more than we sent. */
    public int farCumulativeLost() {
        return buffer.getInt(offset + FAR_LOST);
    }

    /** @return jitter of our stream as the far end sees it, RTP ticks. */
    public int farJitterTicks() {
        return buffer.getInt(offset + FAR_JITTER);
    }

    /** @return whether the far end has said BYE. */
    public boolean hasLeft() {
        return buffer.getByte(offset + GOODBYE) != 0;
    }
}
