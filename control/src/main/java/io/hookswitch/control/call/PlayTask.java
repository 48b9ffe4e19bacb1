package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.verb.Verb;
import java.util.Map;

/** A {@code play}. */
final class PlayTask implements Task {
    private static final long MS_PER_SECOND = 1_000;

    private final VerbRunner runner;
    private final Party party;
    private final Verb.Play verb;
    private long play;
    private long timer;
    private boolean stopped;

    PlayTask(VerbRunner runner, Party party, Verb.Play verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
    }

    @Override
    public boolean begin() {
        Desk desk = runner.desk();
        runner.explain("play " + verb.urls().size() + (verb.urls().size() == 1 ? " file" : " files"));
        play = desk.play(party, runner.base(), verb, this::onPlayed);
        if (verb.timeoutNs() > 0) {
            timer = desk.arm(party.call().number(), verb.timeoutNs(), () -> desk.stopPlay(party.handle(), play));
        }
        return false;
    }

    private void onPlayed(Played played) {
        if (stopped) {
            return;
        }
        runner.desk().disarm(timer);
        boolean failed = played.result() == PlayResult.FAILED;
        if (failed) {
            party.call().alert("play-url-notfound", "a file could not be played: " + played.detail());
            runner.explain("play failed");
        }
        if (verb.actionHook() == null) {
            runner.goOn();
            return;
        }
        Map<String, Object> payload = Payloads.verb(party.call(), party.leg(), verb.id());
        payload.put("reason", failed ? "playFailed" : "playCompleted");
        if (failed) {
            payload.put("status", "fail");
        }
        payload.put("playback_seconds", played.playedMs() / MS_PER_SECOND);
        payload.put("playback_milliseconds", played.playedMs());
        payload.put("playback_last_offset_pos", Long.toString(played.lastOffset()));
        runner.ask(verb.actionHook(), payload);
    }

    @Override
    public void stop() {
        stopped = true;
        runner.desk().disarm(timer);
        runner.desk().stopPlay(party.handle(), play);
    }
}
