package io.hookswitch.engine.message;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One message in a ring slot, read and written in place. The same layout serves all four rings; which members mean
 * something
 * is said by the type ({@link SipEvent}, {@link SipCommand}, {@link CoreCommand}, {@link CoreEvent}).
 *
 * <pre>
 *   0 int  type                     32 long reference   control's number for a branch or a timer
 *   4 int  lengthBytes, all of it   40 long timeNs      clock of the writer
 *   8 long leg      (LegHandle)     48 long durationNs
 *  16 long otherLeg                 56 int  status      SIP status, 0 = none
 *  24 long call     control's call  60 int  cause       (Cause)
 *  64 media description, 224 bytes (MediaFlyweight)
 * 288 fields: repeated { short tag (Field), short 0, int lengthBytes, bytes, zeros up to a multiple of 4 }
 * </pre>
 *
 * <p>Strings are UTF-8. A message longer than its slot is refused by {@link #put}, never cut.
 */
public final class MessageFlyweight {
    private static final int MEDIA_OFFSET = 64;
    /** Bytes before the first field. */
    public static final int FIELDS_OFFSET = MEDIA_OFFSET + MediaFlyweight.LENGTH;

    private static final int TYPE_OFFSET = 0;
    private static final int LENGTH_OFFSET = 4;
    private static final int LEG_OFFSET = 8;
    private static final int OTHER_LEG_OFFSET = 16;
    private static final int CALL_OFFSET = 24;
    private static final int REFERENCE_OFFSET = 32;
    private static final int TIME_OFFSET = 40;
    private static final int DURATION_OFFSET = 48;
    private static final int STATUS_OFFSET = 56;
    private static final int CAUSE_OFFSET = 60;
    private static final int FIELD_HEAD = 8;

    private final MediaFlyweight media = new MediaFlyweight();
    private MutableDirectBuffer buffer;
    private int offset;
    private int capacity;

    /** Points this view at one slot. */
    public MessageFlyweight wrap(MutableDirectBuffer slot, int slotOffset, int slotCapacity) {
        buffer = slot;
        offset = slotOffset;
        capacity = slotCapacity;
        media.wrap(slot, slotOffset + MEDIA_OFFSET);
        return this;
    }

    /** Starts a new message of a type: every member 0, no media, no fields. */
    public MessageFlyweight begin(int type) {
        buffer.setMemory(offset, FIELDS_OFFSET, (byte) 0);
        buffer.putInt(offset + TYPE_OFFSET, type);
        buffer.putInt(offset + LENGTH_OFFSET, FIELDS_OFFSET);
        return this;
    }

    /** @return the slot's buffer, for copies slot to slot. */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** @return where the slot starts in {@link #buffer()}. */
    public int offset() {
        return offset;
    }

    /** @return one of the constants of the ring's type class. */
    public int type() {
        return buffer.getInt(offset + TYPE_OFFSET);
    }

    /** @return bytes used in the slot, fixed part included. */
    public int lengthBytes() {
        return buffer.getInt(offset + LENGTH_OFFSET);
    }

    /** @return the leg concerned ({@link LegHandle}), or 0. */
    public long leg() {
        return buffer.getLong(offset + LEG_OFFSET);
    }

    /** Sets the leg concerned. */
    public MessageFlyweight leg(long leg) {
        buffer.putLong(offset + LEG_OFFSET, leg);
        return this;
    }

    /** @return the second leg, the leg to be like, or the sip side's own leg number, as the type says. */
    public long otherLeg() {
        return buffer.getLong(offset + OTHER_LEG_OFFSET);
    }

    /** Sets the second leg. */
    public MessageFlyweight otherLeg(long otherLeg) {
        buffer.putLong(offset + OTHER_LEG_OFFSET, otherLeg);
        return this;
    }

    /** @return control's number of the call, or 0. */
    public long call() {
        return buffer.getLong(offset + CALL_OFFSET);
    }

    /** Sets control's number of the call. */
    public MessageFlyweight call(long call) {
        buffer.putLong(offset + CALL_OFFSET, call);
        return this;
    }

    /** @return control's number of the branch or timer, or 0. */
    public long reference() {
        return buffer.getLong(offset + REFERENCE_OFFSET);
    }

    /** Sets control's number of the branch or timer. */
    public MessageFlyweight reference(long reference) {
        buffer.putLong(offset + REFERENCE_OFFSET, reference);
        return this;
    }

    /** @return when it happened, ns of the writer's clock. */
    public long timeNs() {
        return buffer.getLong(offset + TIME_OFFSET);
    }

    /** Sets when it happened. */
    public MessageFlyweight timeNs(long timeNs) {
        buffer.putLong(offset + TIME_OFFSET, timeNs);
        return this;
    }

    /** @return a length of time in ns: a timer's delay, a digit's duration. */
    public long durationNs() {
        return buffer.getLong(offset + DURATION_OFFSET);
    }

    /** Sets a length of time in ns. */
    public MessageFlyweight durationNs(long durationNs) {
        buffer.putLong(offset + DURATION_OFFSET, durationNs);
        return this;
    }

    /** @return SIP status 100..699, or 0. */
    public int status() {
        return buffer.getInt(offset + STATUS_OFFSET);
    }

    /** Sets the SIP status. */
    public MessageFlyweight status(int status) {
        buffer.putInt(offset + STATUS_OFFSET, status);
        return this;
    }

    /** @return one of {@link Cause}, or the digit's character, as the type says. */
    public int cause() {
        return buffer.getInt(offset + CAUSE_OFFSET);
    }

    /** Sets the cause. */
    public MessageFlyweight cause(int cause) {
        buffer.putInt(offset + CAUSE_OFFSET, cause);
        return this;
    }

    /** @return the media description of this message; absent until its {@code present(true)}. */
    public MediaFlyweight media() {
        return media;
    }

    /**
     * Appends a string field.
     *
     * @return false when it does not fit: the message is then unchanged. Allocates; not for the core thread.
     */
    public boolean put(int tag, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return put(tag, bytes, 0, bytes.length);
    }

    /** Appends a field of bytes. @return false when it does not fit: the message is then unchanged. */
    public boolean put(int tag, byte[] bytes, int from, int lengthBytes) {
        int at = claimField(tag, lengthBytes);
        if (at < 0) {
            return false;
        }
        buffer.putBytes(at, bytes, from, lengthBytes);
        return true;
    }

    /**
     * Appends a field of bytes without allocating. @return false when it does not fit: the message is then unchanged.
     */
    public boolean put(int tag, DirectBuffer bytes, int from, int lengthBytes) {
        int at = claimField(tag, lengthBytes);
        if (at < 0) {
            return false;
        }
        buffer.putBytes(at, bytes, from, lengthBytes);
        return true;
    }

    private int claimField(int tag, int lengthBytes) {
        int used = lengthBytes();
        int padded = (lengthBytes + 3) & ~3;
        if (padded < lengthBytes || (long) used + FIELD_HEAD + padded > capacity) {
            return -1;
        }
        int at = offset + used;
        buffer.putShort(at, (short) tag);
        buffer.putShort(at + 2, (short) 0);
        buffer.putInt(at + 4, lengthBytes);
        buffer.putInt(offset + LENGTH_OFFSET, used + FIELD_HEAD + padded);
        return at + FIELD_HEAD;
    }

    /** @return the first field's position for {@link #fieldTag}, or -1 when there is none. */
    public int firstField() {
        return lengthBytes() > FIELDS_OFFSET ? FIELDS_OFFSET : -1;
    }

    /** @return the position after a field's, or -1 behind the last one. */
    public int nextField(int field) {
        int next = field + FIELD_HEAD + ((fieldLength(field) + 3) & ~3);
        return next < lengthBytes() ? next : -1;
    }

    /** @return the tag ({@link Field}) at a position. */
    public int fieldTag(int field) {
        return buffer.getShort(offset + field);
    }

    /** @return the field's length in bytes. */
    public int fieldLength(int field) {
        return buffer.getInt(offset + field + 4);
    }

    /** @return where the field's bytes start in {@link #buffer()}. */
    public int fieldBytes(int field) {
        return offset + field + FIELD_HEAD;
    }

    /** @return the field at a position as text. Allocates; not for the core thread. */
    public String fieldText(int field) {
        byte[] bytes = new byte[fieldLength(field)];
        buffer.getBytes(fieldBytes(field), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** @return the first field of a tag as text, or null. Allocates; not for the core thread. */
    public String text(int tag) {
        for (int field = firstField(); field >= 0; field = nextField(field)) {
            if (fieldTag(field) == tag) {
                return fieldText(field);
            }
        }
        return null;
    }

    /**
     * Appends all fields of another message without allocating.
     *
     * @return false when they do not fit: this message is then unchanged.
     */
    public boolean copyFields(MessageFlyweight from) {
        int extra = from.lengthBytes() - FIELDS_OFFSET;
        int used = lengthBytes();
        if ((long) used + extra > capacity) {
            return false;
        }
        buffer.putBytes(offset + used, from.buffer, from.offset + FIELDS_OFFSET, extra);
        buffer.putInt(offset + LENGTH_OFFSET, used + extra);
        return true;
    }
}
