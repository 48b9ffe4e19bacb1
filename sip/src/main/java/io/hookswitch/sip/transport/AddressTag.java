package io.hookswitch.sip.transport;

import org.agrona.DirectBuffer;

/** Finds the tag of a From or To value: behind the address, outside of quotes and angle brackets. */
final class AddressTag {
    private static final byte[] TAG = Ascii.bytes("tag");
    private static final long BAD = -1;

    private AddressTag() {}

    /**
     * @return position in the upper, length in the lower 32 bits; 0 = no tag; negative = quotes or brackets stay open.
     */
    static long find(DirectBuffer buffer, int from, int end) {
        int i = from;
        while (i < end) {
            byte b = buffer.getByte(i);
            if (b == '"') {
                i = close(buffer, i + 1, end, '"', true);
            } else if (b == '<') {
                i = close(buffer, i + 1, end, '>', false);
            } else if (b == ';') {
                return parameters(buffer, i, end);
            } else {
                i++;
            }
            if (i < 0) {
                return BAD;
            }
        }
        return from == end ? BAD : 0;
    }

    private static int close(DirectBuffer buffer, int from, int end, char mark, boolean escapes) {
        for (int i = from; i < end; i++) {
            byte b = buffer.getByte(i);
            if (b == mark) {
                return i + 1;
            }
            if (escapes && b == '\\') {
                i++;
            }
        }
        return -1;
    }

    private static long parameters(DirectBuffer buffer, int semicolon, int end) {
        int i = semicolon;
        while (i < end && buffer.getByte(i) == ';') {
            int name = Ascii.skipSpace(buffer, i + 1, end);
            int nameEnd = Ascii.skipToken(buffer, name, end);
            i = Ascii.skipSpace(buffer, nameEnd, end);
            if (i < end && buffer.getByte(i) == '=') {
                int value = Ascii.skipSpace(buffer, i + 1, end);
                boolean quoted = value < end && buffer.getByte(value) == '"';
                int valueEnd = quoted ? close(buffer, value + 1, end, '"', true) : Ascii.skipToken(buffer, value, end);
                if (valueEnd < 0) {
                    return BAD;
                }
                if (Ascii.is(buffer, name, nameEnd - name, TAG) && valueEnd > value) {
                    return (long) value << 32 | valueEnd - value;
                }
                i = Ascii.skipSpace(buffer, valueEnd, end);
            }
        }
        return 0;
    }
}
