package io.hookswitch.control.call;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;

/** A request's new applications for the parties of a call: asked for, and run in place of what runs (dial.md 4.7). */
final class Redirection {
    private final Call call;
    private final Desk desk;

    Redirection(Call call) {
        this.call = call;
        desk = call.desk();
    }

    /** @return why new applications cannot be asked for, null = they are being asked for. */
    String begin(CallUpdate.Redirect update) {
        if (update.callee() != null && connected() == null) {
            return "nobody is connected whom child_call_hook could be for";
        }
        if (update.status() != null) {
            call.statusHook(update.status());
        }
        if (update.callee() != null) {
            askForCallee(update.callee(), update.caller());
        } else {
            askForCaller(update.caller());
        }
        return null;
    }

    private Child connected() {
        return call.fork() == null ? null : call.fork().connected();
    }

    private String base(HookSpec hook) {
        return RedirectTask.isAbsolute(hook.url()) ? hook.url() : call.base();
    }

    private void askForCaller(HookSpec hook) {
        String base = base(hook);
        explain("a request redirects the call to another hook");
        desk.ask(
                call.account(),
                base,
                hook,
                Payloads.of(call, call.leg()),
                outcome -> onCallersApplication(outcome, base));
    }

    private void onCallersApplication(HookOutcome outcome, String base) {
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs _
            when call.isGone() -> explain("the other hook answered, but the caller is gone: ignored");
            case HookReply.Verbs given -> {
                call.runner().stopDetecting();
                replace(given, base);
            }
            case HookReply.Empty _ -> goOn("the other hook gave no verbs");
            case HookReply.Bad(String _, String text) -> goOn(text);
        }
    }

    /** The call goes on as before; one whose callee was split off meanwhile has nothing to go on with. */
    private void goOn(String why) {
        call.alert("error-updating-call", why);
        if (!call.isGone() && call.fork() == null && call.runner().isIdle()) {
            call.runOut();
        }
    }

    void replace(HookReply.Verbs given, String base) {
        explain("the application is replaced");
        call.runner().interrupt();
        call.replacing(true);
        if (call.fork() != null) {
            call.fork().replaced();
        }
        call.replacing(false);
        // The answer to the actionHook of the dial that ended so means nothing.
        call.runner().interrupt();
        call.runner().base(base);
        call.runner().run(given);
    }

    /** The callee's application first; the caller's, if it gets one too, when they are two calls. */
    private void askForCallee(HookSpec hook, HookSpec callersHook) {
        Child callee = connected();
        String base = base(hook);
        explain("a request gives the callee an application of its own");
        desk.ask(call.account(), base, hook, Payloads.of(call, callee.leg()), outcome -> {
            if (!(HookReply.of(outcome) instanceof HookReply.Verbs given)) {
                call.alert("error-updating-call", "the callee's hook gave no verbs");
            } else if (connected() != callee) {
                explain("the callee's hook answered, but the callee is gone: ignored");
            } else {
                split(given, base, callersHook);
            }
        });
    }

    void split(HookReply.Verbs given, String base, HookSpec callersHook) {
        explain("the callee is a call of its own from now on");
        Fork fork = call.fork();
        call.replacing(callersHook != null);
        Call callee = call.splitOff(fork.release());
        fork.onClosed();
        call.replacing(false);
        if (callersHook != null) {
            call.runner().interrupt();
            askForCaller(callersHook);
        }
        desk.concerns(callee);
        callee.runner().base(base);
        callee.runner().run(given);
    }

    private void explain(String text) {
        desk.explain(call.leg().callSid(), text);
    }
}
