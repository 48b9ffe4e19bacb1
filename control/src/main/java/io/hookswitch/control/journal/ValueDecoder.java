package io.hookswitch.control.journal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.DirectBuffer;

/**
 * Reads values from a buffer. A file names the members that its records had: a member that this build does not know is
 * left out, one that the file does not have is null, 0, false or empty.
 */
final class ValueDecoder {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private final RecordTypes types = RecordTypes.ALL;
    private final Map<String, List<String>> written = new HashMap<>();
    private final DirectBuffer buffer;
    private int position;
    private int limit;

    ValueDecoder(DirectBuffer buffer, int lengthBytes) {
        this.buffer = buffer;
        limit = lengthBytes;
    }

    /** Says which members a record had when it was written. */
    void wrote(String record, List<String> members) {
        written.put(record, members);
    }

    int position() {
        return position;
    }

    void position(int at) {
        position = at;
    }

    /** Nothing is read at or behind this. */
    void limit(int end) {
        limit = end;
    }

    private int take(int lengthBytes) {
        int at = position;
        if (lengthBytes < 0 || lengthBytes > limit - at) {
            throw new JournalException("cut off at byte " + at);
        }
        position = at + lengthBytes;
        return at;
    }

    byte takeByte() {
        return buffer.getByte(take(Byte.BYTES));
    }

    short takeShort() {
        return buffer.getShort(take(Short.BYTES), ORDER);
    }

    int takeInt() {
        return buffer.getInt(take(Integer.BYTES), ORDER);
    }

    long takeLong() {
        return buffer.getLong(take(Long.BYTES), ORDER);
    }

    String takeText() {
        return new String(takeBytes(takeInt()), StandardCharsets.UTF_8);
    }

    byte[] takeBytes(int lengthBytes) {
        int at = take(lengthBytes);
        byte[] bytes = new byte[lengthBytes];
        buffer.getBytes(at, bytes);
        return bytes;
    }

    /** @return how many values follow; never more than there are bytes for. */
    private int takeCount() {
        int count = takeInt();
        if (count < 0 || count > limit - position) {
            throw new JournalException("a count of " + count + " at byte " + (position - Integer.BYTES));
        }
        return count;
    }

    /** @return the value at the position. */
    Object take() {
        return value(0);
    }

    private Object value(int depth) {
        if (depth > ValueTag.MAX_DEPTH) {
            throw new JournalException("nested deeper than " + ValueTag.MAX_DEPTH);
        }
        byte tag = takeByte();
        return switch (tag) {
            case ValueTag.NULL -> null;
            case ValueTag.FALSE -> Boolean.FALSE;
            case ValueTag.TRUE -> Boolean.TRUE;
            case ValueTag.INT -> takeInt();
            case ValueTag.LONG -> takeLong();
            case ValueTag.DOUBLE -> Double.longBitsToDouble(takeLong());
            case ValueTag.CHAR -> (char) takeShort();
            case ValueTag.STRING -> takeText();
            case ValueTag.DECIMAL -> decimal();
            case ValueTag.INTEGER -> whole(decimal());
            case ValueTag.LIST -> list(depth);
            case ValueTag.MAP -> map(depth);
            case ValueTag.RECORD -> record(depth);
            case ValueTag.ENUM -> constant();
            case ValueTag.PRESENT -> present(value(depth + 1));
            case ValueTag.EMPTY -> Optional.empty();
            default -> throw new JournalException("no value has the tag " + tag + " at byte " + (position - 1));
        };
    }

    private static Optional<Object> present(Object value) {
        if (value == null) {
            throw new JournalException("an Optional of nothing");
        }
        return Optional.of(value);
    }

    private static BigInteger whole(BigDecimal number) {
        try {
            return number.toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw new JournalException("not a whole number: " + number);
        }
    }

    /** No number that an application can send has more digits or a longer exponent. */
    private BigDecimal decimal() {
        String text = takeText();
        if (!text.matches("[-+]?[0-9.]{1,1024}(E[-+]?[0-9]{1,4})?")) {
            throw new JournalException("not a number: " + text);
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new JournalException("not a number: " + text);
        }
    }

    private List<Object> list(int depth) {
        int count = takeCount();
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(value(depth + 1));
        }
        return Collections.unmodifiableList(list);
    }

    private Map<String, Object> map(int depth) {
        int count = takeCount();
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            map.put(takeText(), value(depth + 1));
        }
        return Collections.unmodifiableMap(map);
    }

    private Object constant() {
        String name = takeText();
        String constant = takeText();
        Class<?> type = types.enumNamed(name);
        if (type != null) {
            for (Object each : type.getEnumConstants()) {
                if (((Enum<?>) each).name().equals(constant)) {
                    return each;
                }
            }
        }
        throw new JournalException("this build has no " + name + "." + constant);
    }

    private Object record(int depth) {
        String name = takeText();
        int count = takeShort();
        RecordTypes.Layout layout = types.named(name);
        if (layout == null) {
            throw new JournalException("this build has no " + name);
        }
        List<String> members = written.getOrDefault(name, layout.members());
        if (count != members.size()) {
            throw new JournalException(name + " has " + count + " members, and the file says " + members.size());
        }
        Object[] values = new Object[layout.members().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = absent(layout.memberTypes().get(i));
        }
        for (String member : members) {
            Object value = value(depth + 1);
            int at = layout.members().indexOf(member);
            if (at >= 0) {
                values[at] = value;
            }
        }
        try {
            return layout.make(values);
        } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
            throw new JournalException("these are not the members of a " + name + ": " + e.getMessage());
        }
    }

    private static Object absent(Class<?> type) {
        if (type == long.class) {
            return 0L;
        } else if (type == int.class) {
            return 0;
        } else if (type == boolean.class) {
            return Boolean.FALSE;
        } else if (type == char.class) {
            return '\0';
        } else if (type == double.class) {
            return 0.0;
        } else if (type == List.class) {
            return List.of();
        } else if (type == Map.class) {
            return Map.of();
        } else if (type == Optional.class) {
            return Optional.empty();
        }
        return null;
    }
}
