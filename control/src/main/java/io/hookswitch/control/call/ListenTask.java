package io.hookswitch.control.call;

import io.hookswitch.control.verb.Verb;
import java.util.Map;

/** A {@code listen}: lasts until the server goes, a key ends it, or it has lasted long enough. */
final class ListenTask implements Task {
    private final VerbRunner runner;
    private final Party party;
    private final Verb.Listen verb;
    private final Listening listening;
    private final Transcribing beside;

    ListenTask(VerbRunner runner, Party party, Verb.Listen verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
        TapSubject subject = new TapSubject(party.call(), party.leg(), party.handle(), 0, runner.base());
        listening = new Listening(subject, verb, this::over);
        beside = verb.transcribe() == null
                ? null
                : new Transcribing(subject, verb.transcribe(), outcome -> {}, () -> {});
    }

    @Override
    public boolean begin() {
        listening.begin();
        if (beside != null) {
            beside.begin();
        }
        return false;
    }

    private void over(Map<String, Object> payload) {
        if (beside != null) {
            beside.stop();
        }
        if (verb.actionHook() == null) {
            runner.goOn();
        } else {
            runner.ask(verb.actionHook(), payload);
        }
    }

    @Override
    public void onKey(char key) {
        listening.onKey(party.handle(), key);
    }

    @Override
    public void stop() {
        listening.drop();
        if (beside != null) {
            beside.stop();
        }
    }
}
