package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.verb.Verb;

/** A {@code redirect}: another hook gives the application that goes on. */
final class RedirectTask implements Task {
    private final VerbRunner runner;
    private final Party party;
    private final Verb.Redirect verb;
    private boolean stopped;

    RedirectTask(VerbRunner runner, Party party, Verb.Redirect verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
    }

    @Override
    public boolean begin() {
        runner.explain("redirected to another hook");
        if (isAbsolute(verb.actionHook().url())) {
            runner.base(verb.actionHook().url());
        }
        if (verb.statusHook() != null) {
            party.call().statusHook(verb.statusHook());
        }
        runner.desk()
                .ask(
                        party.call().account(),
                        runner.base(),
                        verb.actionHook(),
                        Payloads.verb(party.call(), party.leg(), verb.id()),
                        this::onReply);
        return false;
    }

    static boolean isAbsolute(String url) {
        return url.regionMatches(true, 0, "http://", 0, 7) || url.regionMatches(true, 0, "https://", 0, 8);
    }

    private void onReply(HookOutcome outcome) {
        if (stopped) {
            return;
        }
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs given -> runner.run(given);
            case HookReply.Empty _ -> party.fail("redirected, and no verbs came");
            case HookReply.Bad(String alert, String text) -> {
                party.call().alert(alert, text);
                party.fail("redirected in vain: " + text);
            }
        }
    }

    @Override
    public void stop() {
        stopped = true;
    }
}
