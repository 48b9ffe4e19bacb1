package io.hookswitch.server.timeline;

/**
 * One thing that happened.
 *
 * @param atNs ns of the process's monotonic clock
 * @param callSid the call concerned, "" = not said
 */
public record TimelineEntry(long atNs, Kind kind, String callSid, String text) {
    /** What sort of thing. */
    public enum Kind {
        /** A SIP message in or out, as control hears and orders it. */
        SIP,
        /** A hook request and what came back. */
        HOOK,
        /** A decision and its reason. */
        DECISION,
        /** A call-status callback. */
        STATUS,
        /** Figures of the media of a leg. */
        MEDIA,
        /** Something the account's owner must be told. */
        ALERT
    }
}
