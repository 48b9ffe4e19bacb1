package io.hookswitch.engine.message;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One received audio payload of a tapped leg, as it lies in a {@code TapRing}. Wrap, use, forget.
 *
 * <pre>
 *  0 long leg (LegHandle)      16 int RTP timestamp      28 byte codec (Codec), byte 0, short sequence
 *  8 long arrival, ns          20 int SSRC               32 the payload
 *                              24 int codec clock rate, Hz
 * </pre>
 */
public final class TapFlyweight {
    /** Bytes before the payload. */
    public static final int HEAD_LENGTH = 32;

    private static final int ARRIVAL_OFFSET = 8;
    private static final int TIMESTAMP_OFFSET = 16;
    private static final int SSRC_OFFSET = 20;
    private static final int CLOCK_OFFSET = 24;
    private static final int CODEC_OFFSET = 28;
    private static final int SEQUENCE_OFFSET = 30;

    private DirectBuffer buffer;
    private int offset;
    private int length;

    /** Points this view at one record. @param lengthBytes of the record, head included */
    public TapFlyweight wrap(DirectBuffer record, int recordOffset, int lengthBytes) {
        buffer = record;
        offset = recordOffset;
        length = lengthBytes;
        return this;
    }

    /** Writes which leg was heard and when. */
    public static void source(MutableDirectBuffer record, int at, long leg, long arrivalNs) {
        record.putLong(at, leg);
        record.putLong(at + ARRIVAL_OFFSET, arrivalNs);
    }

    /** Writes what the payload is. */
    public static void codec(MutableDirectBuffer record, int at, int codec, int clockRate) {
        record.putInt(at + CLOCK_OFFSET, clockRate);
        record.putByte(at + CODEC_OFFSET, (byte) codec);
        record.putByte(at + CODEC_OFFSET + 1, (byte) 0);
    }

    /** Writes the payload's place in its stream. */
    public static void place(MutableDirectBuffer record, int at, int ssrc, int sequence, int timestamp) {
        record.putInt(at + TIMESTAMP_OFFSET, timestamp);
        record.putInt(at + SSRC_OFFSET, ssrc);
        record.putShort(at + SEQUENCE_OFFSET, (short) sequence);
    }

    /** @return the leg whose far end sent it. */
    public long leg() {
        return buffer.getLong(offset);
    }

    /** @return when it arrived, ns of the core's clock. */
    public long arrivalNs() {
        return buffer.getLong(offset + ARRIVAL_OFFSET);
    }

    /** @return the first sample's time in units of the clock rate, modulo 2^32. */
    public int timestamp() {
        return buffer.getInt(offset + TIMESTAMP_OFFSET);
    }

    /** @return the stream; another one has timestamps of its own. */
    public int ssrc() {
        return buffer.getInt(offset + SSRC_OFFSET);
    }

    /** @return units of {@link #timestamp} a second, Hz. */
    public int clockRate() {
        return buffer.getInt(offset + CLOCK_OFFSET);
    }

    /** @return one of {@link Codec}. */
    public int codec() {
        return buffer.getByte(offset + CODEC_OFFSET);
    }

    /** @return 0..65535. */
    public int sequence() {
        return buffer.getShort(offset + SEQUENCE_OFFSET) & 0xFFFF;
    }

    /** @return the buffer that the record lies in. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** @return where the payload starts in {@link #buffer()}. */
    public int payloadOffset() {
        return offset + HEAD_LENGTH;
    }

    /** @return bytes of payload. */
    public int payloadLength() {
        return length - HEAD_LENGTH;
    }
}
