package io.hookswitch.control;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.verb.Verb;
import java.util.List;
import java.util.Map;

/** What somebody outside wants of a running call (rest.md 2.3). */
public sealed interface CallUpdate {
    /**
     * Ask these hooks for new applications.
     *
     * @param caller for the caller's leg, null = it goes on
     * @param callee for the connected callee's, which becomes a call of its own; null = it is not split off
     * @param status where statuses go from now on, null = as before
     */
    record Redirect(HookSpec caller, HookSpec callee, HookSpec status) implements CallUpdate {}

    /** End the leg: an answered one, or a callee's that rings. */
    record HangUp() implements CallUpdate {}

    /** End the leg before it is answered. */
    record Cancel() implements CallUpdate {}

    /** Let the other side hear the leg, or silence. */
    record Mute(boolean isMuted) implements CallUpdate {}

    /** Send keys to the leg's far end; keys as in {@link ControlCommand.SendDigits}. */
    record Keys(String digits, long keyNs) implements CallUpdate {}

    /** Make the leg louder for the other side, dB. */
    record Loudness(int decibels) implements CallUpdate {}

    /** Replace the leg's {@code customerData}. */
    record Tag(Map<String, Object> data) implements CallUpdate {}

    /** Let the leg alone hear something; a JSON array of {@code play} and {@code say}. */
    record Whisper(List<?> verbs) implements CallUpdate {}

    /** Change one of the tracks that are mixed into what the leg hears. */
    record Dub(Verb.Dub change) implements CallUpdate {}

    /**
     * Change what servers hear of the call.
     *
     * @param transcribes those that recognise speech; else those that listen
     */
    record Steer(boolean transcribes, TapMode mode) implements CallUpdate {}

    /** Start, stop, pause or resume the recording of the call. */
    record Recording(Verb.Recording change) implements CallUpdate {}

    /**
     * Send a request to the leg's far end, in its dialog.
     *
     * @param contentType null = no body
     */
    record SipRequest(String method, String contentType, String body, List<Header> headers) implements CallUpdate {}

    /** What changes nothing here. */
    record Nothing() implements CallUpdate {}
}
