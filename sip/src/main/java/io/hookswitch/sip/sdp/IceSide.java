package io.hookswitch.sip.sdp;

import io.hookswitch.engine.message.MediaFlyweight;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * Our side of ICE: lite, with one host candidate (RFC 8445 section 2.5, RFC 8839). User name fragment and password are
 * made with the first description that needs them, and anew when the far end restarts ICE. Sip thread.
 */
final class IceSide {
    /** Line for the whole session. */
    static final String LITE = "a=ice-lite\r\n";

    /** Bytes whose Base64 is as long as the flyweight's members, without padding. */
    private static final int UFRAG_BYTES = MediaFlyweight.UFRAG_LENGTH / 4 * 3;

    private static final int PASSWORD_BYTES = MediaFlyweight.PASSWORD_LENGTH / 4 * 3;

    /** Of a host candidate, the only one there is (RFC 8445 section 5.1.2.1). */
    private static final long PRIORITY = (126L << 24) + (65_535L << 8) + 255;

    private final Supplier<byte[]> secrets;
    private byte[] ufrag;
    private byte[] password;
    private Sdp.Ice far;

    /** @param secrets makes bytes that nobody can guess, 24 or more */
    IceSide(Supplier<byte[]> secrets) {
        this.secrets = secrets;
    }

    /** Takes what the far end says: a fragment or password that it has changed asks for new ones of ours. */
    void meets(Sdp.Ice described) {
        if (far != null && !described.equals(far)) {
            ufrag = null;
        }
        far = described;
    }

    byte[] ufrag() {
        ready();
        return ufrag;
    }

    byte[] password() {
        ready();
        return password;
    }

    /** Writes the lines of the stream. */
    void lines(StringBuilder text, String address, int port) {
        ready();
        text.append("a=ice-ufrag:")
                .append(new String(ufrag, StandardCharsets.US_ASCII))
                .append("\r\na=ice-pwd:")
                .append(new String(password, StandardCharsets.US_ASCII))
                .append("\r\na=candidate:1 1 udp ")
                .append(PRIORITY)
                .append(' ')
                .append(address)
                .append(' ')
                .append(port)
                .append(" typ host\r\na=end-of-candidates\r\n");
    }

    private void ready() {
        if (ufrag == null) {
            byte[] made = secrets.get();
            Base64.Encoder text = Base64.getEncoder();
            ufrag = text.encode(Arrays.copyOf(made, UFRAG_BYTES));
            password = text.encode(Arrays.copyOfRange(made, UFRAG_BYTES, UFRAG_BYTES + PASSWORD_BYTES));
        }
    }
}
