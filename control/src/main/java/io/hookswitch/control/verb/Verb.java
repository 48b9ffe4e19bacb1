package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.DialTarget;
import java.util.List;
import java.util.Map;

/** One instruction of an application, checked. {@code id} is the application's own name of it, null = none. */
public sealed interface Verb {
    /** The application's name of this verb, echoed as {@code verb_id}; null = none. */
    String id();

    /** Answer the caller, if nobody has. */
    record Answer(String id) implements Verb {}

    /** Wait. */
    record Pause(String id, long lengthNs) implements Verb {}

    /**
     * Send keys to the caller.
     *
     * @param digits 0-9, *, #, A-D, w = a pause of 0.5 s, W = of 1 s
     * @param keyNs how long each key is down
     */
    record Dtmf(String id, String digits, long keyNs) implements Verb {}

    /** End an answered call. */
    record Hangup(String id, List<Header> headers) implements Verb {}

    /** Refuse an unanswered call with a status 300..699; {@code reason} "" = the standard phrase. */
    record SipDecline(String id, int sipStatus, String reason, List<Header> headers) implements Verb {}

    /**
     * Dial destinations, all at once, and connect the first that answers.
     *
     * @param actionHook null = none
     * @param callerId null = the caller's
     * @param callerName "" = none
     * @param timeoutNs ring-no-answer, from the start of the dial
     * @param timeLimitNs from the bridge, 0 = none
     * @param srtp sip targets are offered SRTP with keys in SDP
     * @param tag the legs' {@code customerData}, null = none
     */
    record Dial(
            String id,
            List<Destination> destinations,
            HookSpec actionHook,
            boolean answerOnBridge,
            String callerId,
            String callerName,
            long timeoutNs,
            long timeLimitNs,
            boolean forwardIdentity,
            boolean srtp,
            Map<String, Object> tag,
            List<Header> headers)
            implements Verb {}

    /**
     * One target of a dial.
     *
     * @param fromUser user part of From for this target, null = the dial's
     * @param fromHost host of From, null = as the way there asks for
     * @param headers over the dial's headers
     */
    record Destination(DialTarget target, String fromUser, String fromHost, List<Header> headers) {}
}
