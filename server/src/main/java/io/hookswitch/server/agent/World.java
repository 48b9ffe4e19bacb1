package io.hookswitch.server.agent;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.server.audio.AudioOutcome;
import java.util.function.Consumer;

/**
 * What control's commands ask of the world outside the cores. Called on the control thread; nothing here may block it.
 */
public interface World {
    /** Asks a hook. @param done called exactly once, on any thread */
    void callHook(ControlCommand.CallHook hook, Consumer<HookOutcome> done);

    /** Finds where a target leads. @param done called exactly once, on any thread, also before this returns */
    void resolve(ControlCommand.Resolve question, Consumer<Resolution> done);

    /** Gets a file ready to be played. @param done called exactly once, on any thread, also before this returns */
    void openAudio(ControlCommand.Play play, String url, Consumer<AudioOutcome> done);

    /** Has a text spoken, to be played. @param done called exactly once, on any thread, also before this returns */
    void openSpeech(ControlCommand.Speak speak, String text, Consumer<AudioOutcome> done);

    /** Whoever listens to legs. */
    Listeners taps();

    /** Tells a status hook. */
    void notifyStatus(ControlCommand.NotifyStatus status);

    /** Tells the account's owner. */
    void alert(ControlCommand.Alert alert);

    /** Tells whoever asked what came of an update. */
    void answer(ControlCommand.UpdateAnswered answer);

    /** Says what a request of SIP came to that somebody outside asked for. */
    void tell(ControlCommand.RequestTold told);

    /** Tells whoever asked about calls. */
    void tell(ControlCommand.CallsTold calls);

    /** Keeps the record of a leg that is over. */
    void record(ControlCommand.CallRecord callRecord);
}
