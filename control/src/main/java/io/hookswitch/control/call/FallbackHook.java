package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.Fallback;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.util.Map;
import java.util.function.Consumer;

/** Asks a hook that names what counts when it fails: verbs, or another hook; within its deadline. */
final class FallbackHook {
    private static final int OK = 200;
    private static final long NS_PER_MS = 1_000_000;

    private final Desk desk;
    private final Account account;
    private final String base;
    private final Map<String, Object> payload;
    private final Consumer<HookOutcome> reply;

    FallbackHook(Desk desk, Account account, String base, Map<String, Object> payload, Consumer<HookOutcome> reply) {
        this.desk = desk;
        this.account = account;
        this.base = base;
        this.payload = payload;
        this.reply = reply;
    }

    void ask(HookSpec spec) {
        Fallback fallback = spec.fallback();
        Question question = new Question(fallback);
        desk.askOnce(account, base, spec, payload, question::onOutcome);
        if (fallback.deadlineNs() > 0) {
            question.timer = desk.arm(desk.call().number(), fallback.deadlineNs(), question::onDeadline);
        }
    }

    /** One asking: its answer or its deadline, whichever is first. */
    private final class Question {
        private final Fallback fallback;
        private long timer;
        private boolean settled;

        Question(Fallback fallback) {
            this.fallback = fallback;
        }

        void onOutcome(HookOutcome outcome) {
            if (settled) {
                return;
            }
            settled = true;
            desk.disarm(timer);
            if (HookReply.of(outcome) instanceof HookReply.Bad) {
                failed(outcome);
            } else {
                reply.accept(outcome);
            }
        }

        void onDeadline() {
            settled = true;
            failed(new HookOutcome.TimedOut(fallback.deadlineNs() / NS_PER_MS));
        }

        private void failed(HookOutcome outcome) {
            String sid = desk.call().leg().callSid();
            if (fallback.verbs() != null) {
                desk.explain(sid, "a hook failed: its fallback verbs count");
                reply.accept(new HookOutcome.Replied(OK, fallback.verbs()));
            } else if (fallback.hook() != null) {
                desk.explain(sid, "a hook failed: its fallback hook is asked");
                desk.ask(account, base, fallback.hook(), payload, reply);
            } else {
                reply.accept(outcome);
            }
        }
    }
}
