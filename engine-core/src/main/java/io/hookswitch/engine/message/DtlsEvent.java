package io.hookswitch.engine.message;

/**
 * Types of messages from a core to the thread that shakes hands: what DTLS far ends send on the media path (RFC 5764
 * section 5.1.2). A message that finds the ring full is dropped and counted; DTLS repeats itself.
 */
public final class DtlsEvent {
    /**
     * A DTLS datagram that came from where ICE says that the far end is. leg, reference = number of the association on
     * this core: another one is another handshake; media = the leg's description, for the fingerprint; fields DATAGRAM.
     */
    public static final int DATAGRAM = 1;
    /**
     * The association of a leg is over: the leg has ended, or its description names another certificate. leg,
     * reference.
     */
    public static final int ENDED = 2;

    private DtlsEvent() {}
}
