package io.hookswitch.engine.message;

/** Types of messages from the thread that shakes hands to a core. A stale leg or association is passed over. */
public final class DtlsCommand {
    /** Send a datagram to where the leg's far end is. leg, reference = the association; fields DATAGRAM. */
    public static final int SEND = 1;
    /** The handshake is done. leg, reference; media carries the suite and both keys, as {@link MediaFlyweight#srtp}. */
    public static final int KEYED = 2;
    /**
     * The handshake has failed, or the far end's certificate is not the one described. leg, reference, fields REASON.
     */
    public static final int FAILED = 3;

    private DtlsCommand() {}
}
