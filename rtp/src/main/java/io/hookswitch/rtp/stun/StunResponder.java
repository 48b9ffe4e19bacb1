package io.hookswitch.rtp.stun;

import io.hookswitch.rtp.HmacSha1;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.agrona.MutableDirectBuffer;

/**
 * The answering side of ICE's connectivity checks, all that a lite agent has (RFC 8445 sections 2.5 and 7.3): a Binding
 * request that proves the password of the session becomes its own response, in the same bytes. Nothing is allocated;
 * what is malformed or not proven is left as it is and answered by nobody, so that a forged source gets nothing. One a
 * thread.
 */
public final class StunResponder {
    /** It is no STUN message. */
    public static final int NOT_STUN = -1;
    /** It is not for this session, or does not know its password (RFC 8489 section 9.1.3). */
    public static final int NOT_PROVEN = -2;
    /** A message that wants no answer: an indication, or a response to somebody else. */
    public static final int NO_REQUEST = -3;

    /** Most bytes of a request; a check has about 100. */
    public static final int REQUEST_MAX = 1280;
    /** Most bytes of a response. */
    public static final int RESPONSE_MAX = 128;

    private static final int HEADER = 20;
    private static final int LENGTH_AT = 2;
    private static final int COOKIE_AT = 4;
    private static final int TRANSACTION_AT = 8;
    private static final int TRANSACTION_LENGTH = 12;
    private static final int ATTRIBUTE_HEAD = 4;
    private static final int COOKIE = 0x2112A442;
    private static final int FINGERPRINT_MASK = 0x5354554E;

    private static final int BINDING_REQUEST = 0x0001;
    private static final int BINDING_SUCCESS = 0x0101;
    private static final int BINDING_ERROR = 0x0111;

    private static final int USERNAME = 0x0006;
    private static final int MESSAGE_INTEGRITY = 0x0008;
    private static final int ERROR_CODE = 0x0009;
    private static final int UNKNOWN_ATTRIBUTES = 0x000A;
    private static final int XOR_MAPPED_ADDRESS = 0x0020;
    private static final int PRIORITY = 0x0024;
    private static final int USE_CANDIDATE = 0x0025;
    private static final int FINGERPRINT = 0x8028;
    /** Attributes from here on may be passed over by who does not know them (RFC 8489 section 14). */
    private static final int OPTIONAL_FROM = 0x8000;

    private static final int FINGERPRINT_LENGTH = 8;
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    /** 420 Unknown Attribute, as class and number. */
    private static final int UNKNOWN_ATTRIBUTE = 4 << 8 | 20;

    private final HmacSha1 hmac = new HmacSha1();
    private final CRC32 crc = new CRC32();
    private final byte[] message = new byte[REQUEST_MAX];
    private int usernameAt;
    private int usernameLength;
    private int integrityAt;
    private int unknown;
    private boolean nominates;
    private long sourceHigh;
    private long sourceLow;
    private boolean sourceIsIpv4;
    private int sourcePort;

    /** @return whether a datagram that begins with this byte can be STUN (RFC 7983). */
    public static boolean isStun(int firstByte) {
        return (firstByte & 0xFC) == 0;
    }

    /** @return whether the request answered last nominates its pair of addresses (USE-CANDIDATE). */
    public boolean nominates() {
        return nominates;
    }

    /** What a description says of our side. */
    public static final class Session {
        private byte[] ufrag = {};
        private final HmacSha1.Key password = new HmacSha1.Key();

        /** Sets both, ASCII; a password has 64 bytes at most. */
        public void set(byte[] ownUfrag, byte[] ownPassword) {
            ufrag = ownUfrag.clone();
            password.set(ownPassword, 0, ownPassword.length);
        }
    }

    /**
     * Says where the next request came from.
     *
     * @param high bytes 0-7 of the address in network order, {@code low} bytes 8-15; IPv4 in the last four
     */
    public StunResponder from(long high, long low, boolean isIpv4, int port) {
        sourceHigh = high;
        sourceLow = low;
        sourceIsIpv4 = isIpv4;
        sourcePort = port;
        return this;
    }

    /**
     * Answers a check for a session: one for {@code ufrag:theirs}.
     *
     * @param buffer has the datagram, and room for {@link #RESPONSE_MAX} bytes from {@code offset} on
     * @return the response's length, now at {@code offset}; or negative, and nothing was changed
     */
    public int answer(MutableDirectBuffer buffer, int offset, int length, Session session) {
        if (!isMessage(buffer, offset, length)) {
            return NOT_STUN;
        }
        if ((buffer.getShort(offset, ByteOrder.BIG_ENDIAN) & 0xFFFF) != BINDING_REQUEST) {
            return NO_REQUEST;
        }
        buffer.getBytes(offset, message, 0, length);
        if (!readAttributes(length)) {
            return NOT_STUN;
        }
        if (!isFor(session.ufrag) || integrityAt == 0 || !isProven(session.password)) {
            return NOT_PROVEN;
        }
        buffer.getBytes(offset, message, 0, TRANSACTION_AT + TRANSACTION_LENGTH);
        int end = unknown == 0 ? success() : refusal();
        end = integrity(end, session.password);
        end = fingerprint(end);
        buffer.putBytes(offset, message, 0, end);
        return end;
    }

    /** RFC 8489 section 5: two zero bits, a length of whole words that is the datagram's, the cookie. */
    private static boolean isMessage(MutableDirectBuffer buffer, int offset, int length) {
        return length >= HEADER
                && length <= REQUEST_MAX
                && isStun(buffer.getByte(offset))
                && (length & 3) == 0
                && (buffer.getShort(offset + LENGTH_AT, ByteOrder.BIG_ENDIAN) & 0xFFFF) == length - HEADER
                && buffer.getInt(offset + COOKIE_AT, ByteOrder.BIG_ENDIAN) == COOKIE;
    }

