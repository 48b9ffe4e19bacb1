package io.hookswitch.control;

import java.util.List;
import java.util.Map;

/**
 * What control wants done: commands for a core (encoded into {@code CoreCommand} slots) and requests to the world.
 * Every list is in the
 * order in which it must be carried out.
 */
public sealed interface ControlCommand {
    /** Commands that go to the core that owns the leg or call. */
    sealed interface ForCore extends ControlCommand {}

    /** How the media of a leg that we call is protected. */
    enum Srtp {
        /** Plain RTP. */
        NONE,
        /** With keys in SDP (RFC 4568). */
        SDES,
        /** The same, and ICE finds the way (RFC 8445, lite). */
        SDES_WITH_ICE
    }

    /**
     * Send an INVITE on a new leg; {@code reference} names the branch until {@link ControlEvent.Invited} tells the leg.
     *
     * @param like leg whose codecs lead the offer, 0 = default list
     * @param codecs names of {@link io.hookswitch.control.codec.CodecNames} to offer, in order; empty = the usual ones
     * @param fromDisplay "" = none
     * @param fromHost null = our address
     * @param srtp offer SRTP and nothing else, unless it is NONE
     * @param headers {@code Name: value}, checked before: no CR, LF, NUL, no protected name
     * @param contact {@code user@host} of our Contact, null = From's user at our address
     */
    record Dial(
            long call,
            long reference,
            long like,
            String requestUri,
            String nextHop,
            String fromUser,
            String fromDisplay,
            String fromHost,
            String authUser,
            String authPassword,
            Srtp srtp,
            List<ControlEvent.Header> headers,
            String contact,
            List<String> codecs)
            implements ForCore {
        /** With our address in Contact. */
        public Dial(
                long call,
                long reference,
                long like,
                String requestUri,
                String nextHop,
                String fromUser,
                String fromDisplay,
                String fromHost,
                String authUser,
                String authPassword,
                Srtp srtp,
                List<ControlEvent.Header> headers) {
            this(
                    call,
                    reference,
                    like,
                    requestUri,
                    nextHop,
                    fromUser,
                    fromDisplay,
                    fromHost,
                    authUser,
                    authPassword,
                    srtp,
                    headers,
                    null,
                    List.of());
        }
    }

    /** Send a provisional on an unanswered inbound leg; {@code like} != 0: with SDP, codecs like that leg. */
    record Progress(long leg, int sipStatus, long like, List<ControlEvent.Header> headers) implements ForCore {
        /** Without headers of its own. */
        public Progress(long leg, int sipStatus, long like) {
            this(leg, sipStatus, like, List.of());
        }
    }

    /** Answer an inbound leg with 200; {@code like} = leg whose codec leads, 0 = none. */
    record Answer(long leg, long like, List<ControlEvent.Header> headers) implements ForCore {}

    /** Join two legs' media. */
    record Join(long leg, long otherLeg) implements ForCore {}

    /** Part a leg's media. */
    record Part(long leg) implements ForCore {}

    /** End a leg as its state asks for: final response {@code sipStatus}, CANCEL or BYE. */
    record End(long leg, int sipStatus, String reason, List<ControlEvent.Header> headers) implements ForCore {}

    /** Arm a timer; the number is unique among armed timers. */
    record ArmTimer(long call, long timer, long delayNs) implements ForCore {}

    /** Disarm a timer. */
    record DisarmTimer(long timer) implements ForCore {}

    /**
     * Send keys to a leg's far end; exactly one {@link ControlEvent.DigitsSent} comes back unless the leg ends first.
     *
     * @param reference a number of control's
     * @param digits 0-9, *, #, A-D, w = a pause of 0.5 s, W = of 1 s; at most 64
     * @param keyNs how long a key is down
     * @param pauseNs pause behind a key
     */
    record SendDigits(long leg, long reference, String digits, long keyNs, long pauseNs) implements ForCore {}

    /**
     * Change how loud a leg is for the one it is joined to, until it is changed again.
     *
     * @param decibels -40 to 40, or {@code CoreCommand.MUTE}
     */
    record Gain(long leg, int decibels) implements ForCore {}

    /**
     * Answer a leg's REFER; behind a 202 a second one tells what came of it.
     *
     * @param sipStatus 202 or a failure; then 200 or 503
     */
    record ReferResult(long leg, int sipStatus) implements ForCore {}

    /** The answer to the oldest MESSAGE of a leg's far end that has none. */
    record RequestResult(long leg, int sipStatus) implements ForCore {}

    /**
     * Send a request in the dialog of an answered leg; exactly one {@link ControlEvent.RequestAnswered} comes back.
     *
     * @param reference a number of control's
     * @param method INFO, MESSAGE, NOTIFY or OPTIONS
     * @param contentType of the body, null = there is none
     */
    record Request(
            long leg, long reference, String method, List<ControlEvent.Header> headers, String contentType, String body)
            implements ForCore {}

