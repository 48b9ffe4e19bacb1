package io.hookswitch.sip.sdp;

import io.hookswitch.engine.message.MediaFlyweight;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * Our side of a stream whose keys come from DTLS: ICE-lite with one host candidate (RFC 8445 section 2.5), always the
 * DTLS server (RFC 8842). User name fragment and password are made with the first description that needs them, and anew
 * when the far end restarts ICE. Sip thread.
 */
final class DtlsSide {
    /** Protocol of the m= line. */
    static final String PROTOCOL = "UDP/TLS/RTP/SAVPF";
    /** The one who offers leaves the choice; who answers as the server says so. */
    static final String OFFERED = "actpass";

    static final String ANSWERED = "passive";

    /** Of an offer of ours. */
    private static final String MID = "0";
    /** Bytes whose Base64 is as long as the flyweight's members, without padding. */
    private static final int UFRAG_BYTES = MediaFlyweight.UFRAG_LENGTH / 4 * 3;

    private static final int PASSWORD_BYTES = MediaFlyweight.PASSWORD_LENGTH / 4 * 3;

    /** Of a host candidate, the only one there is (RFC 8445 section 5.1.2.1). */
    private static final long PRIORITY = (126L << 24) + (65_535L << 8) + 255;

    private final Supplier<byte[]> secrets;
    private final String fingerprint;
    private byte[] ufrag;
    private byte[] password;
    private Sdp.Dtls far;

    /**
     * @param secrets makes bytes that nobody can guess, 24 or more
     * @param fingerprint SHA-256 of our certificate, {@code AB:CD:...}, "" = there is none
     */
    DtlsSide(Supplier<byte[]> secrets, String fingerprint) {
        this.secrets = secrets;
        this.fingerprint = fingerprint;
    }

    /** @return whether there is a certificate to shake hands with. */
    boolean isAvailable() {
        return !fingerprint.isEmpty();
    }

    /** Takes what the far end says: a fragment or password that it has changed asks for new ones of ours. */
    void meets(Sdp.Dtls described) {
        if (far != null && !described.hasIceOf(far)) {
            ufrag = null;
        }
        far = described;
    }

    /** Writes both sides into a description that goes to the core. */
    void describe(MediaFlyweight into) {
        ready();
        into.dtls(ufrag, password, far.fingerprint());
    }

    /** @return lines for the whole session; null far = an offer of ours. */
    static String sessionLines(Sdp.Dtls described) {
        String mid = described == null ? MID : described.isBundled() ? described.mid() : "";
        return "a=ice-lite\r\n" + (mid.isEmpty() ? "" : "a=group:BUNDLE " + mid + "\r\n");
    }

    /** Writes the lines of the stream; described null = a first offer of ours. */
    void streamLines(StringBuilder text, String setup, Sdp.Dtls described, String address, int port) {
        ready();
        String mid = described == null ? MID : described.mid();
        if (!mid.isEmpty()) {
            text.append("a=mid:").append(mid).append("\r\n");
        }
        // A browser puts the track into this stream; without the line it might be in none.
        text.append("a=msid:hookswitch audio\r\na=ice-ufrag:")
                .append(new String(ufrag, StandardCharsets.US_ASCII))
                .append("\r\na=ice-pwd:")
                .append(new String(password, StandardCharsets.US_ASCII))
                .append("\r\na=fingerprint:sha-256 ")
                .append(fingerprint)
                .append("\r\na=setup:")
                .append(setup)
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
