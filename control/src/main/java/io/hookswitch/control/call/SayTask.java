package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.verb.Verb;

/** A {@code say}. Words that cannot be spoken are skipped, and the account is told. */
final class SayTask implements Task {
    private final VerbRunner runner;
    private final Party party;
    private final Verb.Say verb;
    private long play;
    private boolean stopped;

    SayTask(VerbRunner runner, Party party, Verb.Say verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
    }

    @Override
    public boolean begin() {
        runner.explain("say " + verb.texts().size() + (verb.texts().size() == 1 ? " text" : " texts"));
        play = runner.speak(verb, this::onSpoken);
        return false;
    }

    private void onSpoken(Played spoken) {
        if (stopped) {
            return;
        }
        if (spoken.result() == PlayResult.FAILED) {
            unspoken(runner, party);
        }
        runner.goOn();
    }

    /** Tells that words were not spoken. */
    static void unspoken(VerbRunner runner, Party party) {
        party.call().alert("no-tts", "a text could not be spoken");
        runner.explain("say failed: skipped");
    }

    @Override
    public void stop() {
        stopped = true;
        runner.desk().stopPlay(party.handle(), play);
    }
}
