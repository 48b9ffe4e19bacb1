package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.verb.Verb;
import io.hookswitch.control.verb.VerbDocument;
import io.hookswitch.control.verb.VerbParser;
import java.util.List;

/** What a hook that may give verbs gave. */
sealed interface HookReply {
    /** Alert types of the reference for answers that are none. */
    String INVALID_PAYLOAD = "invalid-app-payload";

    /** Verbs to run. */
    record Verbs(List<Verb> verbs, List<String> warnings) implements HookReply {}

    /** An answer without instructions. */
    record Empty() implements HookReply {}

    /** No usable answer. {@code alert} is the alert's type, {@code text} says why in words. */
    record Bad(String alert, String text) implements HookReply {}

    /** @return what an outcome means where verbs are expected. */
    static HookReply of(HookOutcome outcome) {
        return switch (outcome) {
            case HookOutcome.Replied(int _, Object json) ->
                switch (VerbParser.parse(json)) {
                    case VerbDocument.Application(List<Verb> verbs, List<String> warnings) ->
                        new Verbs(verbs, warnings);
                    case VerbDocument.Nothing _ -> new Empty();
                    case VerbDocument.Faulty(List<String> faults) ->
                        new Bad(INVALID_PAYLOAD, String.join("; ", faults));
                };
            case HookOutcome.Refused(int httpStatus, String detail) -> refused(httpStatus, detail);
            case HookOutcome.TimedOut(long afterMs) ->
                new Bad("webhook-connection-failure", "no answer from the application within " + afterMs + " ms");
            case HookOutcome.Failed(String detail) ->
                new Bad("webhook-connection-failure", "application not reachable: " + detail);
        };
    }

    private static HookReply refused(int httpStatus, String detail) {
        String text = "application answered " + httpStatus + (detail == null || detail.isEmpty() ? "" : ": " + detail);
        return switch (httpStatus) {
            // A good status with a body that is not what it says it is.
            case 200, 202, 204 -> new Bad(INVALID_PAYLOAD, text);
            case 401, 403 -> new Bad("webhook-auth-failure", text);
            case 404 -> new Bad("webhook-url-notfound", text);
            default -> new Bad("webhook-failure", text);
        };
    }
}
