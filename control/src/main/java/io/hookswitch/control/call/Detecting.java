package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent.AnswerHeard;
import io.hookswitch.control.ControlEvent.TapEnded;
import io.hookswitch.control.verb.Verb;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Answering machine detection on one leg (dial.md 4.4): from its beginning to a final result, or until it is stopped.
 * What was heard comes from the leg's audio; how long it may take is timed here.
 */
final class Detecting implements TapOwner {
    private final Call call;
    private final Leg about;
    private final long leg;
    private final Verb.Amd verb;
    private final Consumer<HookReply.Verbs> application;
    private final Desk desk;
    /** Results that wait while the hook is being asked: never more than there are kinds of them. */
    private final ArrayDeque<Map<String, Object>> waiting = new ArrayDeque<>();

    private long tap;
    private long noSpeech;
    private long decision;
    private long tone;
    private boolean isMachine;
    private boolean asking;
    /** No result follows. */
    private boolean over;
    /** What the hook answers means nothing any more. */
    private boolean ignoresReplies;

    /**
     * @param about whose call information the hook is told
     * @param leg handle of the one that is listened to
     * @param application given the verbs that the hook answers with
     */
    Detecting(Call call, Leg about, long leg, Verb.Amd verb, Consumer<HookReply.Verbs> application) {
        this.call = call;
        this.about = about;
        this.leg = leg;
        this.verb = verb;
        this.application = application;
        desk = call.desk();
    }

    void begin() {
        tap = desk.startTap(
                leg, 0, call.base(), new TapSpec.AnswerDetector(verb.thresholdWords(), verb.greetingSilenceMs()), this);
        noSpeech = desk.arm(call.number(), verb.noSpeechNs(), () -> finish("amd_no_speech_detected", null));
        decision = desk.arm(call.number(), verb.decisionNs(), () -> finish("amd_decision_timeout", null));
        explain("who is there is found out: a person or a machine");
    }

    /** The leg or the application that wanted to know is over. */
    void stop() {
        ignoresReplies = true;
        if (!over) {
            finish("amd_stopped", null);
        }
    }

    /** As {@link #stop}, and nobody is told. */
    void drop() {
        ignoresReplies = true;
        end();
    }

    @Override
    public void onAnswerHeard(AnswerHeard event) {
        if (over) {
            return;
        }
        switch (event.sign()) {
            case SPEECH -> desk.disarm(noSpeech);
            case PERSON -> finish("amd_human_detected", "short greeting");
            case MACHINE -> machine("long greeting");
            case STOPPED_SPEAKING -> tell("amd_machine_stopped_speaking", null);
            case BEEP -> {
                if (!isMachine) {
                    machine("tone");
                }
                finish("amd_tone_detected", null);
            }
        }
    }

    private void machine(String reason) {
        if (isMachine) {
            return;
        }
        isMachine = true;
        desk.disarm(noSpeech);
        desk.disarm(decision);
        tell("amd_machine_detected", reason);
        tone = desk.arm(call.number(), verb.toneNs(), () -> finish("amd_tone_timeout", null));
    }

    @Override
    public void onEnded(TapEnded event) {
        if (!over) {
            finish("amd_error", event.detail());
        }
    }

    /** Nobody outside hears it. */
    @Override
    public boolean isSteered(boolean transcribes) {
        return false;
    }

    private void finish(String type, String reason) {
        end();
        tell(type, reason);
    }

    private void end() {
        over = true;
        desk.disarm(noSpeech);
        desk.disarm(decision);
        desk.disarm(tone);
        desk.stopTap(tap);
    }

    private void tell(String type, String reason) {
        explain("heard who is there: " + type + (reason == null ? "" : ", " + reason));
        Map<String, Object> payload = Payloads.of(call, about);
        payload.put("type", type);
        if (reason != null) {
            payload.put("reason", reason);
        }
        if (asking) {
            waiting.add(payload);
        } else {
            ask(payload);
        }
    }

    private void ask(Map<String, Object> payload) {
        asking = true;
        desk.ask(call.account(), call.base(), verb.actionHook(), payload, outcome -> {
            asking = false;
            Map<String, Object> next = waiting.poll();
            if (next != null) {
                ask(next);
            }
            onReply(HookReply.of(outcome));
        });
    }

    private void onReply(HookReply reply) {
        switch (reply) {
            case HookReply.Verbs given -> {
                if (ignoresReplies || call.isGone()) {
                    explain("the amd hook answered behind its time: ignored");
                } else {
                    application.accept(given);
                }
            }
            case HookReply.Bad(String alert, String text) -> {
                call.alert(alert, text);
                explain("the amd hook failed: " + text);
            }
            case HookReply.Empty _ -> {
                // Nothing changes.
            }
        }
    }

    private void explain(String text) {
        desk.explain(about.callSid(), text);
    }
}
