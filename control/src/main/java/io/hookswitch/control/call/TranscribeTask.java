package io.hookswitch.control.call;

import io.hookswitch.control.verb.Verb;

/** A {@code transcribe}: lasts until the server goes; verbs in a hook's answer replace what is left. */
final class TranscribeTask implements Task {
    private final Transcribing transcribing;

    TranscribeTask(VerbRunner runner, Party party, Verb.Transcribe verb) {
        transcribing = new Transcribing(
                new TapSubject(party.call(), party.leg(), party.handle(), 0, runner.base()),
                verb,
                outcome -> {
                    if (HookReply.of(outcome) instanceof HookReply.Verbs given) {
                        stop();
                        runner.interrupt();
                        runner.run(given);
                    }
                },
                runner::goOn);
    }

    @Override
    public boolean begin() {
        transcribing.begin();
        return false;
    }

    @Override
    public void stop() {
        transcribing.stop();
    }
}
