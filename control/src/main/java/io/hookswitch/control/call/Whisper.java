package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.verb.Verb;
import io.hookswitch.engine.message.CoreCommand;
import java.util.List;

/** Something that one leg of a call alone hears; who it is connected to hears silence meanwhile (rest.md 2.3). */
final class Whisper extends AnsweredParty {
    private static final int OK = 200;

    private final VerbRunner runner;

    Whisper(Call.LegParty to) {
        super(to);
        runner = new VerbRunner(this, call().desk(), call().base());
    }

    /** @param verbs JSON array, checked before. */
    void begin(List<?> verbs) {
        if (HookReply.of(new HookOutcome.Replied(OK, verbs)) instanceof HookReply.Verbs given) {
            call().desk().send(new ControlCommand.Gain(handle(), CoreCommand.MUTE));
            runner.run(given);
        }
    }

    /** Ends it at once; the leg is heard as before. */
    void stop() {
        runner.stop();
        call().desk().send(new ControlCommand.Gain(handle(), leg().gain()));
    }

    @Override
    public String refuses(Verb verb) {
        return verb instanceof Verb.Play || verb instanceof Verb.Say ? null : "only play and say are whispered";
    }

    @Override
    public void runOut() {
        call().whispers().onOver(this);
    }

    @Override
    public void fail(String why) {
        call().whispers().onOver(this);
    }
}
