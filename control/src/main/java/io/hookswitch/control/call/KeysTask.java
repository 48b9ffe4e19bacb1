package io.hookswitch.control.call;

import io.hookswitch.control.verb.Verb;

/** A {@code dtmf}: keys sent to the leg's far end. */
final class KeysTask implements Task {
    /** Pause behind each key, and from the last one's to the next verb. */
    static final long KEY_PAUSE_NS = 250_000_000L;

    private static final long AFTER_KEYS_NS = 750_000_000L;
    private static final long NS_PER_MS = 1_000_000;

    private final VerbRunner runner;
    private final Party party;
    private final Verb.Dtmf verb;
    private long keys;
    private long timer;

    KeysTask(VerbRunner runner, Party party, Verb.Dtmf verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
    }

    @Override
    public boolean begin() {
        if (party.unanswered()) {
            runner.explain("dtmf skipped: the call is not answered");
            return true;
        }
        runner.explain("keys are sent, each " + verb.keyNs() / NS_PER_MS + " ms long");
        keys = runner.desk().press(party.handle(), verb.digits(), verb.keyNs(), KEY_PAUSE_NS, this::onPressed);
        return false;
    }

    private void onPressed(boolean sent) {
        if (sent) {
            timer = runner.desk().arm(party.call().number(), AFTER_KEYS_NS, runner::goOn);
        } else {
            runner.explain("no key was sent: the far end takes no telephone events");
            runner.goOn();
        }
    }

    @Override
    public void stop() {
        runner.desk().pressed(keys);
        runner.desk().disarm(timer);
    }
}
