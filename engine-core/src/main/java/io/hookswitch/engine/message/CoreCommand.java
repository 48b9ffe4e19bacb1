package io.hookswitch.engine.message;

/** Types of messages from control to a core. A command for a stale leg is answered with {@link CoreEvent#REFUSED}. */
public final class CoreCommand {
    /**
     * Make a leg and send an INVITE. call, reference = control's number of the branch, otherLeg = the leg whose codecs
     * lead the offer (0 = none). media, when present, names the codecs to offer in order, behind the one that leg has
     * settled on; otherwise all that it offered and the usual ones. Fields as {@link SipCommand#INVITE}. Answered by
     * INVITED or DIAL_REFUSED, in both cases exactly once.
     */
    public static final int DIAL = 1;
    /**
     * Send a provisional on an unanswered inbound leg: status; otherLeg != 0 = with SDP, codecs like that leg. Fields
     * HEADER*.
     */
    public static final int PROGRESS = 2;
    /**
     * Answer an inbound leg with 200. otherLeg = leg whose codec leads, 0 = the caller's first that we know. Fields
     * HEADER*.
     */
    public static final int ANSWER = 3;
    /** Join two legs: packets flow as soon as both have media. A leg joined before is parted first. */
    public static final int JOIN = 4;
    /** Part a leg from whatever it is joined to. */
    public static final int PART = 5;
    /**
     * End a leg in whatever way its state asks for; media stops now. status, fields REASON, HEADER*. No ENDED event
     * follows.
     */
    public static final int END = 6;
    /** Arm a timer: reference = control's number (unique among armed timers), call, durationNs. */
    public static final int ARM_TIMER = 7;
    /** Disarm a timer: reference. An expiry already on its way still arrives; control ignores it. */
    public static final int DISARM_TIMER = 8;

    /**
     * Send keys to a leg's far end as telephone events: leg, reference = control's number, durationNs = length of a
     * key,
     * status = pause behind a key in ms (60 at the least), cause = power in -dBm0 (0..63), field DIGITS. Answered by
     * DIGITS_SENT when all is done, or by REFUSED: a stale leg, more than 64 keys, or others are still being sent.
     */
    public static final int SEND_DIGITS = 9;

    /**
     * Play a recording to a leg's far end, in place of what its peer sends: leg, reference = control's number, field
     * PLAY ({@link PlayFlyweight}). Answered by exactly one PLAYED, whatever becomes of it, stale legs included; until
     * then the recording's memory must stay. It waits up to 4 s for media to be agreed on, pauses while the far end
     * does not want to be sent to, and takes the place of what is being played to that leg.
     */
    public static final int PLAY = 10;
    /** Stop playing: leg, reference of the PLAY. Nothing happens when that is over; its PLAYED is on its way. */
    public static final int STOP_PLAY = 11;

    /**
     * Copy the audio that a leg receives into the core's tap ring: leg. Each TAP wants its UNTAP; the end of the leg is
     * one
     * for all.
     */
    public static final int TAP = 12;
    /** Undo one TAP: leg. Refused when there is none; nothing happens when the leg is over. */
    public static final int UNTAP = 13;

    /**
     * Change how loud a leg's far end is for its peer: leg, status = decibels from -40 to 40, or {@link #MUTE}. Holds
     * until it is changed again. Audio that is not G.711 can be muted only; its gain is without effect.
     */
    public static final int GAIN = 14;

    /** Gain of a leg that its peer shall not hear. */
    public static final int MUTE = -128;

    /** The answer to REFERRED, then what came of it: leg, status as in {@link SipCommand#REFER_RESULT}. */
    public static final int REFER_RESULT = 15;

    /** The answer to a REQUESTED that is a MESSAGE, in the order in which they came: leg, status. */
    public static final int REQUEST_RESULT = 16;
    /**
     * Send a request in the dialog of a leg: leg, reference = control's number, fields as {@link SipCommand#REQUEST}.
     * Answered by exactly one REQUEST_ANSWERED; 481 where there is no dialog.
     */
    public static final int REQUEST = 17;

    private CoreCommand() {}
}
