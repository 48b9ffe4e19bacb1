package io.hookswitch.rtp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;

/**
 * Payload of a telephone-event packet (RFC 4733 section 2.3), read and written in place.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     event     |E|R| volume    |          duration             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class TelephoneEventFlyweight {
    /** Bytes of the payload. */
    public static final int LENGTH = 4;
    /** What {@link #digitOf} says of an event that is no key. */
    public static final char NO_DIGIT = 0;

    private static final String DIGITS = "0123456789*#ABCD";
    private static final int FLAGS_OFFSET = 1;
    private static final int DURATION_OFFSET = 2;

    private MutableDirectBuffer buffer;
    private int offset;

    /** @return the key of an event, {@link #NO_DIGIT} for events above 15 (RFC 4733 section 3.2). */
    public static char digitOf(int event) {
        return event >= 0 && event < DIGITS.length() ? DIGITS.charAt(event) : NO_DIGIT;
    }

    /** @return the event of a key, -1 for what is no key. */
    public static int eventOf(char digit) {
        return DIGITS.indexOf(digit);
    }

    /** Points this view at a payload. @return false when it is too short; network input never throws. */
    public boolean wrap(MutableDirectBuffer buffer, int offset, int length) {
        if (length < LENGTH) {
            return false;
        }
        this.buffer = buffer;
        this.offset = offset;
        return true;
    }

    /** Writes a whole payload. */
    public void encode(int event, boolean end, int volume, int durationTicks) {
        buffer.putByte(offset, (byte) event);
        buffer.putByte(offset + FLAGS_OFFSET, (byte) ((end ? 0x80 : 0) | volume & 0x3F));
        buffer.putShort(offset + DURATION_OFFSET, (short) durationTicks, BIG_ENDIAN);
    }

    /** @return 0..255; 0..15 are keys. */
    public int event() {
        return buffer.getByte(offset) & 0xFF;
    }

    /** @return whether the event has ended. */
    public boolean end() {
        return buffer.getByte(offset + FLAGS_OFFSET) < 0;
    }

    /** @return power below 0 dBm0 in dB, 0..63. */
    public int volume() {
        return buffer.getByte(offset + FLAGS_OFFSET) & 0x3F;
    }

    /** @return RTP ticks since the event or its present segment began, 0..65535. */
    public int durationTicks() {
        return buffer.getShort(offset + DURATION_OFFSET, BIG_ENDIAN) & 0xFFFF;
    }
}
