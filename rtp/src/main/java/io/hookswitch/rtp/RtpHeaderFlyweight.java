package io.hookswitch.rtp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;

/**
 * RTP header (RFC 3550 section 5.1), read and rewritten in place. Wrap, use, forget: the bytes are reused.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |                              SSRC                             |
 * |                  CSRC list, CC * 32 bits                      |
 * | X: profile, 16 bits           | length in 32-bit words        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class RtpHeaderFlyweight {
    /** Bytes of a header without CSRC and extension. */
    public static final int FIXED_LENGTH = 12;
    /** Result of {@link #wrap} for bytes that are no RTP packet. */
    public static final int NOT_RTP = -1;

    private static final int MARKER_OFFSET = 1;
    private static final int SEQUENCE_OFFSET = 2;
    private static final int TIMESTAMP_OFFSET = 4;
    private static final int SSRC_OFFSET = 8;
    private static final int EXTENSION_HEAD = 4;

    private MutableDirectBuffer buffer;
    private int offset;
    private int lengthBytes;
    private int headerLength;
    private int paddingLength;

    /**
     * @return whether a datagram received on a port shared by both is RTCP: second byte 192..223 (RFC 5761 section 4).
     */
    public static boolean isRtcp(MutableDirectBuffer buffer, int offset, int length) {
        return length >= 2 && (buffer.getByte(offset + 1) & 0xE0) == 0xC0;
    }

    /**
     * Points this view at one datagram.
     *
     * @param length of the UDP payload in bytes.
     * @return bytes from {@code offset} to the payload, or {@link #NOT_RTP} (the view is then unchanged); network
     *     input never throws.
     */
    public int wrap(MutableDirectBuffer buffer, int offset, int length) {
        if (length < FIXED_LENGTH) {
            return NOT_RTP;
        }
        int first = buffer.getByte(offset);
        if ((first & 0xC0) != 0x80) {
            return NOT_RTP;
        }
        int header = FIXED_LENGTH + ((first & 0x0F) << 2);
        if ((first & 0x10) != 0) {
            if (header + EXTENSION_HEAD > length) {
                return NOT_RTP;
            }
            header += EXTENSION_HEAD + ((buffer.getShort(offset + header + 2, BIG_ENDIAN) & 0xFFFF) << 2);
        }
        if (header > length) {
            return NOT_RTP;
        }
        int padding = 0;
        if ((first & 0x20) != 0) {
            padding = buffer.getByte(offset + length - 1) & 0xFF;
            if (padding == 0 || header + padding > length) {
                return NOT_RTP;
            }
        }
        this.buffer = buffer;
        this.offset = offset;
        this.lengthBytes = length;
        this.headerLength = header;
        this.paddingLength = padding;
        return header;
    }

    /**
     * Writes a fixed header of version 2 without padding, extension and CSRC, everything else 0, and points this view
     * at it.
     *
     * @param length of header and payload together, at least {@link #FIXED_LENGTH}.
     */
    public RtpHeaderFlyweight begin(MutableDirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.lengthBytes = length;
        this.headerLength = FIXED_LENGTH;
        this.paddingLength = 0;
        buffer.putLong(offset, 0x80L << 56, BIG_ENDIAN);
        buffer.putInt(offset + SSRC_OFFSET, 0, BIG_ENDIAN);
        return this;
    }

    /** @return the buffer of the datagram. */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** @return where the datagram starts. */
    public int offset() {
        return offset;
    }

    /** @return bytes of the datagram. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** @return 0..127. */
    public int payloadType() {
        return buffer.getByte(offset + MARKER_OFFSET) & 0x7F;
    }

    /** Sets the payload type, 0..127; the marker stays. */
    public RtpHeaderFlyweight payloadType(int payloadType) {
        int marker = buffer.getByte(offset + MARKER_OFFSET) & 0x80;
        buffer.putByte(offset + MARKER_OFFSET, (byte) (marker | payloadType & 0x7F));
        return this;
    }

    /** @return marker bit: for audio the first packet of a talk-spurt (RFC 3551 section 4.1). */
    public boolean marker() {
        return buffer.getByte(offset + MARKER_OFFSET) < 0;
    }

    /** Sets the marker bit; the payload type stays. */
    public RtpHeaderFlyweight marker(boolean marker) {
        int payloadType = buffer.getByte(offset + MARKER_OFFSET) & 0x7F;
        buffer.putByte(offset + MARKER_OFFSET, (byte) (marker ? payloadType | 0x80 : payloadType));
        return this;
    }

    /** @return 0..65535. Wraps every 22 minutes at 50 packets/s: compare through {@link SequenceMath} only. */
    public int sequence() {
        return buffer.getShort(offset + SEQUENCE_OFFSET, BIG_ENDIAN) & 0xFFFF;
    }

    /** Sets the sequence number modulo 2^16. */
    public RtpHeaderFlyweight sequence(int sequence) {
        buffer.putShort(offset + SEQUENCE_OFFSET, (short) sequence, BIG_ENDIAN);
        return this;
    }

    /** @return RTP ticks modulo 2^32. */
    public int timestamp() {
        return buffer.getInt(offset + TIMESTAMP_OFFSET, BIG_ENDIAN);
    }

    /** Sets the timestamp. */
    public RtpHeaderFlyweight timestamp(int timestamp) {
        buffer.putInt(offset + TIMESTAMP_OFFSET, timestamp, BIG_ENDIAN);
        return this;
    }

    /** @return synchronisation source. */
    public int ssrc() {
        return buffer.getInt(offset + SSRC_OFFSET, BIG_ENDIAN);
    }

    /** Sets the synchronisation source. */
    public RtpHeaderFlyweight ssrc(int ssrc) {
        buffer.putInt(offset + SSRC_OFFSET, ssrc, BIG_ENDIAN);
        return this;
    }

    /** @return bytes of fixed header, CSRC list and extension. */
    public int headerLength() {
        return headerLength;
    }

    /** @return where the payload starts in {@link #buffer()}. */
    public int payloadOffset() {
        return offset + headerLength;
    }

    /** @return bytes of payload without padding, may be 0. */
    public int payloadLength() {
        return lengthBytes - headerLength - paddingLength;
    }
}
