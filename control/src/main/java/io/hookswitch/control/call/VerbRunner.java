package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.Voice;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.codec.CodecNames;
import io.hookswitch.control.verb.Verb;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.Consumer;

/** Runs an application on one leg: its verbs, one after the other. */
final class VerbRunner {
    private final Party party;
    private final Desk desk;
    private final ArrayDeque<Verb> verbs = new ArrayDeque<>();
    private String base;
    private Task task;
    private boolean stopped;
    /** Whose voice speaks where a verb names none, null = the account's. */
    private Voice voice;
    /** Finds out who is on the leg, null = nobody wanted to know. Goes on behind the application that wanted it. */
    private Detecting detecting;
    /** Counts applications: the answer to a hook of one that was replaced means nothing. */
    private int application;

    /** @param base URL that relative hooks are resolved against. */
    VerbRunner(Party party, Desk desk, String base) {
        this.party = party;
        this.desk = desk;
        this.base = base;
    }

    /** Takes an application in place of what is left, and runs it. */
    void run(HookReply.Verbs given) {
        task = null;
        take(given);
        advance();
    }

    private void take(HookReply.Verbs given) {
        given.warnings().forEach(warning -> explain("warning: " + warning));
        given.warnings().stream()
                .filter(warning -> warning.endsWith(CodecNames.VOIDED))
                .forEach(warning -> party.call().alert("unknown-codec", warning));
        verbs.clear();
        verbs.addAll(given.verbs());
        explain("application gave " + verbs.size() + (verbs.size() == 1 ? " verb" : " verbs"));
    }

    /** Nothing runs any more, whatever still comes. */
    void stop() {
        stopped = true;
        interrupt();
        stopDetecting();
    }

    /** Nobody wants to know any more who is on the leg. */
    void stopDetecting() {
        if (detecting != null) {
            detecting.stop();
            detecting = null;
        }
    }

    /** Stops what runs and what would follow; {@link #run} may be called behind it. */
    void interrupt() {
        application++;
        verbs.clear();
        if (task != null) {
            Task running = task;
            task = null;
            running.stop();
        }
    }

    /** The verb that ran is over. */
    void goOn() {
        task = null;
        advance();
    }

    /** Runs verbs until one takes time. */
    private void advance() {
        while (!stopped) {
            Verb verb = verbs.poll();
            if (verb == null) {
                party.runOut();
                return;
            }
            String refusal = party.refuses(verb);
            if (refusal != null) {
                party.fail(refusal);
                return;
            }
            if (!isDone(verb)) {
                return;
            }
        }
    }

    private boolean isDone(Verb verb) {
        return switch (verb) {
            case Verb.Answer _ -> {
                party.answer();
                yield true;
            }
            case Verb.Tag(String _, Map<String, Object> data) -> {
                party.leg().tag(data);
                yield true;
            }
            case Verb.Config config -> {
                configure(config);
                yield true;
            }
            case Verb.Alert alert -> {
                party.call().alert("alert-from-application", alert.message());
                party.alert(alert.message());
                yield true;
            }
            case Verb.Dub dub -> {
                media(false);
                dub(dub);
                yield true;
            }
            case Verb.Say say -> heard(say.earlyMedia(), new SayTask(this, party, say));
            case Verb.Play play -> heard(play.earlyMedia(), new PlayTask(this, party, play));
            case Verb.Gather gather -> {
                media(gather.play() != null && gather.play().earlyMedia()
                        || gather.say() != null && gather.say().earlyMedia());
                yield begin(new GatherTask(this, party, gather));
            }
            case Verb.Listen listen -> heard(listen.earlyMedia(), new ListenTask(this, party, listen));
            case Verb.Transcribe transcribe ->
                heard(transcribe.earlyMedia(), new TranscribeTask(this, party, transcribe));
            case Verb.SipRequest request -> request(request);
            case Verb.Pause pause -> begin(new PauseTask(this, party, pause));
            case Verb.Dtmf dtmf -> begin(new KeysTask(this, party, dtmf));
            case Verb.Redirect redirect -> begin(new RedirectTask(this, party, redirect));
            case Verb.Hangup hangup -> hangUp(hangup);
            case Verb.SipDecline decline -> decline(decline);
            case Verb.Dial dial -> {
                party.dial(dial);
                yield false;
            }
        };
    }

