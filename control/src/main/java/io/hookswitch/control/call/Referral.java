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
 * A REFER of one of two connected far ends (dial.md 4.6): the dial's {@code referHook} is asked, and its verbs run for
 * the other one. A callee that refers is dropped, and the caller runs them; a caller that refers goes on behind its
 * dial, and the callee is a call of its own that runs them.
 */
final class Referral {
    private static final int ACCEPTED = 202;
    private static final int OK = 200;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int UNAVAILABLE = 503;
    private static final int FIRST_FAILURE = 400;
    private static final int LAST_FAILURE = 699;

    private final Call call;
    private final Child callee;
    private final boolean byCaller;
    private final long leg;
    private final Desk desk;

    private Referral(Call call, Child callee, boolean byCaller, long leg) {
        this.call = call;
        this.callee = callee;
        this.byCaller = byCaller;
        this.leg = leg;
        desk = call.desk();
    }

    /** Asks the hook, or says that nobody does such a thing. */
    static void begin(Desk desk, ControlEvent.Referred event) {
        LegOwner owner = desk.owner(event.leg());
        Fork fork =
                switch (owner) {
                    case Call call -> call.fork();
                    case Branch branch -> branch.child().fork();
                    case null -> null;
                };
        Child callee = fork == null ? null : fork.connected();
        boolean isTheirs = owner instanceof Call || owner instanceof Branch branch && branch.child() == callee;
        HookSpec hook = isTheirs && callee != null ? hook(fork, owner) : null;
        if (hook == null) {
            desk.send(new ControlCommand.ReferResult(event.leg(), NOT_IMPLEMENTED));
            return;
        }
        new Referral(fork.call(), callee, owner instanceof Call, event.leg()).ask(hook, event.headers());
    }

    /** The dial's; of a caller that referred else its own (dial.md 4.6). */
    private static HookSpec hook(Fork fork, LegOwner owner) {
        HookSpec hook = fork.verb().referHook();
        return hook == null && owner instanceof Call call ? call.leg().referHook() : hook;
    }

    private void ask(HookSpec hook, List<Header> headers) {
        Leg from = byCaller ? call.leg() : callee.leg();
        Leg other = byCaller ? callee.leg() : call.leg();
        Map<String, Object> payload = Payloads.of(call, from);
        payload.put("refer_details", details(headers, from.callSid(), other.callSid()));
        explain((byCaller ? "the caller" : callee.name()) + " sends REFER: the referHook is asked");
        String base = RedirectTask.isAbsolute(hook.url()) ? hook.url() : call.base();
        desk.ask(call.account(), call.base(), hook, payload, outcome -> onAnswer(outcome, base));
    }

    private static Map<String, Object> details(List<Header> headers, String referring, String referred) {
        Map<String, Object> details = new LinkedHashMap<>();
        for (Header header : headers) {
            String name = header.name().toLowerCase(Locale.ROOT);
            switch (name) {
                case "refer-to", "r" -> {
                    details.put("sip_refer_to", header.value());
                    details.put("refer_to_user", user(header.value()));
                }
                case "referred-by", "b" -> {
                    details.put("sip_referred_by", header.value());
                    details.put("referred_by_user", user(header.value()));
                }
                case "user-agent" -> details.put("sip_user_agent", header.value());
                default -> details.put(name.replace('-', '_'), header.value());
            }
        }
        details.put("referring_call_sid", referring);
        details.put("referred_call_sid", referred);
        return details;
    }

    /** @return user part of the URI in a header, "" = it has none. */
    private static String user(String header) {
        int from = header.indexOf('<') + 1;
        int colon = header.indexOf(':', from);
        int end = colon + 1;
        while (end < header.length() && "@>;?".indexOf(header.charAt(end)) < 0) {
            end++;
        }
        boolean hasUser = colon >= 0
                && (header.regionMatches(true, from, "tel:", 0, 4)
                        || end < header.length() && header.charAt(end) == '@');
        return hasUser ? header.substring(colon + 1, end) : "";
    }

    private void onAnswer(HookOutcome outcome, String base) {
        Fork fork = call.fork();
        if (call.isGone() || fork == null || fork.connected() != callee) {
            explain("the referHook answered, but the two are not connected any more: ignored");
            boolean isThere = byCaller && !call.isGone();
            if (isThere) {
                result(UNAVAILABLE);
            }
            return;
        }
        if (!(outcome instanceof HookOutcome.Replied)) {
            int status = outcome instanceof HookOutcome.Refused(int http, String _)
                            && http >= FIRST_FAILURE
                            && http <= LAST_FAILURE
                    ? http
                    : NOT_IMPLEMENTED;
            explain("the referHook failed: " + status + " to the REFER");
            result(status);
            return;
        }
        result(ACCEPTED);
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs given -> carryOut(given, base);
            case HookReply.Empty _ -> {
                explain("the referHook gave no verbs: nothing changes");
                result(UNAVAILABLE);
            }
            case HookReply.Bad(String alert, String text) -> {
                call.alert(alert, text);
                explain("the referHook gave no usable answer: " + text);
                result(UNAVAILABLE);
            }
        }
    }

    private void carryOut(HookReply.Verbs given, String base) {
        // Before anything ends: behind its BYE nobody hears of it.
        result(OK);
        Redirection redirection = new Redirection(call);
        if (byCaller) {
            redirection.split(given, base, null);
        } else {
            redirection.replace(given, base);
        }
    }

    private void result(int sipStatus) {
        desk.send(new ControlCommand.ReferResult(leg, sipStatus));
    }

    private void explain(String text) {
        desk.explain(call.leg().callSid(), text);
    }
}
