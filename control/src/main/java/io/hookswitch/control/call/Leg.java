package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.dial.LegStatus;
import io.hookswitch.control.dial.ReasonPhrase;
import io.hookswitch.engine.message.CoreCommand;
import java.util.List;
import java.util.Map;

/** A leg as the application sees it: one call_sid, one sequence of statuses, exactly one of them final. */
final class Leg {
    static final String BY_CALLER = "caller";
    static final String BY_US = "jambonz";

    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final Names names;
    private String sipCallId;
    private LegStatus status;
    private int sipStatus = 100;
    private String sipReason = ReasonPhrase.of(100);
    private long answeredAtNs;
    private boolean answered;
    private long durationSeconds;
    private String terminatedBy;
    private List<Header> endHeaders = List.of();
    private Map<String, Object> customerData;
    private int gainDb;
    private boolean muted;
    private final Dubbing tracks = new Dubbing();
    private String holdMusic;
    private HookSpec referHook;
    private HookSpec requestHook;

    /**
     * What never changes.
     *
     * @param parentCallSid null = the caller's own leg
     * @param callerId number shown to a dialled leg, null for the caller's
     * @param originatingIp where the caller's INVITE came from, null for a dialled leg
     * @param originatingTrunk carrier it came through, null = none
     * @param customerData at the start, null = none
     */
    record Names(
            String callSid,
            String parentCallSid,
            String direction,
            String from,
            String to,
            String callerId,
            String originatingIp,
            String originatingTrunk,
            Map<String, Object> customerData) {}

    Leg(Names names, String sipCallId) {
        this.names = names;
        this.sipCallId = sipCallId;
        customerData = names.customerData();
    }

    /** The application's own data of this leg, null = none. */
    Map<String, Object> customerData() {
        return customerData;
    }

    /** How loud the leg is for the one it is connected to, as {@code ControlCommand.Gain} has it. */
    int gain() {
        return muted ? CoreCommand.MUTE : gainDb;
    }

    /** Nobody shall hear the leg, or as before. */
    void mute(boolean isMuted) {
        muted = isMuted;
    }

    /** Makes the leg louder by so much, dB. */
    void loudness(int decibels) {
        gainDb = decibels;
    }

    /** What is mixed into what the leg hears. */
    Dubbing tracks() {
        return tracks;
    }

    /** URL of what the leg hears while whom it is connected to holds, null = nothing. */
    String holdMusic() {
        return holdMusic;
    }

    void holdMusic(String url) {
        holdMusic = url;
    }

    /** Asked when the leg's far end sends REFER and no dial's hook is, null = nobody is. */
    HookSpec referHook() {
        return referHook;
    }

    void referHook(HookSpec hook) {
        referHook = hook;
    }

    /** Told of INFO and MESSAGE of far ends, null = nobody is. */
    HookSpec requestHook() {
        return requestHook;
    }

    void requestHook(HookSpec hook) {
        requestHook = hook;
    }

    /** Replaces the application's own data. */
    void tag(Map<String, Object> data) {
        customerData = data;
    }

    Names names() {
        return names;
    }

    String callSid() {
        return names.callSid();
    }

    /** Call-ID on the wire, null = no INVITE yet. */
    String sipCallId() {
        return sipCallId;
    }

    void sipCallId(String callId) {
        sipCallId = callId;
    }

    void answeredAt(long nowNs) {
        answered = true;
        answeredAtNs = nowNs;
    }

    boolean answered() {
        return answered;
    }

    long answeredAtNs() {
        return answeredAtNs;
    }

    /** Null until something was reported. */
    LegStatus status() {
        return status;
    }

    int sipStatus() {
        return sipStatus;
    }

    String sipReason() {
        return sipReason;
    }

    /** Whole seconds from the 200 to the end; means something on {@code completed} only. */
    long durationSeconds() {
        return durationSeconds;
    }

    /** Null until the end. */
    String terminatedBy() {
        return terminatedBy;
    }

    /** Headers of the message that ended the leg. */
    List<Header> endHeaders() {
        return endHeaders;
    }

    boolean isOver() {
        return status != null && status.isFinal();
    }

    /**
     * Takes a status that is not final.
     *
     * @return whether it is news: a repeat, a step back and anything after the end are not.
     */
    boolean advance(LegStatus to, int withSipStatus, String reason) {
        boolean news =
                switch (to) {
                    case TRYING -> status == null;
                    case RINGING ->
                        status == null
                                || status == LegStatus.TRYING
                                || status == LegStatus.RINGING && sipStatus != withSipStatus;
                    case EARLY_MEDIA -> status == null || status == LegStatus.TRYING || status == LegStatus.RINGING;
                    case IN_PROGRESS -> status != LegStatus.IN_PROGRESS && !isOver();
                    case COMPLETED, BUSY, NO_ANSWER, FAILED -> false;
                };
        if (news) {
            set(to, withSipStatus, reason);
        }
        return news;
    }

    /** Takes the final status. @return false when there was one already: nothing changed. */
    boolean finish(LegStatus to, int withSipStatus, String reason, String by, long nowNs) {
        if (isOver()) {
            return false;
        }
        set(to, withSipStatus, reason);
        terminatedBy = by;
        durationSeconds = answered ? Math.max(0, nowNs - answeredAtNs) / NS_PER_SECOND : 0;
        return true;
    }

    /** Keeps what the message that ended the leg carried; before {@link #finish}. */
    void endHeaders(List<Header> headers) {
        endHeaders = headers;
    }

    private void set(LegStatus to, int withSipStatus, String reason) {
        status = to;
        sipStatus = withSipStatus;
        sipReason = ReasonPhrase.of(withSipStatus, reason);
    }
}
