package io.hookswitch.engine.message;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The field PLAY of a message: which recording, from where on, how often, in place of what is said or mixed in.
 *
 * <pre>
 *  0 long address of the recording (RecordingFlyweight)    16 long first sample of the first pass, 8 kHz
 *  8 long bytes of it                                      24 int  passes, 0 = for ever
 *                                                         28 short track, 0 = in place     30 short gain, dB
 * </pre>
 */
public final class PlayFlyweight {
    /** Track: none, in place of what the peer says. */
    public static final int IN_PLACE = 0;
    /** Passes that never end. */
    public static final int FOR_EVER = 0;

    private static final int LENGTH = 32;
    private static final int BYTES_OFFSET = 8;
    private static final int OFFSET_OFFSET = 16;
    private static final int PASSES_OFFSET = 24;
    private static final int TRACK_OFFSET = 28;
    private static final int GAIN_OFFSET = 30;

    private final UnsafeBuffer made = new UnsafeBuffer(new byte[LENGTH]);
    private DirectBuffer buffer = made;
    private int offset;

    /**
     * Appends the field to a message.
     *
     * @param passes how often, {@link #FOR_EVER} = until it is stopped
     * @param offsetSamples of 8 kHz, left out of the first pass
     * @return false when it does not fit: the message is then unchanged
     */
    public boolean put(MessageFlyweight message, long address, long lengthBytes, int passes, long offsetSamples) {
        return put(message, address, lengthBytes, passes, offsetSamples, IN_PLACE, 0);
    }

    /**
     * As the other one, for a track.
     *
     * @param track 1 or 2, {@link #IN_PLACE} = none
     * @param gainDb of the track
     */
    public boolean put(
            MessageFlyweight message,
            long address,
            long lengthBytes,
            int passes,
            long offsetSamples,
            int track,
            int gainDb) {
        made.putLong(0, address);
        made.putLong(BYTES_OFFSET, lengthBytes);
        made.putLong(OFFSET_OFFSET, offsetSamples);
        made.putInt(PASSES_OFFSET, passes);
        made.putShort(TRACK_OFFSET, (short) track);
        made.putShort(GAIN_OFFSET, (short) gainDb);
        return message.put(Field.PLAY, made, 0, LENGTH);
    }

    /** Points this view at a message's field. @return false when it has none that makes sense */
    public boolean wrap(MessageFlyweight message) {
        int field = message.firstField();
        while (field >= 0 && message.fieldTag(field) != Field.PLAY) {
            field = message.nextField(field);
        }
        if (field < 0 || message.fieldLength(field) != LENGTH) {
            return false;
        }
        buffer = message.buffer();
        offset = message.fieldBytes(field);
        return passes() >= 0 && offsetSamples() >= 0;
    }

    /** @return where the recording is. */
    public long address() {
        return buffer.getLong(offset);
    }

    /** @return bytes of the recording. */
    public long lengthBytes() {
        return buffer.getLong(offset + BYTES_OFFSET);
    }

    /** @return first sample of the first pass, 8 kHz, 0 or more. */
    public long offsetSamples() {
        return buffer.getLong(offset + OFFSET_OFFSET);
    }

    /** @return how often it is played, {@link #FOR_EVER} or more. */
    public int passes() {
        return buffer.getInt(offset + PASSES_OFFSET);
    }

    /** @return which track, 1 or 2; {@link #IN_PLACE} = none. */
    public int track() {
        return buffer.getShort(offset + TRACK_OFFSET);
    }

    /** @return how much louder a track is, dB. */
    public int gainDb() {
        return buffer.getShort(offset + GAIN_OFFSET);
    }
}
