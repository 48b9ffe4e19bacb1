package io.hookswitch.server.dtls;

/** What a virtual thread has for its core; the dtls thread writes it. */
sealed interface Told {
    /** @return whose it is: what an association says that is over is passed over. */
    Association from();

    /** A datagram for the far end. */
    record Send(Association from, byte[] datagram) implements Told {}

    /** The handshake is done. */
    record Keyed(Association from, SrtpKeys keys) implements Told {}

    /**
     * The handshake has failed.
     *
     * @param reason for people
     */
    record Failed(Association from, DtlsFailure kind, String reason) implements Told {}
}
