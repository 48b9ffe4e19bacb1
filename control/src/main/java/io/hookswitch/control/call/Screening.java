package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.verb.Verb;
import java.util.List;

/**
 * A callee that answered, before it may win: it is sent keys, then its application runs on its leg alone (dial.md 3.9).
 * Ends with exactly one of: accepted, declined, stopped from outside.
 */
final class Screening extends AnsweredParty {
    private static final long KEY_NS = 250_000_000L;

    private final Child child;
    private final Branch branch;
    private final Desk desk;
    private final HookSpec hook;
    private final VerbRunner runner;
    private long keys;
    private boolean over;

    Screening(Child child, Branch branch) {
        super(new Call.LegParty(child.fork().call(), child.leg(), branch.leg()));
        this.child = child;
        this.branch = branch;
        desk = child.fork().call().desk();
        hook = child.confirmHook();
        runner = new VerbRunner(this, desk, child.fork().call().base());
    }

    /** Keys, then the hook. */
    void begin() {
        if (child.sendDigits() == null) {
            ask();
            return;
        }
        explain("answered, keys are sent to it");
        keys = desk.press(branch.leg(), child.sendDigits(), KEY_NS, KeysTask.KEY_PAUSE_NS, sent -> {
            keys = 0;
            if (!sent) {
                explain("no key was sent: it takes no telephone events");
            }
            ask();
        });
    }

    private void ask() {
        if (over) {
            return;
        }
        if (hook == null) {
            accept();
            return;
        }
        explain("answered, its application is asked");
        desk.ask(call().account(), call().base(), hook, Payloads.of(call(), leg()), this::onApplication);
    }

    private void onApplication(HookOutcome outcome) {
        if (over) {
            explain("its application answered behind its time: ignored");
            return;
        }
        switch (HookReply.of(outcome)) {
            case HookReply.Verbs given -> runner.run(given);
            case HookReply.Empty _ -> {
                explain("its application has nothing to say");
                accept();
            }
            case HookReply.Bad(String alert, String text) -> {
                call().alert(alert, text);
                if (child.fork().verb().screen().bridgesOnFailure()) {
                    explain("its application failed, it is accepted all the same: " + text);
                    accept();
                } else {
                    decline("its application failed: " + text);
                }
            }
        }
    }

    private void accept() {
        stop();
        child.onAccepted(branch);
    }

    private void decline(String why) {
        stop();
        child.onDeclined(why);
    }

    /** Nothing of it goes on. */
    void stop() {
        over = true;
        desk.pressed(keys);
        runner.stop();
    }

    /** The callee pressed a key. */
    void onKey(char key) {
        runner.onKey(key);
    }

    private void explain(String text) {
        child.fork().explain(child.name() + ": " + text);
    }

    @Override
    public void hangUp(List<Header> headers) {
        child.endWith(headers);
        decline("its application hangs up");
    }

    @Override
    public String refuses(Verb verb) {
        return switch (verb) {
            case Verb.Dial _ -> "its application dials, which no callee may";
            case Verb.SipDecline _ -> "its application declines an answered call";
            default -> null;
        };
    }

    @Override
    public void runOut() {
        explain("its application is through");
        accept();
    }

    @Override
    public void fail(String why) {
        decline(why);
    }
}