    /** @return whether it is skipped. */
    private boolean hangUp(Verb.Hangup hangup) {
        if (party.unanswered()) {
            explain("hangup skipped: the call is not answered");
            return true;
        }
        explain("application hangs up");
        party.hangUp(hangup.headers());
        return false;
    }

    /** @return whether it is skipped. */
    private boolean decline(Verb.SipDecline decline) {
        if (!party.unanswered()) {
            explain("sip:decline skipped: the call is answered");
            return true;
        }
        party.decline(decline);
        return false;
    }

    /** @return whether it is skipped. */
    private boolean request(Verb.SipRequest request) {
        if (party.unanswered()) {
            explain("sip:request skipped: the call is not answered");
            return true;
        }
        return begin(new SipRequestTask(this, party, request));
    }

    private void configure(Verb.Config config) {
        if (config.voice() != null || config.resetsVoice()) {
            voice = config.voice();
        }
        if (config.gainDb() != null) {
            desk.send(new ControlCommand.Gain(party.handle(), config.gainDb()));
        }
        if (config.holdMusic() != null) {
            party.leg().holdMusic(config.holdMusic());
        }
        if (config.referHook() != null) {
            party.leg().referHook(config.referHook());
        }
        if (config.requestHook() != null) {
            party.leg().requestHook(config.requestHook());
        }
        if (config.recording() != null) {
            record(config.recording());
        }
        if (config.amd() != null) {
            media(false);
            stopDetecting();
            detecting = new Detecting(party.call(), party.leg(), party.handle(), config.amd(), this::replace);
            detecting.begin();
        }
    }

    private void record(Verb.Recording change) {
        if (change.action() == Verb.RecordingAction.START) {
            media(false);
        }
        String obstacle = party.call().recording().apply(change);
        if (obstacle != null) {
            explain("record skipped: " + obstacle);
        }
    }

    private void dub(Verb.Dub dub) {
        Call.LegParty leg = new Call.LegParty(party.call(), party.leg(), party.handle());
        String obstacle = party.leg().tracks().apply(dub, leg, base, voice);
        if (obstacle != null) {
            explain("dub skipped: " + obstacle);
        }
    }

    /** A hook that was not a verb's has another application. */
    private void replace(HookReply.Verbs given) {
        if (party == party.call()) {
            new Redirection(party.call()).replace(given, base);
        } else {
            interrupt();
            run(given);
        }
    }

    /** A verb that is heard needs a leg with media: an unanswered caller is answered, or hears it before the answer. */
    private void media(boolean early) {
        if (early) {
            party.passEarlyMedia();
        } else {
            party.answer();
        }
    }

    private boolean heard(boolean early, Task next) {
        media(early);
        return begin(next);
    }

    private boolean begin(Task next) {
        task = next;
        if (!next.begin()) {
            return false;
        }
        task = null;
        return true;
    }

    /** Asks a hook with which a verb ends. An application in its answer replaces what is left. */
    void ask(HookSpec hook, Map<String, Object> payload) {
        task = null;
        int asking = application;
        desk.ask(party.call().account(), base, hook, payload, outcome -> {
            if (asking == application) {
                onReply(outcome);
            } else {
                explain("an actionHook answered behind its time: ignored");
            }
        });
    }

    private void onReply(HookOutcome outcome) {
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs given -> take(given);
            case HookReply.Empty _ -> explain("actionHook gave no verbs, the application goes on");
            case HookReply.Bad(String alert, String text) -> {
                party.call().alert(alert, text);
                explain("actionHook gave no usable answer, the application goes on: " + text);
            }
        }
        advance();
    }

    /** @return whether nothing runs and nothing would follow. */
    boolean isIdle() {
        return task == null && verbs.isEmpty();
    }

    /** A key was pressed on the leg. */
    void onKey(char key) {
        if (task != null) {
            task.onKey(key);
        }
    }

    /** Hooks with a relative URL go there from now on. */
    void base(String url) {
        base = url;
    }

    String base() {
        return base;
    }

    /** @return number of the speaking. */
    long speak(Verb.Say say, Consumer<Played> done) {
        return desk.speak(party, say, say.voice() == null ? voice : say.voice(), done);
    }

    Desk desk() {
        return desk;
    }

    void explain(String text) {
        desk.explain(party.leg().callSid(), text);
    }
}
