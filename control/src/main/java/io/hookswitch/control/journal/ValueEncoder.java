package io.hookswitch.control.journal;

import io.hookswitch.control.journal.JournalMask.Rule;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/** Appends values to a buffer of its own, masked. The layout is in {@link ValueTag}. */
final class ValueEncoder {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final String VALUE = "value";

    private final RecordTypes types = RecordTypes.ALL;
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(4096);
    private final int maxBytes;
    private int position;
    private JournalMask mask = new JournalMask(true);
    private boolean isInput;

    /** @param maxBytes more in one go are refused with {@link JournalException} */
    ValueEncoder(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Starts over at the buffer's begin. */
    void reset() {
        position = 0;
    }

    int position() {
        return position;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    void putByte(int value) {
        buffer.putByte(room(Byte.BYTES), (byte) value);
    }

    void putShort(int value) {
        buffer.putShort(room(Short.BYTES), (short) value, ORDER);
    }

    /** @return where it stands, to be set later. */
    int putInt(int value) {
        int at = room(Integer.BYTES);
        buffer.putInt(at, value, ORDER);
        return at;
    }

    void setInt(int at, int value) {
        buffer.putInt(at, value, ORDER);
    }

    void putLong(long value) {
        buffer.putLong(room(Long.BYTES), value, ORDER);
    }

    void putText(String text) {
        putBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void putBytes(byte[] bytes) {
        putInt(bytes.length);
        buffer.putBytes(room(bytes.length), bytes);
    }

    private int room(int lengthBytes) {
        int at = position;
        if (lengthBytes > maxBytes - at) {
            throw new JournalException("more than " + maxBytes + " bytes in one entry");
        }
        position = at + lengthBytes;
        return at;
    }

    /** Appends a value, masked as what comes in ({@code input}) or as what goes out. */
    void put(Object value, JournalMask with, boolean input) {
        mask = with;
        isInput = input;
        put(value, Rule.OPEN, 0);
    }

    private void put(Object value, Rule rule, int depth) {
        if (depth > ValueTag.MAX_DEPTH) {
            throw new JournalException("nested deeper than " + ValueTag.MAX_DEPTH);
        }
        switch (value) {
            case null -> putByte(ValueTag.NULL);
            case Boolean flag -> putByte(flag ? ValueTag.TRUE : ValueTag.FALSE);
            case String text -> {
                putByte(ValueTag.STRING);
                putText(mask.text(text, rule));
            }
            case Character key -> {
                putByte(ValueTag.CHAR);
                putShort(rule == Rule.KEYS ? mask.key(key, isInput) : key);
            }
            case Number number -> putNumber(number, rule);
            case List<?> list -> {
                putByte(ValueTag.LIST);
                putInt(list.size());
                for (Object each : list) {
                    put(each, rule, depth + 1);
                }
            }
            case Map<?, ?> map -> putMap(map, rule, depth);
            case Optional<?> optional -> {
                putByte(optional.isPresent() ? ValueTag.PRESENT : ValueTag.EMPTY);
                if (optional.isPresent()) {
                    put(optional.get(), rule, depth + 1);
                }
            }
            case Enum<?> constant -> {
                putByte(ValueTag.ENUM);
                putText(RecordTypes.name(constant.getDeclaringClass()));
                putText(constant.name());
            }
            default -> putRecord(value, rule, depth);
        }
    }

    private void putNumber(Number number, Rule rule) {
        switch (number) {
            case Integer value -> {
                putByte(ValueTag.INT);
                putInt((int) mask.number(value, rule));
            }
            case Long value -> {
                putByte(ValueTag.LONG);
                putLong(mask.number(value, rule));
            }
            case Double value -> {
                putByte(ValueTag.DOUBLE);
                putLong(Double.doubleToLongBits(rule == Rule.OPEN ? value : mask.number(value.longValue(), rule)));
            }
            case BigDecimal value -> {
                putByte(ValueTag.DECIMAL);
                putText(rule == Rule.OPEN ? value.toString() : Long.toString(mask.number(value.longValue(), rule)));
            }
            case BigInteger value -> {
                putByte(ValueTag.INTEGER);
                putText(rule == Rule.OPEN ? value.toString() : Long.toString(mask.number(value.longValue(), rule)));
            }
            default ->
                throw new JournalException(
                        "no layout for a " + number.getClass().getName());
        }
    }

    private void putMap(Map<?, ?> map, Rule rule, int depth) {
        putByte(ValueTag.MAP);
        putInt(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String key)) {
                throw new JournalException("a map with a key that is no text");
            }
            putText(key);
            put(entry.getValue(), JournalMask.rule(key, rule), depth + 1);
        }
    }

    private void putRecord(Object value, Rule rule, int depth) {
        RecordTypes.Layout layout = types.of(value.getClass());
        if (layout == null) {
            throw new JournalException("no layout for a " + value.getClass().getName());
        }
        putByte(ValueTag.RECORD);
        putBytes(layout.nameBytes());
        putShort(layout.members().size());
        String named = "";
        for (int i = 0; i < layout.members().size(); i++) {
            String member = layout.members().get(i);
            Object held = layout.read(value, i);
            // A pair of name and value, as a header is: the name says what the value may show.
            Rule below = JournalMask.rule(member.equals(VALUE) && !named.isEmpty() ? named : member, rule);
            put(held, below, depth + 1);
            if (member.equals("name") && held instanceof String name) {
                named = name.toLowerCase(Locale.ROOT);
            }
        }
    }
}
