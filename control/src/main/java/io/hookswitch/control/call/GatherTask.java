package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.verb.Verb;
import java.util.Map;

/** A {@code gather}: keys are collected, with a prompt or without. */
final class GatherTask implements Task {
    private final VerbRunner runner;
    private final Party party;
    private final Verb.Gather verb;
    private final Desk desk;
    private final StringBuilder digits = new StringBuilder();
    private long prompt;
    private long timer;
    private boolean timing;
    private boolean over;

    GatherTask(VerbRunner runner, Party party, Verb.Gather verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
        desk = runner.desk();
    }

    @Override
    public boolean begin() {
        if (verb.speech()) {
            party.call().alert("no-stt", "no speech recogniser is set up");
            if (!verb.keys()) {
                runner.explain("gather failed: no speech recogniser is set up");
                return isOver("error", "no speech recogniser is set up");
            }
        }
        runner.explain("gather keys");
        if (verb.say() != null) {
            prompt = runner.speak(verb.say(), this::onSpoken);
        } else if (verb.play() != null) {
            prompt = desk.play(party, runner.base(), verb.play(), _ -> onPrompted());
        } else {
            time();
        }
        return false;
    }

    private void onSpoken(Played spoken) {
        if (!over && spoken.result() == PlayResult.FAILED) {
            SayTask.unspoken(runner, party);
        }
        onPrompted();
    }

    private void onPrompted() {
        prompt = 0;
        if (!over && !timing) {
            time();
        }
    }

    /** Starts the timer of the whole. */
    private void time() {
        timing = true;
        rearm(verb.limits().timeoutNs());
    }

    private void rearm(long delayNs) {
        desk.disarm(timer);
        if (delayNs > 0) {
            timer = desk.arm(party.call().number(), delayNs, this::onTimeout);
        }
    }

    @Override
    public void onKey(char key) {
        if (over || !verb.keys() || prompt != 0 && !verb.listenDuringPrompt()) {
            return;
        }
        if (prompt != 0 && verb.dtmfBargein()) {
            stopPrompt();
        }
        if (!timing) {
            time();
        }
        Verb.GatherLimits limits = verb.limits();
        if (key == limits.finishOnKey()) {
            end("dtmfDetected");
            return;
        }
        digits.append(key);
        if (digits.length() == limits.numDigits() || digits.length() == limits.maxDigits()) {
            end("dtmfDetected");
        } else if (limits.interDigitNs() > 0 && digits.length() >= limits.minDigits()) {
            rearm(limits.interDigitNs());
        }
    }

    private void onTimeout() {
        end(!digits.isEmpty() && digits.length() >= verb.limits().minDigits() ? "dtmfDetected" : "timeout");
    }

    private void end(String reason) {
        if (isOver(reason, null)) {
            runner.goOn();
        }
    }

    /** Ends it and asks its hook. @return whether there is no hook to ask. */
    private boolean isOver(String reason, String details) {
        stop();
        runner.explain("gather ends: " + reason);
        if (verb.actionHook() == null) {
            return true;
        }
        Map<String, Object> payload = Payloads.verb(party.call(), party.leg(), verb.id());
        payload.put("reason", reason);
        if (reason.equals("dtmfDetected")) {
            payload.put("digits", digits.toString());
        }
        if (details != null) {
            payload.put("details", details);
        }
        runner.ask(verb.actionHook(), payload);
        return false;
    }

    private void stopPrompt() {
        long stopped = prompt;
        prompt = 0;
        desk.stopPlay(party.handle(), stopped);
    }

    @Override
    public void stop() {
        over = true;
        desk.disarm(timer);
        if (prompt != 0) {
            stopPrompt();
        }
    }
}
