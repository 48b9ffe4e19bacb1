package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlCommand.Voice;
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
     * Play files, one after the other.
     *
     * @param urls as written, absolute or relative; at least one
     * @param loops times that all of them are played, 0 = for ever
     * @param earlyMedia an unanswered caller hears it before the 200
     * @param offsetSamples where the first repetition starts, in samples
     * @param timeoutNs longest playing, 0 = none
     * @param actionHook null = none
     */
    record Play(
            String id,
            List<String> urls,
            int loops,
            boolean earlyMedia,
            long offsetSamples,
            long timeoutNs,
            HookSpec actionHook)
            implements Verb {}

    /**
     * Speak texts, one after the other.
     *
     * @param voice null = the account's
     * @param loops times that all of them are spoken, 0 = for ever
     */
    record Say(String id, List<String> texts, Voice voice, int loops, boolean earlyMedia) implements Verb {}

    /**
     * Send a request to the leg's far end, in its dialog.
     *
     * @param contentType null = no body
     * @param actionHook told what came of it, null = nobody is
     */
    record SipRequest(
            String id, String method, String contentType, String body, List<Header> headers, HookSpec actionHook)
            implements Verb {}

    /**
     * Change one of the tracks that are mixed into what the leg hears of others.
     *
     * @param track its name
     * @param play URL of what is played on it, null = nothing
     * @param say what is spoken on it, null = nothing; one of both at most
     * @param loop for ever, else once
     */
    record Dub(String id, DubAction action, String track, String play, Say say, boolean loop, int gainDb)
            implements Verb {}

    /** What a {@link Dub} does to its track. */
    enum DubAction {
        /** Adds it, with something on it or nothing. */
        ADD,
        /** Removes it, whatever is on it. */
        REMOVE,
        /** Ends what is on it. */
        SILENCE,
        /** Puts a file on it in place of what there is. */
        PLAY,
        /** Puts words on it in place of what there is. */
        SAY
    }

    /**
     * Collect keys, with a prompt or without.
     *
     * @param actionHook null = none
     * @param keys keys count
     * @param speech speech counts
     * @param limits when it is enough
     * @param dtmfBargein a key stops the prompt
     * @param listenDuringPrompt keys pressed during the prompt count
     * @param play prompt, null = none
     * @param say prompt, null = none
     */
    record Gather(
            String id,
            HookSpec actionHook,
            boolean keys,
            boolean speech,
            GatherLimits limits,
            boolean dtmfBargein,
            boolean listenDuringPrompt,
            Play play,
            Say say)
            implements Verb {}

    /**
     * When a gather has enough.
     *
     * @param numDigits ends it when so many keys are in, 0 = never
     * @param minDigits fewest that a pause may end it with
     * @param maxDigits ends it when so many keys are in, 0 = never
     * @param finishOnKey ends it and does not count, 0 = none
     * @param interDigitNs pause behind a key that ends it, 0 = none
     * @param timeoutNs of the whole, from the end of the prompt or the first key; 0 = none
     */
    record GatherLimits(
            int numDigits, int minDigits, int maxDigits, char finishOnKey, long interDigitNs, long timeoutNs) {}

    /**
     * Ask another hook for the application that goes on.
     *
     * @param statusHook where statuses go from now on, null = as before
     */
    record Redirect(String id, HookSpec actionHook, HookSpec statusHook) implements Verb {}

    /**
     * Change what holds for the rest of the leg.
     *
     * @param voice whose voice speaks from now on where a verb names none, null = as before
     * @param resetsVoice back to the account's voice
     * @param gainDb how much louder others hear the leg, dB; null = as before
     * @param holdMusic URL of what is heard while whom it is connected to holds, null = as before
     * @param referHook asked when the leg's far end sends REFER and its dial has none, null = as before
     * @param requestHook told of INFO and MESSAGE in the dialogs of the call, null = as before
     * @param amd find out who is there, null = do not
     * @param recording of the call: start, stop, pause or resume it; null = as before
     */
    record Config(
            String id,
            Voice voice,
            boolean resetsVoice,
            Integer gainDb,
            String holdMusic,
            HookSpec referHook,
            HookSpec requestHook,
            Amd amd,
            Recording recording)
            implements Verb {}

    /** Tell the account's owner; an unanswered caller is told too (Alert-Info). */
    record Alert(String id, String message) implements Verb {}

    /** Replace the leg's {@code customerData}. */
    record Tag(String id, Map<String, Object> data) implements Verb {}

    /**
     * Dial destinations and connect the first that answers and is accepted.
     *
     * @param actionHook null = none
     * @param callerId null = the caller's
     * @param callerName "" = none
     * @param timeoutNs ring-no-answer, from the start of the dial
     * @param timeLimitNs from the bridge, 0 = none
     * @param srtp sip targets are offered SRTP with keys in SDP
     * @param tag the legs' {@code customerData}, null = none
     * @param screen what a callee is asked before it may win
     * @param music URL of what the caller hears meanwhile, null = nothing
     * @param capture keys watched for while bridged, null = none
     * @param order which target rings when
     * @param finalOn SIP statuses of one target that end the whole dial
     * @param restricted the callees are not shown who calls
     * @param codecs offered to the callees in this order behind the caller's; empty = the usual ones
     * @param calleeGainDb how much louder the caller hears the callee, dB
     * @param taps who listens while bridged
     * @param referHook asked when a connected far end sends REFER, null = nobody is
     * @param onHoldHook asked what the other one hears while one of the two connected holds, null = nobody is
     * @param amd find out who has answered, null = do not
     * @param dubs what the callee hears beside the caller once they are connected, in this order
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
            List<Header> headers,
            Screen screen,
            String music,
            Capture capture,
            Order order,
            StatusSet finalOn,
            boolean restricted,
            List<String> codecs,
            int calleeGainDb,
            Taps taps,
            HookSpec referHook,
            HookSpec onHoldHook,
            Amd amd,
            List<Dub> dubs)
            implements Verb {}

    /** Who listens; either may be null = nobody. */
    record Taps(Listen listen, Transcribe transcribe) {
        /** Nobody. */
        public static final Taps NONE = new Taps(null, null);
    }

    /**
     * Have a server listen to the leg (media-sockets.md 1).
     *
     * @param username Basic credentials, null = none
     * @param sampleRate Hz
     * @param metadata over the call's own in the first frame
     * @param finishOnKey ends it, 0 = none
     * @param maxLengthNs 0 = none
     * @param channel 1 the caller, 2 the callee, of a single voice
     * @param actionHook null = none
     * @param transcribe at the same time, null = none
     */
    record Listen(
            String id,
            String url,
            String username,
            String password,
            int sampleRate,
            Mix mix,
            Map<String, Object> metadata,
            boolean passDtmf,
            char finishOnKey,
            long maxLengthNs,
            int channel,
            boolean earlyMedia,
            HookSpec actionHook,
            Transcribe transcribe)
            implements Verb {}

    /**
     * Have what is said written down.
     *
     * @param hook told of every result, null = nobody is
     * @param channel 1 the caller alone, 2 the callee alone, 0 both
     */
    record Transcribe(String id, HookSpec hook, Recogniser recogniser, int channel, boolean earlyMedia)
            implements Verb {}

    /**
     * Who recognises speech.
     *
     * @param vendor as written
     * @param interim results that are not final are told too
     * @param uri over the credential's, null = the credential's
     * @param token over the credential's, null = the credential's
     * @param options for the vendor, as written
     */
    record Recogniser(
            String vendor,
            String language,
            boolean interim,
            String uri,
            String token,
            int sampleRate,
            Map<String, Object> options) {}

    /**
     * Answering machine detection (dial.md 4.4).
     *
     * @param actionHook told of every result
     * @param thresholdWords so many are a machine
     * @param noSpeechNs how long nobody may say anything
     * @param decisionNs how long it may take to decide
     * @param toneNs how long a machine's beep is waited for
     * @param greetingSilenceMs so long a silence ends a machine's greeting
     */
    record Amd(
            HookSpec actionHook,
            int thresholdWords,
            long noSpeechNs,
            long decisionNs,
            long toneNs,
            int greetingSilenceMs) {}

    /**
     * Change the recording of the call.
     *
     * @param servers tried in order; only a start needs them
     * @param recordingId the application's name of it, null = none
     * @param headers of the INVITE to the server
     */
    record Recording(RecordingAction action, List<RecordingServer> servers, String recordingId, List<Header> headers) {}

    /** What is done with a recording. */
    enum RecordingAction {
        /** Begins one. */
        START,
        /** Ends it. */
        STOP,
        /** Nothing is recorded for a while. */
        PAUSE,
        /** Ends a pause. */
        RESUME
    }

    /** What a callee is asked. {@code hook} null = nothing; {@code bridgesOnFailure}: also when the hook fails. */
    record Screen(HookSpec hook, boolean bridgesOnFailure) {}

    /**
     * Keys watched for.
     *
     * @param caller sequences of the caller's, in the order of the document
     * @param callee sequences of the callee's
     */
    record Capture(HookSpec hook, List<String> caller, List<String> callee) {}

    /** Which target of a dial rings when. */
    enum Order {
        /** All of a group at once. */
        PARALLEL,
        /** One after the other. */
        SEQUENTIAL,
        /** Each a while after the one before, which goes on ringing. */
        STAGGERED
    }

    /**
     * One target of a dial.
     *
     * @param fromUser user part of From for this target, null = the dial's
     * @param fromHost host of From, null = as the way there asks for
     * @param headers over the dial's headers
     * @param confirmHook over the dial's, null = the dial's
     * @param sendDigits keys sent to it when it answered, null = none
     * @param ring when it rings, and how long
     */
    record Destination(
            DialTarget target,
            String fromUser,
            String fromHost,
            List<Header> headers,
            HookSpec confirmHook,
            String sendDigits,
            Ring ring) {}

    /**
     * When a target rings, and how long.
     *
     * @param delayNs behind the start of its group, or behind the target before when staggered; negative = the usual
     * @param timeoutNs how long it may ring, 0 = as long as the dial
     * @param group targets of one group ring together, groups in ascending order; negative = none named
     */
    record Ring(long delayNs, long timeoutNs, int group) {}
}
