package io.hookswitch.control.call;

import io.hookswitch.control.verb.Verb;

/** A {@code pause}. */
final class PauseTask implements Task {
    private static final long NS_PER_MS = 1_000_000;

    private final VerbRunner runner;
    private final Party party;
    private final Verb.Pause verb;
    private long timer;

    PauseTask(VerbRunner runner, Party party, Verb.Pause verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
    }

    @Override
    public boolean begin() {
        runner.explain("pause " + verb.lengthNs() / NS_PER_MS + " ms");
        timer = runner.desk().arm(party.call().number(), verb.lengthNs(), runner::goOn);
        return false;
    }

    @Override
    public void stop() {
        runner.desk().disarm(timer);
    }
}
