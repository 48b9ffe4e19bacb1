package io.hookswitch.sip.sdp;

import io.hookswitch.engine.message.MediaFlyweight;

/** Our side of a stream whose keys come from DTLS, as the server (RFC 8842), and whose way ICE finds. Sip thread. */
final class DtlsSide {
    /** Protocol of the m= line. */
    static final String PROTOCOL = "UDP/TLS/RTP/SAVPF";
    /** The one who offers leaves the choice; who answers as the server says so. */
    static final String OFFERED = "actpass";

    static final String ANSWERED = "passive";

    /** Of an offer of ours. */
    private static final String MID = "0";

    private final IceSide ice;
    private final String fingerprint;
    private Sdp.Dtls far;

    /** @param fingerprint SHA-256 of our certificate, {@code AB:CD:...}, "" = there is none */
    DtlsSide(IceSide ice, String fingerprint) {
        this.ice = ice;
        this.fingerprint = fingerprint;
    }

    /** @return whether there is a certificate to shake hands with. */
    boolean isAvailable() {
        return !fingerprint.isEmpty();
    }

    /** Takes what the far end says. */
    void meets(Sdp.Dtls described) {
        ice.meets(described.ice());
        far = described;
    }

    /** Writes both sides into a description that goes to the core. */
    void describe(MediaFlyweight into) {
        into.dtls(ice.ufrag(), ice.password(), far.fingerprint());
    }

    /** @return lines for the whole session; null far = an offer of ours. */
    static String sessionLines(Sdp.Dtls described) {
        String mid = described == null ? MID : described.isBundled() ? described.mid() : "";
        return IceSide.LITE + (mid.isEmpty() ? "" : "a=group:BUNDLE " + mid + "\r\n");
    }

    /** Writes the lines of the stream; described null = a first offer of ours. */
    void streamLines(StringBuilder text, String setup, Sdp.Dtls described, String address, int port) {
        String mid = described == null ? MID : described.mid();
        if (!mid.isEmpty()) {
            text.append("a=mid:").append(mid).append("\r\n");
        }
        // A browser puts the track into this stream; without the line it might be in none.
        text.append("a=msid:hookswitch audio\r\na=fingerprint:sha-256 ")
                .append(fingerprint)
                .append("\r\na=setup:")
                .append(setup)
                .append("\r\n");
        ice.lines(text, address, port);
    }
}
