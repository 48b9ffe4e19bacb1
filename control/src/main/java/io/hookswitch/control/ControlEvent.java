package io.hookswitch.control;

import java.util.List;
import java.util.Map;

/**
 * What happened, as control hears it: events of the cores (decoded from {@code CoreEvent} slots) and results of what
 * control asked
 * the world for. Together with the time and the entropy given beside each one they are control's only inputs.
 */
public sealed interface ControlEvent {
    /** An admitted INVITE. {@code offer} says whether it carried SDP. */
    record Offered(long leg, IncomingCall incoming, boolean offer) implements ControlEvent {}

    /** A dialled leg exists, its INVITE is out. {@code reference} is the branch number given in the Dial command. */
    record Invited(long leg, long reference, String sipCallId) implements ControlEvent {}

    /** A Dial command made no leg. */
    record DialRefused(long reference, int sipStatus, String reason) implements ControlEvent {}

    /** A provisional response on a dialled leg; {@code media}: it carried SDP. */
    record Progressed(long leg, int sipStatus, String reason, boolean media) implements ControlEvent {}

    /** A dialled leg was answered with 2xx (and acknowledged). */
    record Answered(long leg, int sipStatus, String reason) implements ControlEvent {}

    /**
     * A leg ended from the far end or the wire; never the echo of our own End. {@code cause} is a {@code Cause}
     * constant.
     */
    record Ended(long leg, int sipStatus, int cause, String reason, List<Header> headers) implements ControlEvent {}

    /** A key was pressed on a leg; once per press. */
    record DigitPressed(long leg, char digit, int durationMs) implements ControlEvent {}

    /** What {@link ControlCommand.SendDigits} asked for is over; {@code sent}: the far end could be sent keys. */
    record DigitsSent(long reference, boolean sent) implements ControlEvent {}

    /**
     * What {@link ControlCommand.Play} or {@link ControlCommand.Speak} asked for is over.
     *
     * @param playedMs how long it was heard
     * @param lastOffset how far the last round of all files came, samples of 8 kHz: where to go on
     * @param detail why it failed, "" = it did not
     */
    record Played(long play, PlayResult result, long playedMs, long lastOffset, String detail) implements ControlEvent {
        /** A playing that there is nothing to say of. */
        public Played(long play, PlayResult result, long playedMs, long lastOffset) {
            this(play, result, playedMs, lastOffset, "");
        }
    }

    /** How a playing ended. */
    enum PlayResult {
        /** To its end. */
        COMPLETED,
        /** Before its end, by a command or with its leg. */
        STOPPED,
        /** A file could not be had or not be played, a text not be spoken. */
        FAILED
    }

    /**
     * Somebody outside wants something of a running call; answered by exactly one {@link
     * ControlCommand.UpdateAnswered}.
     *
     * @param account name of the account that asks
     */
    record UpdateCall(long request, String account, String callSid, CallUpdate update) implements ControlEvent {}

    /**
     * Somebody outside asks about calls; answered by exactly one {@link ControlCommand.CallsTold}. Changes nothing.
     *
     * @param callSid null = all of the account
     */
    record AskCalls(long request, String account, String callSid) implements ControlEvent {}
    /** What {@link ControlCommand.StartTap} asked for is over. {@code detail} is for people. */
    record TapEnded(long tap, TapEnd why, String detail) implements ControlEvent {}

    /** How a tap ended. */
    enum TapEnd {
        /** By a command, or when it had lasted as long as it may. */
        DONE,
        /** The server closed, or asked to be let go. */
        CLOSED,
        /** The server could not be reached, or did not speak the protocol, or said that it failed. */
        FAILED,
        /** The server did not take what it was sent. */
        STALLED
    }

    /** The server of a tap recognised speech. {@code result} is its message, as JSON values. */
    record Transcribed(long tap, Map<String, Object> result) implements ControlEvent {}

    /**
     * What the detector of a tap made out about who has answered; each sign at most once a tap.
     *
     * @param words counted in the audio until then
     */
    record AnswerHeard(long tap, AnswerSign sign, int words) implements ControlEvent {}

    /** What can be heard of who has answered. */
    enum AnswerSign {
        /** Somebody speaks. */
        SPEECH,
        /** A short greeting, and silence behind it. */
        PERSON,
        /** A long greeting. */
        MACHINE,
        /** The machine has stopped speaking. */
        STOPPED_SPEAKING,
        /** A beep. */
        BEEP
    }

    /** A timer expired. */
    record TimerExpired(long timer) implements ControlEvent {}

    /**
     * A command named a leg that no longer exists or is not in a state for it; {@code commandType} is a CoreCommand.
     */
    record CommandRefused(long leg, int commandType) implements ControlEvent {}

    /** The result of {@link ControlCommand.CallHook}; exactly one per request, whatever happens. */
    record HookAnswered(long hook, HookOutcome outcome) implements ControlEvent {}

