package io.hookswitch.control.call;

import io.hookswitch.control.verb.Verb;
import java.util.Map;

/** Who listens to a bridged dial (dial.md 4.3): from the bridge to the end; what hooks answer is ignored. */
final class DialTaps {
    private final Call call;
    private final Verb.Taps verbs;
    private Listening listening;
    private Transcribing transcribing;
    private Transcribing beside;

    DialTaps(Call call, Verb.Taps verbs) {
        this.call = call;
        this.verbs = verbs;
    }

    /** Caller and callee are joined. */
    void begin(Leg about, long callee) {
        TapSubject subject = new TapSubject(call, about, call.callerLeg(), callee, call.base());
        if (verbs.listen() != null) {
            listening = new Listening(subject, verbs.listen(), this::ask);
            listening.begin();
            beside = transcribing(subject, verbs.listen().transcribe());
        }
        transcribing = transcribing(subject, verbs.transcribe());
    }

    private static Transcribing transcribing(TapSubject subject, Verb.Transcribe verb) {
        if (verb == null) {
            return null;
        }
        Transcribing one = new Transcribing(subject, verb, outcome -> {}, () -> {});
        one.begin();
        return one;
    }

    private void ask(Map<String, Object> payload) {
        if (verbs.listen().actionHook() == null) {
            return;
        }
        Desk desk = call.desk();
        desk.ask(call.account(), call.base(), verbs.listen().actionHook(), payload, outcome -> {
            if (HookReply.of(outcome) instanceof HookReply.Bad(String alert, String text)) {
                call.alert(alert, text);
            }
        });
    }

    /** A key was pressed on one of the legs. */
    void onKey(long leg, char key) {
        if (listening != null) {
            listening.onKey(leg, key);
        }
    }

    /** The dial is over. */
    void stop() {
        if (listening != null) {
            listening.stop();
        }
        if (beside != null) {
            beside.stop();
        }
        if (transcribing != null) {
            transcribing.stop();
        }
    }
}
