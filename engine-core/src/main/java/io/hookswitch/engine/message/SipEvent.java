package io.hookswitch.engine.message;

/**
 * Types of messages from a sip thread to its core. {@code leg} is the core's handle, except in {@link #OFFERED}, where
 * {@code otherLeg} is the sip side's own number of the leg and {@code leg} is 0. A leg speaks only after it is bound:
 * what happens
 * before {@link SipCommand#BIND} arrives is held back by the sip side.
 */
public final class SipEvent {
    /**
     * An admitted INVITE. otherLeg = sip's number, timeNs, media = the offer (absent: late offer), fields CALL_ID,
     * FROM_USER,
     * FROM_DISPLAY, FROM_HOST, TO_USER, REQUEST_URI, SOURCE, LOCAL, ORIGIN, HEADER*, BODY, RAW.
     */
    public static final int OFFERED = 1;
    /** Our INVITE is on the wire for the first time. Fields CALL_ID, LOCAL. */
    public static final int INVITED = 2;
    /** A provisional response 101..199; media = negotiated from its SDP, if any. Fields REASON. */
    public static final int PROGRESSED = 3;
    /** A 2xx to our INVITE, already acknowledged; media = negotiated. status, fields REASON. */
    public static final int ANSWERED = 4;
    /** The far end's media changed or became known: our answer was sent, a re-INVITE or UPDATE was settled. media. */
    public static final int MEDIA_CHANGED = 5;
    /**
     * The leg is over as far as the far end is concerned: media stops now. status (of the final response; 200 after a
     * BYE, 487
     * after a CANCEL), cause, fields REASON, HEADER* (headers of a BYE that RFC 3261 does not define).
     */
    public static final int ENDED = 6;
    /**
     * The last transaction of the leg is settled, after ENDED or after a command END: the row may be used again.
     * Exactly once.
     */
    public static final int TERMINATED = 7;
    /** A digit in a SIP INFO (application/dtmf-relay). cause = the character, durationNs. */
    public static final int INFO_DIGIT = 8;
    /**
     * A REFER in the dialog, not answered yet. Fields HEADER*: Refer-To (exactly one), Referred-By, User-Agent, X-*.
     */
    public static final int REFERRED = 9;

    /**
     * An INFO or a MESSAGE in the dialog. An INFO is answered already, a MESSAGE is not. Fields METHOD, BODY, HEADER*
     * (all that there is room for).
     */
    public static final int REQUESTED = 10;
    /** What a {@link SipCommand#REQUEST} came to, exactly once: reference, status (408 = no answer), fields REASON. */
    public static final int REQUEST_ANSWERED = 11;

    private SipEvent() {}
}
