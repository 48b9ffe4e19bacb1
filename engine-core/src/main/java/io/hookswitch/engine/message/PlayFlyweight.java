package io.hookswitch.engine.message;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The field PLAY of a message: which recording, from where on, how often.
 *
 * <pre>
 *  0 long address of the recording (RecordingFlyweight)    16 long first sample of the first pass, 8 kHz
 *  8 long bytes of it                                      24 int  passes, 0 = for ever     28 int 0
 * </pre>
 */
public final class PlayFlyweight {
    /** Passes that never end. */
    public static final int FOR_EVER = 0;

    private static final int LENGTH = 32;
    private static final int BYTES_OFFSET = 8;
    private static final int OFFSET_OFFSET = 16;
    private static final int PASSES_OFFSET = 24;

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
        made.putLong(0, address);
        made.putLong(BYTES_OFFSET, lengthBytes);
        made.putLong(OFFSET_OFFSET, offsetSamples);
        made.putInt(PASSES_OFFSET, passes);
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
}
