package io.hookswitch.server.timeline;

/** Who takes entries of a story: a listener while it happens, or a page afterwards. */
public interface TimelineSink {
    /** @return whether anybody listens: texts need not be made otherwise. */
    boolean isOn();

    /** Adds an entry. @param callSid the call concerned, "" = not said */
    void add(TimelineEntry.Kind kind, String callSid, String text);
}
