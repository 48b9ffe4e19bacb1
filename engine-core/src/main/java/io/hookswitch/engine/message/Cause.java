package io.hookswitch.engine.message;

/** Why a leg ended. One number, one reason; the SIP status stands beside it. */
public final class Cause {
    /** Not said. */
    public static final int NONE = 0;
    /** We ended it: control's END command. */
    public static final int LOCAL = 1;
    /** The far end sent BYE. */
    public static final int FAR_END_BYE = 2;
    /** The caller cancelled its unanswered INVITE. */
    public static final int FAR_END_CANCEL = 3;
    /** The far end answered our INVITE with 3xx-6xx. */
    public static final int REJECTED = 4;
    /** The far end never answered: transaction timeout (RFC 3261 timers B and F) or transport error. */
    public static final int UNREACHABLE = 5;
    /** Our 200 was never acknowledged (RFC 3261 section 13.3.1.4). */
    public static final int NO_ACK = 6;
    /** Offer and answer have nothing in common, or SDP that cannot be used. */
    public static final int NO_COMMON_MEDIA = 7;
    /** The message could not be built or sent: bad URI, unusable header. */
    public static final int BAD_REQUEST = 8;
    /** No media port or no leg row was free. */
    public static final int NO_RESOURCES = 9;
    /** The far end of an answered leg sent neither RTP nor RTCP for as long as the node allows: we ended it. */
    public static final int MEDIA_TIMEOUT = 10;

    /** The far end's DTLS handshake failed or showed another certificate than was described: we ended it. */
    public static final int DTLS_FAILED = 11;

    private Cause() {}
}
