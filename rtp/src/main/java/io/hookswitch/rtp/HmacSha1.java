package io.hookswitch.rtp;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * HMAC-SHA1 (RFC 2104) that allocates nothing, which the JDK's Mac does with every message. The SHA-1 is the JDK's. One
 * a thread.
 */
public final class HmacSha1 {
    /** Bytes of a code. */
    public static final int LENGTH = 20;

    private static final int BLOCK = 64;
    private static final byte INNER_PAD = 0x36;
    private static final byte OUTER_PAD = 0x5C;

    /** A secret as HMAC's first blocks: padded, and combined with the two constants. */
    public static final class Key {
        private final byte[] inner = new byte[BLOCK];
        private final byte[] outer = new byte[BLOCK];

        /** Sets it. @param length of the secret in bytes, 1..64 */
        public void set(byte[] secret, int offset, int length) {
            for (int i = 0; i < BLOCK; i++) {
                byte part = i < length ? secret[offset + i] : 0;
                inner[i] = (byte) (part ^ INNER_PAD);
                outer[i] = (byte) (part ^ OUTER_PAD);
            }
        }
    }

    private final MessageDigest sha1;
    private final byte[] code = new byte[LENGTH];

    /** Makes one. */
    public HmacSha1() {
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-1", e);
        }
    }

    /** @return the code of the first bytes of a message; the array is this object's and holds until the next call. */
    public byte[] of(Key key, byte[] message, int length) {
        try {
            sha1.update(key.inner, 0, BLOCK);
            sha1.update(message, 0, length);
            sha1.digest(code, 0, LENGTH);
            sha1.update(key.outer, 0, BLOCK);
            sha1.update(code, 0, LENGTH);
            sha1.digest(code, 0, LENGTH);
            return code;
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-1", e);
        }
    }
}
