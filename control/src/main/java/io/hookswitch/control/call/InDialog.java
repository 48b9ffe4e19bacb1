package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * INFO and MESSAGE of far ends (dial.md 4.5): they go to the caller's {@code sipRequestWithinDialogHook}, those of a
 * connected callee too. A verb array in the reply is the caller's application from then on.
 */
final class InDialog {
    private static final int ACCEPTED = 202;
    private static final int NOT_ALLOWED = 405;
    private static final String MESSAGE = "MESSAGE";

    private InDialog() {}

    /** Asks the hook; a MESSAGE that nobody wants is refused. */
    static void onRequest(Desk desk, ControlEvent.Requested request) {
        LegOwner owner = desk.owner(request.leg());
        Call call = owner == null ? null : owner.call();
        boolean isTheirs = owner instanceof Call
                || owner instanceof Branch branch
                        && branch.child() == branch.child().fork().connected();
        HookSpec hook = isTheirs ? call.leg().requestHook() : null;
        if (request.method().equals(MESSAGE)) {
            desk.send(new ControlCommand.RequestResult(request.leg(), hook == null ? NOT_ALLOWED : ACCEPTED));
        }
        if (hook == null) {
            return;
        }
        Map<String, Object> payload = Payloads.of(call, call.leg());
        payload.put("sip_method", request.method());
        payload.put("sip_body", request.body());
        payload.put("sip_headers", headers(request.headers()));
        desk.explain(call.leg().callSid(), request.method() + " from a far end: the hook is asked");
        String base = RedirectTask.isAbsolute(hook.url()) ? hook.url() : call.base();
        desk.ask(call.account(), call.base(), hook, payload, outcome -> onAnswer(call, outcome, base));
    }

    /** By name in lower case; of a name that repeats all values, with commas. */
    private static Map<String, Object> headers(List<Header> headers) {
        Map<String, Object> byName = new LinkedHashMap<>();
        for (Header header : headers) {
            byName.merge(header.name().toLowerCase(Locale.ROOT), header.value(), (first, more) -> first + ", " + more);
        }
        return byName;
    }

    private static void onAnswer(Call call, HookOutcome outcome, String base) {
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs given -> {
                if (!call.isGone()) {
                    new Redirection(call).replace(given, base);
                }
            }
            case HookReply.Empty _ -> {}
            case HookReply.Bad(String alert, String text) -> {
                call.alert(alert, text);
                call.desk().explain(call.leg().callSid(), "sipRequestWithinDialogHook failed: " + text);
            }
        }
    }
}