    /** @return false: an attribute runs over the end, or the fingerprint is wrong. */
    private boolean readAttributes(int length) {
        usernameAt = 0;
        usernameLength = 0;
        integrityAt = 0;
        unknown = 0;
        nominates = false;
        int at = HEADER;
        while (at < length) {
            int type = shortAt(at);
            int size = at + ATTRIBUTE_HEAD <= length ? shortAt(at + 2) : length;
            int next = at + ATTRIBUTE_HEAD + (size + 3 & ~3);
            if (next > length) {
                return false;
            }
            if (type == FINGERPRINT) {
                return size == 4 && next == length && intAt(at + ATTRIBUTE_HEAD) == checksum(at, length - HEADER);
            }
            // What follows the integrity is not covered by it (RFC 8489 section 14.5).
            if (integrityAt == 0 && !read(type, at, size)) {
                return false;
            }
            at = next;
        }
        return true;
    }

    private boolean read(int type, int at, int size) {
        switch (type) {
            case USERNAME -> {
                usernameAt = at + ATTRIBUTE_HEAD;
                usernameLength = size;
            }
            case MESSAGE_INTEGRITY -> {
                integrityAt = at;
                return size == HmacSha1.LENGTH;
            }
            case USE_CANDIDATE -> nominates = true;
            case PRIORITY -> {
                // Of a candidate that the far end may have by this check: a lite agent has no use for it.
            }
            default -> unknown = unknown == 0 && type < OPTIONAL_FROM ? type : unknown;
        }
        return true;
    }

    /** RFC 8445 section 7.2.2: the one who is asked comes first. */
    private boolean isFor(byte[] ufrag) {
        if (usernameLength <= ufrag.length || message[usernameAt + ufrag.length] != ':') {
            return false;
        }
        int different = 0;
        for (int i = 0; i < ufrag.length; i++) {
            different |= message[usernameAt + i] ^ ufrag[i];
        }
        return different == 0;
    }

    /** The code is over all before it, with a length that ends behind it (RFC 8489 section 14.5). */
    private boolean isProven(HmacSha1.Key password) {
        putShort(LENGTH_AT, integrityAt + ATTRIBUTE_HEAD + HmacSha1.LENGTH - HEADER);
        byte[] code = hmac.of(password, message, integrityAt);
        int different = 0;
        for (int i = 0; i < HmacSha1.LENGTH; i++) {
            different |= message[integrityAt + ATTRIBUTE_HEAD + i] ^ code[i];
        }
        return different == 0;
    }

    /** RFC 8489 section 14.2. */
    private int success() {
        putShort(0, BINDING_SUCCESS);
        int at = attribute(HEADER, XOR_MAPPED_ADDRESS, sourceIsIpv4 ? 8 : 20);
        putShort(at, sourceIsIpv4 ? IPV4 : IPV6);
        putShort(at + 2, sourcePort ^ COOKIE >>> 16);
        if (sourceIsIpv4) {
            putInt(at + 4, (int) sourceLow ^ COOKIE);
            return at + 8;
        }
        putInt(at + 4, (int) (sourceHigh >>> 32) ^ COOKIE);
        putInt(at + 8, (int) sourceHigh ^ intAt(TRANSACTION_AT));
        putInt(at + 12, (int) (sourceLow >>> 32) ^ intAt(TRANSACTION_AT + 4));
        putInt(at + 16, (int) sourceLow ^ intAt(TRANSACTION_AT + 8));
        return at + 20;
    }

    /** RFC 8489 section 6.3.1: it needs what we do not know; the first of it is named, twice to fill a word. */
    private int refusal() {
        putShort(0, BINDING_ERROR);
        int at = attribute(HEADER, ERROR_CODE, 4);
        putInt(at, UNKNOWN_ATTRIBUTE);
        at = attribute(at + 4, UNKNOWN_ATTRIBUTES, 4);
        putShort(at, unknown);
        putShort(at + 2, unknown);
        nominates = false;
        return at + 4;
    }

    private int integrity(int end, HmacSha1.Key password) {
        int at = attribute(end, MESSAGE_INTEGRITY, HmacSha1.LENGTH);
        putShort(LENGTH_AT, at + HmacSha1.LENGTH - HEADER);
        byte[] code = hmac.of(password, message, end);
        System.arraycopy(code, 0, message, at, HmacSha1.LENGTH);
        return at + HmacSha1.LENGTH;
    }

    private int fingerprint(int end) {
        int at = attribute(end, FINGERPRINT, 4);
        putInt(at, checksum(end, end + FINGERPRINT_LENGTH - HEADER));
        return at + 4;
    }

    /** RFC 8489 section 14.7. @param length that the header says */
    private int checksum(int end, int length) {
        putShort(LENGTH_AT, length);
        crc.reset();
        crc.update(message, 0, end);
        return (int) crc.getValue() ^ FINGERPRINT_MASK;
    }

    private int attribute(int at, int type, int length) {
        putShort(at, type);
        putShort(at + 2, length);
        return at + ATTRIBUTE_HEAD;
    }

    private int shortAt(int at) {
        return (message[at] & 0xFF) << 8 | message[at + 1] & 0xFF;
    }

    private int intAt(int at) {
        return shortAt(at) << 16 | shortAt(at + 2);
    }

    private void putShort(int at, int value) {
        message[at] = (byte) (value >>> 8);
        message[at + 1] = (byte) value;
    }

    private void putInt(int at, int value) {
        putShort(at, value >>> 16);
        putShort(at + 2, value);
    }
}