    /**
     * Play files to a leg, in place of what it is joined to or mixed into it; exactly one {@link ControlEvent.Played}
     * comes back, also
     * when the leg ends.
     *
     * @param play a number of control's
     * @param account name of the account on whose behalf they are fetched
     * @param base URL against which relative ones are resolved
     * @param loops times that all of them are played, 0 = for ever
     * @param offsetSamples where the first one starts, samples of 8 kHz
     */
    record Play(
            long leg,
            long play,
            String account,
            String base,
            List<String> urls,
            int loops,
            long offsetSamples,
            Track track)
            implements ControlCommand {}

    /**
     * Where a leg hears what is played or spoken to it.
     *
     * @param number of the track that is mixed into what it hears of its peer, 1 or 2; 0 = in the peer's place
     * @param gainDb of a track
     */
    record Track(int number, int gainDb) {
        /** In place of whom the leg is joined to. */
        public static final Track NONE = new Track(0, 0);
    }

    /**
     * Speak texts to a leg, as {@link Play} plays files; exactly one {@link ControlEvent.Played} comes back.
     *
     * @param play a number of control's
     * @param texts at least one, spoken one after the other
     * @param voice whose voice, null = the account's
     * @param loops times that all of them are spoken, 0 = for ever
     */
    record Speak(long leg, long play, String account, List<String> texts, Voice voice, int loops, Track track)
            implements ControlCommand {}

    /**
     * Whose voice speaks.
     *
     * @param vendor as written, {@code default} = the account's
     * @param language BCP 47, null = the vendor's own choice
     * @param name of the voice, null = any
     */
    record Voice(String vendor, String language, String name) {}

    /** Stop a playing or speaking; one that is over is no matter. */
    record StopPlay(long leg, long play) implements ControlCommand {}

    /**
     * Give a file of a {@link Play} to the leg's core: what a Play becomes where the file is known. Control never
     * decides on one.
     *
     * @param play the Play's number; no other file of it is with a core meanwhile
     * @param address of the recording
     * @param loops times that it is played, 0 = for ever
     * @param offsetSamples where the first time starts, samples of 8 kHz
     */
    record StartPlayout(long leg, long play, long address, long lengthBytes, int loops, long offsetSamples, Track track)
            implements ForCore {}

    /** Stop what a {@link StartPlayout} has begun. */
    record StopPlayout(long leg, long play) implements ForCore {}

    /** Copy what a leg receives for whoever listens; each one wants its {@link Untap}, unless the leg ends first. */
    record Tap(long leg) implements ForCore {}

    /** Undo one {@link Tap}; a leg that is over is no matter. */
    record Untap(long leg) implements ForCore {}

    /**
     * Send what tapped legs receive to a customer's server; exactly one {@link ControlEvent.TapEnded} comes back,
     * whatever happens.
     *
     * @param tap a number of control's
     * @param leg who is listened to
     * @param otherLeg whom it talks to, 0 = nobody, or of no interest
     * @param account name of the account on whose behalf it is done
     * @param base URL against which a relative one is resolved
     */
    record StartTap(long tap, long leg, long otherLeg, String account, String base, TapSpec spec)
            implements ControlCommand {}

    /** Stop a tap; one that is over is no matter. */
    record StopTap(long tap) implements ControlCommand {}

    /** Tell the server at the end of a tap something, if it hears such things; one that is over is no matter. */
    record TellTap(long tap, Map<String, Object> message) implements ControlCommand {}

    /** Change what the server hears; one that is over is no matter. */
    record SteerTap(long tap, TapMode mode) implements ControlCommand {}

    /**
     * Hear another leg beside the first one of a recorder's tap; a tap that is over is no matter.
     *
     * @param otherLeg 0 = nobody from now on
     * @param other who is there, null = nobody
     */
    record FollowTap(long tap, long otherLeg, Participant other) implements ControlCommand {}

    /** What the server of a tap hears. */
    enum TapMode {
        /** What is said. */
        LIVE,
        /** Nothing: no audio is sent. */
        PAUSED,
        /** Silence. */
        SILENT
    }

    /** Who hears a tap, and how (media-sockets.md). */
    sealed interface TapSpec {
        /**
         * A server that listens.
         *
         * @param url ws, wss, http or https, absolute or relative
         * @param username Basic credentials, null = none
         * @param sampleRate of the audio, Hz
         * @param greeting first frame's object
         * @param maxLengthNs from the opening of the socket, 0 = no limit
         */
        record Listener(
                String url,
                String username,
                String password,
                int sampleRate,
                Mix mix,
                Map<String, Object> greeting,
                long maxLengthNs)
                implements TapSpec {}

