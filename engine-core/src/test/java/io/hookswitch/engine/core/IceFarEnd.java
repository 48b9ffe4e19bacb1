package io.hookswitch.engine.core;

import io.hookswitch.engine.message.MediaFlyweight;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks and handshakes as a browser sends them (RFC 8445 section 7.2, RFC 9147), codes by the JDK's Mac. */
final class IceFarEnd {
    static final byte[] UFRAG = ascii("aB3+dE6/");
    static final byte[] PASSWORD = ascii("abcdefghijklmnopqrstuvwx");

    private static final int COOKIE = 0x2112A442;
    private static final int FINGERPRINT_MASK = 0x5354554E;
    private static final int HEADER = 20;
    private static final int INTEGRITY = 24;
    private static final int FINGERPRINT = 8;
    private static final int CLIENT_HELLO = 22;

    private IceFarEnd() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** @return a description's certificate */
    static byte[] fingerprint(int seed) {
        byte[] made = new byte[MediaFlyweight.FINGERPRINT_LENGTH];
        Arrays.fill(made, (byte) seed);
        return made;
    }

    static byte[] check(byte[] password, boolean nominates) {
        byte[] user = ascii(new String(UFRAG, StandardCharsets.US_ASCII) + ":browser");
        int attributes = 4 + user.length + (nominates ? 4 : 0);
        ByteBuffer made = ByteBuffer.allocate(HEADER + attributes + INTEGRITY + FINGERPRINT);
        made.putShort((short) 1).putShort((short) 0).putInt(COOKIE).put(ascii("transaction!"));
        made.putShort((short) 6).putShort((short) user.length).put(user);
        if (nominates) {
            made.putShort((short) 0x25).putShort((short) 0);
        }
        int signed = made.position();
        made.putShort(2, (short) (signed + INTEGRITY - HEADER));
        byte[] code = hmac(password, made.array(), signed);
        made.putShort((short) 8).putShort((short) code.length).put(code);
        made.putShort(2, (short) (made.capacity() - HEADER));
        CRC32 crc = new CRC32();
        crc.update(made.array(), 0, made.position());
        made.putShort((short) 0x8028).putShort((short) 4).putInt((int) crc.getValue() ^ FINGERPRINT_MASK);
        return made.array();
    }

    private static byte[] hmac(byte[] key, byte[] message, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(key, "HmacSHA1"));
            mac.update(message, 0, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return a datagram that begins as a handshake does */
    static byte[] handshake(int length) {
        byte[] made = new byte[length];
        Arrays.fill(made, (byte) length);
        made[0] = CLIENT_HELLO;
        return made;
    }
}
