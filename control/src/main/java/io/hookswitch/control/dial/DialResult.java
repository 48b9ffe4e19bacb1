package io.hookswitch.control.dial;

/**
 * What a dial came to, as its actionHook is told.
 *
 * @param sipStatus final SIP status that decided it
 * @param callSid of the leg that decided it
 * @param sipCallId Call-ID of that leg on the wire, null = no INVITE left
 */
public record DialResult(LegStatus status, int sipStatus, String callSid, String sipCallId) {
    private static final int OK = 200;
    private static final int REQUEST_TERMINATED = 487;

    /** @return the result of a dial that was bridged, whoever ended it. */
    public static DialResult completed(String callSid, String sipCallId) {
        return new DialResult(LegStatus.COMPLETED, OK, callSid, sipCallId);
    }

    /** @return the result of a dial that nobody answered in time, or whose caller went away first. */
    public static DialResult unanswered(String callSid, String sipCallId) {
        return new DialResult(LegStatus.NO_ANSWER, REQUEST_TERMINATED, callSid, sipCallId);
    }

    /** @return the result of one leg's failure. */
    public static DialResult failed(int sipStatus, String callSid, String sipCallId) {
        return new DialResult(LegStatus.ofFailure(sipStatus), sipStatus, callSid, sipCallId);
    }

    /** @return the result of one leg that answered and was declined. */
    public static DialResult declined(String callSid, String sipCallId) {
        return new DialResult(LegStatus.FAILED, OK, callSid, sipCallId);
    }

    /** @return the result after one more leg failed: the last one counts, but a first no-answer stays. */
    public static DialResult after(DialResult before, DialResult failure) {
        return before != null && before.status == LegStatus.NO_ANSWER ? before : failure;
    }
}
