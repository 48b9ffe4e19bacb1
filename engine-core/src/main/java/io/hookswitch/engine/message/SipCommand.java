package io.hookswitch.engine.message;

/** Types of messages from a core to its sip thread. {@code leg} is the core's handle unless said otherwise. */
public final class SipCommand {
    /** The offered leg otherLeg (sip's number) is from now on called leg. */
    public static final int BIND = 1;
    /**
     * The offered leg otherLeg (sip's number) has no place: status 503, field RETRY_AFTER; or its media address is of
     * the IP version that ours is not: status 488. No TERMINATED follows.
     */
    public static final int REFUSE = 2;
    /**
     * Send an INVITE. media = our address and the codecs to offer in order; fields REQUEST_URI, NEXT_HOP, FROM_USER,
     * FROM_DISPLAY,
     * FROM_HOST, TO_URI, HEADER*, AUTH_USER, AUTH_PASSWORD.
     */
    public static final int INVITE = 3;
    /**
     * Send a provisional: status 180..183; media present = with SDP (then reliably when the caller required 100rel).
     * Fields HEADER*.
     */
    public static final int PROGRESS = 4;
    /** Send 200. media = our address and the codecs to prefer, in order. Fields HEADER*. */
    public static final int ANSWER = 5;
    /**
     * End the leg with whatever its state asks for: a final response status (unanswered inbound), CANCEL (held until a
     * provisional,
     * RFC 3261 section 9.1; a 200 that crosses it is acknowledged and ended with BYE), BYE. Fields REASON, HEADER*.
     * TERMINATED follows.
     */
    public static final int END = 6;
    /**
     * The answer to a REFER: status. Behind a 202 (the sip side tells 100 itself) a second one: what came of it, 200 or
     * 503, told with NOTIFY (RFC 3515).
     */
    public static final int REFER_RESULT = 7;

    /** The answer to the oldest MESSAGE that has none: status. */
    public static final int REQUEST_RESULT = 8;
    /**
     * Send a request in the dialog of an answered leg: reference, fields METHOD (INFO, MESSAGE, NOTIFY, OPTIONS),
     * CONTENT_TYPE and BODY or neither, HEADER*. {@link SipEvent#REQUEST_ANSWERED} follows.
     */
    public static final int REQUEST = 9;

    private SipCommand() {}
}
