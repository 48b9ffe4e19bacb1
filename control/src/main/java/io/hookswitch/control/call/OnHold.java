package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.verb.Verb;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one of two connected parties hears while the other one holds (dial.md 4.5): an application's {@code play},
 * {@code
 * say} and {@code pause}, asked for again until the hold is over, or music, or nothing.
 */
final class OnHold extends AnsweredParty {
    /** An application that has nothing to be heard is not asked more often than that. */
    private static final long BETWEEN_NS = 1_000_000_000L;

    private static final String REFUSED = "only play, say and pause are heard while somebody holds";

    private final Leg holder;
    private final HookSpec hook;
    private final Desk desk;
    private final VerbRunner runner;
    private long askedAtNs;
    private long timer;
    private long music;
    private boolean over;

    /** @param hook null = music, if the application has named any */
    OnHold(Call.LegParty who, Leg holder, HookSpec hook) {
        super(who);
        this.holder = holder;
        this.hook = hook;
        desk = call().desk();
        runner = new VerbRunner(this, desk, call().base());
    }

    void begin() {
        if (hook != null) {
            ask();
            return;
        }
        String url = leg().holdMusic() == null ? call().leg().holdMusic() : leg().holdMusic();
        if (url != null) {
            Verb.Play file = new Verb.Play(null, List.of(url), 0, true, 0, 0, null);
            music = desk.play(this, call().base(), file, played -> {
                if (played.result() == PlayResult.FAILED) {
                    call().alert("play-url-notfound", "onHoldMusic could not be played: " + played.detail());
                }
            });
        }
    }

    private void ask() {
        askedAtNs = desk.nowNs();
        timer = 0;
        Map<String, Object> payload = Payloads.of(call(), call().leg());
        payload.put("hold_detail", detail());
        explain("the onHoldHook is asked what is heard meanwhile");
        desk.ask(call().account(), call().base(), hook, payload, this::onReply);
    }

    /** Who holds, and whom: numbers or URIs. */
    private Map<String, Object> detail() {
        boolean isCaller = holder == call().leg();
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("from", isCaller ? holder.names().from() : holder.names().to());
        detail.put("to", isCaller ? holder.names().to() : holder.names().from());
        return detail;
    }

    private void onReply(HookOutcome outcome) {
        if (over) {
            explain("the onHoldHook answered, but nobody holds any more: ignored");
            return;
        }
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs given -> runner.run(given);
            case HookReply.Empty _ -> explain("the onHoldHook has nothing to be heard");
            case HookReply.Bad(String alert, String text) -> {
                call().alert(alert, text);
                explain("the onHoldHook failed: " + text);
            }
        }
    }

    /** Nothing of it goes on. */
    void stop() {
        over = true;
        runner.stop();
        desk.disarm(timer);
        if (music != 0) {
            desk.stopPlay(handle(), music);
        }
    }

    @Override
    public String refuses(Verb verb) {
        boolean isHeard = verb instanceof Verb.Play || verb instanceof Verb.Say || verb instanceof Verb.Pause;
        return isHeard ? null : REFUSED;
    }

    @Override
    public void runOut() {
        long passedNs = desk.nowNs() - askedAtNs;
        if (passedNs >= BETWEEN_NS) {
            ask();
        } else {
            timer = desk.arm(call().number(), BETWEEN_NS - passedNs, this::ask);
        }
    }

    @Override
    public void fail(String why) {
        call().alert(HookReply.INVALID_PAYLOAD, "onHoldHook: " + why);
        explain(why);
    }

    private void explain(String text) {
        desk.explain(leg().callSid(), text);
    }
}
