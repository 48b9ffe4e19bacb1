package io.hookswitch.rtp.srtp;

import io.hookswitch.rtp.HmacSha1;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * One direction of one leg: the session keys that a master key gives (RFC 3711 section 4.3, key derivation rate 0), and
 * which packets came or went. Made once and keyed for each call; keying allocates, packets do not. Used by a
 * {@link SrtpTransform} of the same thread.
 */
public final class SrtpContext {
    private static final int RTP_LABELS = 0;
    private static final int RTCP_LABELS = 3;
    private static final int AUTHENTICATION_KEY_LENGTH = 20;
    private static final int AES_BLOCK = 16;

    /** The session keys of one of the two protocols. */
    static final class Keys {
        /** Encrypts counter blocks. */
        final Cipher cipher;
        /** Makes the tags. */
        final HmacSha1.Key authentication = new HmacSha1.Key();

        /** The session salt as the first and second eight bytes of a counter block, the last two bytes 0. */
        long saltHigh;

        long saltLow;

        private Keys() {
            cipher = aes();
        }
    }

    final Keys rtp = new Keys();
    final Keys rtcp = new Keys();
    final PacketIndex rtpPackets = new PacketIndex();
    final PacketIndex rtcpPackets = new PacketIndex();
    private SrtpSuite suite;
    private int tagLength;

    /**
     * Sets the keys and forgets all packets.
     *
     * @param master {@link SrtpSuite#MASTER_LENGTH} bytes from {@code offset} on: master key, then master salt.
     */
    public void key(SrtpSuite newSuite, byte[] master, int offset) {
        suite = newSuite;
        tagLength = newSuite.tagLength();
        try {
            Cipher derivation = aes();
            derivation.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(master, offset, SrtpSuite.KEY_LENGTH, "AES"));
            derive(rtp, RTP_LABELS, derivation, master, offset + SrtpSuite.KEY_LENGTH);
            derive(rtcp, RTCP_LABELS, derivation, master, offset + SrtpSuite.KEY_LENGTH);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES of 128 bits does not work here", e);
        }
        rtpPackets.clear();
        rtcpPackets.clear();
    }

    /** @return the suite it was keyed for, or null before that. */
    public SrtpSuite suite() {
        return suite;
    }

    /** @return bytes that SRTP appends to a packet. */
    int tagLength() {
        return tagLength;
    }

    private static Cipher aes() {
        try {
            return Cipher.getInstance("AES/ECB/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no AES", e);
        }
    }

    private static void derive(Keys keys, int firstLabel, Cipher derivation, byte[] master, int saltOffset)
            throws GeneralSecurityException {
        byte[] key = expand(derivation, master, saltOffset, firstLabel, SrtpSuite.KEY_LENGTH);
        keys.cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        byte[] secret = expand(derivation, master, saltOffset, firstLabel + 1, AUTHENTICATION_KEY_LENGTH);
        keys.authentication.set(secret, 0, secret.length);
        byte[] salt = expand(derivation, master, saltOffset, firstLabel + 2, SrtpSuite.SALT_LENGTH);
        keys.saltHigh = bigEndian(salt, 0, Long.BYTES);
        keys.saltLow = bigEndian(salt, Long.BYTES, SrtpSuite.SALT_LENGTH - Long.BYTES) << 16;
        Arrays.fill(key, (byte) 0);
        Arrays.fill(secret, (byte) 0);
    }

    /** RFC 3711 section 4.3.3: the keystream of the master key for a counter that the label has been mixed into. */
    static byte[] expand(Cipher derivation, byte[] master, int saltOffset, int label, int length)
            throws ShortBufferException {
        byte[] block = new byte[AES_BLOCK];
        System.arraycopy(master, saltOffset, block, 0, SrtpSuite.SALT_LENGTH);
        block[7] ^= (byte) label;
        byte[] stream = new byte[(length + AES_BLOCK - 1) / AES_BLOCK * AES_BLOCK];
        for (int at = 0; at < stream.length; at += AES_BLOCK) {
            block[AES_BLOCK - 1] = (byte) (at / AES_BLOCK);
            derivation.update(block, 0, AES_BLOCK, stream, at);
        }
        return Arrays.copyOf(stream, length);
    }

    private static long bigEndian(byte[] bytes, int offset, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | bytes[offset + i] & 0xFF;
        }
        return value;
    }
}
