package io.hookswitch.sip.transport;

import org.agrona.DirectBuffer;

/** Reads ASCII in a buffer without copying it. */
final class Ascii {
    private Ascii() {}

    /** @return whether the bytes are this word, given in lower case, in any case. */
    static boolean is(DirectBuffer buffer, int from, int length, byte[] lower) {
        if (length != lower.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(buffer.getByte(from + i)) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    /** @return whether linear white space, line ends of continuations included. */
    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    static boolean isHex(byte b) {
        return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F';
    }

    /** @return whether a character of a token (RFC 3261 section 25.1). */
    static boolean isToken(byte b) {
        return b >= 'a' && b <= 'z'
                || b >= 'A' && b <= 'Z'
                || isDigit(b)
                || b == '-'
                || b == '.'
                || b == '!'
                || b == '%'
                || b == '*'
                || b == '_'
                || b == '+'
                || b == '`'
                || b == '\''
                || b == '~';
    }

    /** @return the first position that is no white space, or end. */
    static int skipSpace(DirectBuffer buffer, int from, int end) {
        int i = from;
        while (i < end && isSpace(buffer.getByte(i))) {
            i++;
        }
        return i;
    }

    /** @return the first position behind a token, or end. */
    static int skipToken(DirectBuffer buffer, int from, int end) {
        int i = from;
        while (i < end && isToken(buffer.getByte(i))) {
            i++;
        }
        return i;
    }

    /** @return the end without trailing white space. */
    static int trimEnd(DirectBuffer buffer, int from, int end) {
        int i = end;
        while (i > from && isSpace(buffer.getByte(i - 1))) {
            i--;
        }
        return i;
    }

    /** @return a number of at most 10 digits, or -1; the bytes must all be digits. */
    static long number(DirectBuffer buffer, int from, int end) {
        if (from >= end || end - from > 10) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < end; i++) {
            byte b = buffer.getByte(i);
            if (!isDigit(b)) {
                return -1;
            }
            value = value * 10 + b - '0';
        }
        return value;
    }

    static byte[] bytes(String ascii) {
        byte[] bytes = new byte[ascii.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ascii.charAt(i);
        }
        return bytes;
    }
}
