package io.hookswitch.engine.message;

/** Types of messages from a core to control: decisions only. {@code timeNs} is the core's clock when it happened. */
public final class CoreEvent {
    /** A call came in. leg; media present or not; fields as {@link SipEvent#OFFERED}. */
    public static final int OFFERED = 1;
    /** A dialled leg exists and its INVITE is out. leg, call, reference, fields CALL_ID, LOCAL. */
    public static final int INVITED = 2;
    /** A DIAL made no leg: call, reference, status, cause, fields REASON. */
    public static final int DIAL_REFUSED = 3;
    /** A provisional on a dialled leg. leg, status, media present = it carried SDP, fields REASON. */
    public static final int PROGRESSED = 4;
    /** A dialled leg was answered. leg, status, fields REASON. */
    public static final int ANSWERED = 5;
    /**
     * The far end or the wire ended a leg. leg, status, cause, fields REASON, HEADER*. Never follows control's own END.
     */
    public static final int ENDED = 6;
    /** A key was pressed, once per press, whichever ways it was told. leg, cause = character, durationNs. */
    public static final int DIGIT = 7;
    /** A timer expired. call, reference. */
    public static final int TIMER_EXPIRED = 8;
    /** A command named a stale or unfit leg. leg, status = the command's type. */
    public static final int REFUSED = 9;

    /**
     * All keys of a SEND_DIGITS were sent, the pause behind the last one is over. leg, call, reference; status = 0, or
     * 488: none was sent, the far end
     * has agreed on no telephone events, or on no media within 4 s.
     */
    public static final int DIGITS_SENT = 10;

    /**
     * A PLAY is over and its recording no longer read. leg, call, reference; cause = {@link PlayResult}, durationNs =
     * how much was sent, status = where in the recording it ended, samples of 8 kHz. Comes before the leg's ENDED.
     */
    public static final int PLAYED = 11;
    /** The far end of an answered leg wants somebody else called. leg, fields as {@link SipEvent#REFERRED}. */
    public static final int REFERRED = 12;

    /**
     * The far end of a leg with media holds the other one, or holds it no longer (RFC 3264 section 8.4: it will not
     * hear
     * us). leg, status = 1 it holds, 0 no longer.
     */
    public static final int HELD = 13;

    /** The far end of a leg sent an INFO or a MESSAGE. leg, fields as {@link SipEvent#REQUESTED}. */
    public static final int REQUESTED = 14;
    /** What a REQUEST came to, exactly once. leg, reference, status, fields REASON. */
    public static final int REQUEST_ANSWERED = 15;

    private CoreEvent() {}
}