        /**
         * A server that recognises speech, with the protocol for custom ones.
         *
         * @param vendor {@code custom:<label>}
         * @param uri null = the one of the account's speech credential
         * @param token bearer token, null = the credential's
         * @param start first frame's object
         */
        record Recogniser(String vendor, String uri, String token, int sampleRate, Map<String, Object> start)
                implements TapSpec {}

        /**
         * Nobody outside: hear whether a person or a machine has answered, told as {@link ControlEvent.AnswerHeard}.
         *
         * @param thresholdWords so many are a machine
         * @param greetingSilenceMs so long a silence ends its greeting
         */
        record AnswerDetector(int thresholdWords, int greetingSilenceMs) implements TapSpec {}

        /**
         * A server that records (RFC 7866), each leg in a stream of its own.
         *
         * @param servers tried in order
         * @param headers of the INVITE, checked before: no CR, LF, NUL, no protected name
         * @param told what the server is told of the call beside its participants, names as in hooks
         * @param participant who is at the leg
         * @param other who is at the other one, null = nobody
         */
        record Recorder(
                List<RecordingServer> servers,
                List<ControlEvent.Header> headers,
                Map<String, Object> told,
                Participant participant,
                Participant other)
                implements TapSpec {}
    }

    /**
     * A server that records.
     *
     * @param sipUri without a password
     * @param authUser digest user name, null = none
     */
    record RecordingServer(String sipUri, String authUser, String authPassword) {}

    /**
     * Somebody whose voice is recorded.
     *
     * @param callSid of the leg
     * @param address SIP or tel URI
     * @param name "" = none
     */
    record Participant(String callSid, String address, String name) {}

    /** Whose voice is in which channel. */
    enum Mix {
        /** The one leg alone. */
        MONO,
        /** Both in one. */
        MIXED,
        /** The one leg left, the other right. */
        STEREO
    }

    /**
     * Ask a hook; exactly one {@link ControlEvent.HookAnswered} comes back.
     *
     * @param hook number of this request
     * @param account name of the account whose secret signs it
     * @param base the application's call_hook URL, against which a relative URL is resolved
     * @param payload JSON object as maps, lists, strings, Long, BigDecimal, Boolean, null; keys already snake_case, in
     * order
     */
    record CallHook(long hook, String account, String base, HookSpec spec, Map<String, Object> payload)
            implements ControlCommand {}

    /** Tell a status hook: at most one in flight per {@code queue}, in order, reply ignored. */
    record NotifyStatus(String queue, String account, String base, HookSpec spec, Map<String, Object> payload)
            implements ControlCommand {}

    /** Find where a target leads; exactly one {@link ControlEvent.Resolved} comes back. {@code target} is as parsed. */
    record Resolve(long resolution, String account, String inboundTrunk, DialTarget target) implements ControlCommand {}

    /**
     * Something the account's owner must be told (webhooks.md 1.7 alert types); logged until there is an alert store.
     */
    record Alert(String account, String type, String message, String callSid) implements ControlCommand {}

    /**
     * What came of {@link ControlEvent.UpdateCall}.
     *
     * @param httpStatus 202 = it is being done, 404 = no such call, 422 = it cannot be done now
     * @param text why not, "" when it is
     */
    record UpdateAnswered(long request, int httpStatus, String text) implements ControlCommand {}

    /** What a request of SIP came to that {@link ControlEvent.UpdateCall} asked for. */
    record RequestTold(long request, int sipStatus, String reason) implements ControlCommand {}

    /** Calls as {@link ControlEvent.AskCalls} wants them, the oldest first; keys as in rest.md 2.2. */
    record CallsTold(long request, List<Map<String, Object>> calls) implements ControlCommand {}

    /** A leg's record, once, when it is over. */
    record CallRecord(String account, Map<String, Object> row) implements ControlCommand {}

    /** Something that explains a decision, for the live timeline; never secrets or digits. */
    record Explain(String callSid, String text) implements ControlCommand {}

    /**
     * A hook as written in a verb or in the settings.
     *
     * @param url absolute, or relative to the application's call_hook; a fragment may hold the retry policy
     * @param method GET or POST
     * @param username Basic credentials, null = none of its own
     * @param fallback what counts instead when the hook fails, null = the failure itself; control's own business
     */
    record HookSpec(String url, String method, String username, String password, Fallback fallback) {
        /** A hook whose failure is what it is. */
        public HookSpec(String url, String method, String username, String password) {
            this(url, method, username, password, null);
        }
    }

    /**
     * What counts when a hook fails.
     *
     * @param deadlineNs how long the hook itself may take, 0 = as long as hooks may
     * @param hook asked instead, null = none
     * @param verbs JSON array that counts as its answer, null = none
     */
    record Fallback(long deadlineNs, HookSpec hook, List<?> verbs) {}
}
