package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.verb.Verb;
import io.hookswitch.engine.message.CoreCommand;
import java.util.List;

/** Something that one leg of a call alone hears; who it is connected to hears silence meanwhile (rest.md 2.3). */
final class Whisper implements Party {
    private static final int OK = 200;

    private final Call call;
    private final Leg leg;
    private final long handle;
    private final VerbRunner runner;

    Whisper(Call call, Leg leg, long handle) {
        this.call = call;
        this.leg = leg;
        this.handle = handle;
        runner = new VerbRunner(this, call.desk(), call.base());
    }

    /** @param verbs JSON array, checked before. */
    void begin(List<?> verbs) {
        if (HookReply.of(new HookOutcome.Replied(OK, verbs)) instanceof HookReply.Verbs given) {
            call.desk().send(new ControlCommand.Gain(handle, CoreCommand.MUTE));
            runner.run(given);
        }
    }

    /** Ends it at once; the leg is heard as before. */
    void stop() {
        runner.stop();
        call.desk().send(new ControlCommand.Gain(handle, leg.gain()));
    }

    @Override
    public Call call() {
        return call;
    }

    @Override
    public Leg leg() {
        return leg;
    }

    @Override
    public long handle() {
        return handle;
    }

    @Override
    public boolean unanswered() {
        return false;
    }

    /** The leg is answered. */
    @Override
    public void answer() {}

    /** The leg is answered. */
    @Override
    public void passEarlyMedia() {}

    /** The leg is answered. */
    @Override
    public void alert(String message) {}

    @Override
    public void dial(Verb.Dial dial) {
        throw new IllegalStateException("only play and say are whispered");
    }

    @Override
    public void hangUp(List<Header> headers) {
        throw new IllegalStateException("only play and say are whispered");
    }

    @Override
    public void decline(Verb.SipDecline decline) {
        throw new IllegalStateException("only play and say are whispered");
    }

    @Override
    public String refuses(Verb verb) {
        return verb instanceof Verb.Play || verb instanceof Verb.Say ? null : "only play and say are whispered";
    }

    @Override
    public void runOut() {
        call.onWhispered(this);
    }

    @Override
    public void fail(String why) {
        call.onWhispered(this);
    }
}