    /** The result of {@link ControlCommand.Resolve}; exactly one per request. */
    record Resolved(long resolution, Resolution result) implements ControlEvent {}

    /**
     * The far end of a leg sends REFER; it waits for {@link ControlCommand.ReferResult}.
     *
     * @param headers Refer-To (exactly one), Referred-By, User-Agent, X-*
     */
    record Referred(long leg, List<Header> headers) implements ControlEvent {}

    /**
     * The far end of a leg sent a request in the dialog: INFO, answered already, or MESSAGE, which waits for a {@link
     * ControlCommand.RequestResult}.
     *
     * @param headers all of it, as far as there was room
     */
    record Requested(long leg, String method, List<Header> headers, String body) implements ControlEvent {}

    /**
     * What a {@link ControlCommand.Request} came to, exactly once.
     *
     * @param sipStatus final; 408 = no answer, 481 = there is no dialog (any more)
     * @param reason "" = none
     */
    record RequestAnswered(long reference, int sipStatus, String reason) implements ControlEvent {}

    /** The far end of a leg holds whom it is connected to, or no longer. */
    record Held(long leg, boolean holds) implements ControlEvent {}

    /** One SIP header as received, name in its wire spelling. */
    record Header(String name, String value) {}

    /**
     * What an incoming INVITE said.
     *
     * @param sipCallId Call-ID header
     * @param toUser user part of the Request-URI
     * @param source {@code transport:address:port} it came from
     * @param local {@code transport:address:port} of ours that received it
     * @param origin who calls, proved by address or digest
     * @param raw whole message as received
     * @param body SDP text, "" if none
     */
    record IncomingCall(
            String sipCallId,
            String fromUser,
            String fromDisplay,
            String fromHost,
            String toUser,
            String requestUri,
            String source,
            String local,
            Origin origin,
            List<Header> headers,
            String raw,
            String body) {}

    /** Who a caller is. {@code account} is the account's name in the settings. */
    sealed interface Origin {
        /** Name of the account that the caller belongs to. */
        String account();

        /** A carrier, known by its gateway's address. */
        record Carrier(String account, String name) implements Origin {}

        /** A user of a realm, proved by digest; {@code name} is {@code user@realm}. */
        record User(String account, String name) implements Origin {}
    }

    /** What a hook gave back. A far end that is slow or rude is an outcome, not an exception. */
    sealed interface HookOutcome {
        /**
         * 200, 202 or 204. {@code json} is the parsed body when it was JSON, else null: maps ({@code Map<String,
         * Object>} in arrival
         * order), lists, strings, {@code Long}, {@code java.math.BigDecimal}, {@code Boolean}, null.
         */
        record Replied(int httpStatus, Object json) implements HookOutcome {}

        /** Any other status, or a body that is not the JSON it says it is. */
        record Refused(int httpStatus, String detail) implements HookOutcome {}

        /** No complete answer in time. */
        record TimedOut(long afterMs) implements HookOutcome {}

        /** Not reachable, or not allowed to be reached. */
        record Failed(String detail) implements HookOutcome {}
    }

    /** Where a dial target leads. */
    sealed interface Resolution {
        /**
         * Ways to try, best first. For a phone target: the carrier's gateways one after the other (fail-over). For a
         * user: its bindings,
         * all at once. For a sip target: the servers of its host one after the other.
         *
         * @param together the ways are a user's bindings, whatever the target was written as
         */
        record Routes(List<Route> routes, boolean together) implements Resolution {
            /** Ways to try one after the other, unless the target is a user. */
            public Routes(List<Route> routes) {
                this(routes, false);
            }
        }

        /** Nowhere: 404 user not registered, 603 no carrier, 500 bad URI, 503 name not resolved. */
        record Nowhere(int sipStatus, String reason) implements Resolution {}
    }

    /**
     * One way to a target.
     *
     * @param requestUri Request-URI to send
     * @param nextHop {@code transport:address:port}, address literal
     * @param fromHost host part of From, null = our address
     * @param authUser digest user name, null = none
     * @param authPassword digest password, null = none
     * @param trunk carrier's name, "" for anything else
     * @param headers that this way wants to see, beside the target's
     * @param srtp what this way wants
     * @param contact {@code user@host} of our Contact, null = From's user at our address
     */
    record Route(
            String requestUri,
            String nextHop,
            String fromHost,
            String authUser,
            String authPassword,
            String trunk,
            List<Header> headers,
            ControlCommand.Srtp srtp,
            String contact) {
        /** A way that wants no header of its own. */
        public Route(
                String requestUri,
                String nextHop,
                String fromHost,
                String authUser,
                String authPassword,
                String trunk) {
            this(
                    requestUri,
                    nextHop,
                    fromHost,
                    authUser,
                    authPassword,
                    trunk,
                    List.of(),
                    ControlCommand.Srtp.NONE,
                    null);
        }
    }
}
