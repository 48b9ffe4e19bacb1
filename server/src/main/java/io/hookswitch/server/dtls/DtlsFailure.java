package io.hookswitch.server.dtls;

/** Why a handshake came to nothing, in words for the leg's end. */
enum DtlsFailure {
    /** The certificate is not the one that the description names (RFC 8122 section 6.2). */
    FINGERPRINT("the far end's certificate is not the one it described"),
    /** No certificate at all. */
    NO_CERTIFICATE("the far end shows no certificate"),
    /** No use_srtp, or no profile in it that we have (RFC 5764 section 4.1.2). */
    NO_PROFILE("no common SRTP profile"),
    /** Neither done nor failed in time. */
    TIMEOUT("the handshake takes too long"),
    /** The far end has sent a fatal alert. */
    ALERT("the far end refuses the handshake"),
    /** The far end has closed before the handshake was done. */
    CLOSED("the far end closes in its handshake"),
    /** What the far end sends is not DTLS 1.2 as we speak it. */
    PROTOCOL("no handshake is possible"),
    /** An exception that nobody expected: of the library on what the far end has sent, or a fault of ours. */
    BROKEN("the handshake broke");

    private final String text;

    DtlsFailure(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
