package io.hookswitch.systemtests.farend;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A far end's side of ICE (RFC 8445, RFC 8489): what its description says, and the check that it sends. */
public final class IceCheck {
    private static final String UFRAG = "farE";
    private static final int COOKIE = 0x2112A442;
    private static final int FINGERPRINT_MASK = 0x5354554E;
    private static final int HEADER = 20;
    private static final int INTEGRITY = 24;
    private static final int FINGERPRINT = 8;

    private IceCheck() {}

    /** @return lines of a description whose media is here. */
    static String lines(InetSocketAddress here) {
        return "a=rtcp-mux\r\na=ice-ufrag:" + UFRAG + "\r\na=ice-pwd:ofAFarEndThatWritesItByHand\r\n"
                + "a=candidate:1 1 udp 2130706431 " + here.getAddress().getHostAddress() + " " + here.getPort()
                + " typ host\r\n";
    }

    /** @return a check with nomination for whoever has written this description. */
    public static byte[] of(String description) {
        byte[] user = (word(description, "a=ice-ufrag:") + ":" + UFRAG).getBytes(StandardCharsets.US_ASCII);
        int padded = user.length + 3 & ~3;
        ByteBuffer made = ByteBuffer.allocate(HEADER + 4 + padded + 4 + INTEGRITY + FINGERPRINT);
        made.putShort((short) 1).putShort((short) 0).putInt(COOKIE).put(new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
        });
        made.putShort((short) 6).putShort((short) user.length).put(user);
        made.position(HEADER + 4 + padded);
        made.putShort((short) 0x25).putShort((short) 0);
        made.putShort(2, (short) (made.position() + INTEGRITY - HEADER));
        byte[] code = hmac(word(description, "a=ice-pwd:"), made.array(), made.position());
        made.putShort((short) 8).putShort((short) code.length).put(code);
        made.putShort(2, (short) (made.capacity() - HEADER));
        CRC32 crc = new CRC32();
        crc.update(made.array(), 0, made.position());
        made.putShort((short) 0x8028).putShort((short) 4).putInt((int) crc.getValue() ^ FINGERPRINT_MASK);
        return made.array();
    }

    private static String word(String description, String line) {
        Matcher found = Pattern.compile(line + "(\\S+)").matcher(description);
        if (!found.find()) {
            throw new AssertionError("no " + line + " in " + description);
        }
        return found.group(1);
    }

    private static byte[] hmac(String password, byte[] message, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.US_ASCII), "HmacSHA1"));
            mac.update(message, 0, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
