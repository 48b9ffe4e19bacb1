package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.dial.DialResult;
import io.hookswitch.control.verb.Verb;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All legs of one dial: chooses the one winner, drops the others, and says once what came of it. */
final class Fork {
    private static final int RINGING = 180;
    private static final int SERVER_ERROR = 500;
    private static final long NS_PER_MS = 1_000_000;

    private final Call call;
    private final Verb.Dial verb;
    private final Desk desk;
    private final List<Child> children = new ArrayList<>();
    private Hunt hunt;
    private Child winner;
    private Child lastReporter;
    private Branch joined;
    private DialResult failed;
    private boolean toldCaller;
    private long ringTimer;
    private long limitTimer;
    private long music;
    private final DialTaps taps;
    private Detecting detecting;
    private long callee;
    /** What is heard because the other one holds, by call_sid of who holds. */
    private final Map<String, OnHold> holds = new LinkedHashMap<>();

    private DigitCapture callerKeys;
    private DigitCapture calleeKeys;
    /** Null until the dial is over. */
    private DialResult result;

    Fork(Call call, Verb.Dial verb) {
        this.call = call;
        this.verb = verb;
        desk = call.desk();
        taps = new DialTaps(call, verb.taps());
    }

    /** Answers the caller unless it shall ring, then looks for the targets. */
    void begin() {
        explain("dial " + verb.destinations().size()
                + (verb.destinations().size() == 1 ? " target" : " targets" + inWhatOrder()));
        if (!verb.answerOnBridge()) {
            call.answer();
        }
        if (verb.music() != null) {
            startMusic();
        }
        int ordinal = 0;
        for (Verb.Destination destination : verb.destinations()) {
            children.add(new Child(this, destination, ++ordinal));
        }
        ringTimer = desk.arm(call.number(), verb.timeoutNs(), this::onRingTimeout);
        hunt = new Hunt(this, children);
        hunt.begin();
    }

    private String inWhatOrder() {
        return switch (verb.order()) {
            case PARALLEL -> " at once";
            case SEQUENTIAL -> " one after the other";
            case STAGGERED -> " each a while after the one before";
        };
    }

    /** A file that cannot be played leaves the caller in silence, and the dial as it is. */
    private void startMusic() {
        call.passEarlyMedia();
        Verb.Play file = new Verb.Play(null, List.of(verb.music()), 0, true, 0, 0, null);
        music = desk.play(call, call.base(), file, this::onMusicOver);
    }

    private void onMusicOver(Played played) {
        if (played.result() == PlayResult.FAILED) {
            call.alert("play-url-notfound", "dialMusic could not be played: " + played.detail());
            explain("dialMusic could not be played");
        }
    }

    private void stopMusic() {
        if (music != 0) {
            desk.stopPlay(call.callerLeg(), music);
        }
    }

    /** A target rings, and what it sends is not heard by the caller: it hears a bell, unless it hears music. */
    void onRinging(Child child) {
        if (call.unanswered() && !toldCaller && !call.hasEarlyMedia()) {
            toldCaller = true;
            desk.send(new ControlCommand.Progress(call.callerLeg(), RINGING, 0));
            explain(child.name() + " rings: 180 to the caller");
        }
    }

    /** @return whether the caller hears the branch's early media: only when there is one target, and no music. */
    boolean passMedia(Branch branch) {
        if (children.size() != 1 || verb.music() != null) {
            return false;
        }
        if (joined == branch) {
            return true;
        }
        joined = branch;
        desk.send(new ControlCommand.Join(call.callerLeg(), branch.leg()));
        if (call.unanswered()) {
            toldCaller = true;
            call.passEarlyMedia(branch.leg());
        }
        explain(branch.child().name() + " sends early media: passed to the caller");
        return true;
    }

    /** A target answered and is being asked; that is not for the caller to hear. */
    void onScreened(Branch branch) {
        if (joined == branch) {
            joined = null;
            desk.send(new ControlCommand.Part(call.callerLeg()));
        }
    }

    /** A target answered and was accepted: it is the winner, and from here on the only one. */
    void onConnected(Branch branch) {
        winner = branch.child();
        desk.disarm(ringTimer);
        hunt.stop();
        explain(winner.name() + " answered first and wins");
        for (Child child : children) {
            if (child != winner) {
                child.lose();
            }
        }
        stopMusic();
        if (joined != branch) {
            joined = branch;
            desk.send(new ControlCommand.Join(call.callerLeg(), branch.leg()));
        }
        if (verb.calleeGainDb() != 0) {
            winner.leg().loudness(verb.calleeGainDb());
            desk.send(new ControlCommand.Gain(branch.leg(), winner.leg().gain()));
        }
        explain("caller and " + winner.name() + " joined");
        call.answer(branch.leg());
        if (verb.capture() != null) {
            callerKeys = new DigitCapture(verb.capture().caller());
            calleeKeys = new DigitCapture(verb.capture().callee());
        }
        callee = branch.leg();
        taps.begin(winner.leg(), callee);
        call.recording().onJoined(new Call.LegParty(call, winner.leg(), callee));
        dub();
        if (verb.amd() != null) {
            detecting = new Detecting(call, call.leg(), callee, verb.amd(), this::replace);
            detecting.begin();
        }
        if (verb.timeLimitNs() > 0) {
            limitTimer = desk.arm(call.number(), verb.timeLimitNs(), this::onTimeLimit);
        }
    }

    private void dub() {
        Call.LegParty party = new Call.LegParty(call, winner.leg(), callee);
        for (Verb.Dub dub : verb.dubs()) {
            String obstacle = winner.leg().tracks().apply(dub, party, call.base(), null);
            if (obstacle != null) {
                explain("dub skipped: " + obstacle);
            }
        }
    }

    /** The hook that was told who has answered has another application for the caller. */
    private void replace(HookReply.Verbs given) {
        detecting.drop();
        new Redirection(call).replace(given, call.base());
    }

    /** @param owner of the leg whose far end holds or holds no longer; null = it is gone */
    static void onHold(LegOwner owner, boolean holds) {
        if (owner instanceof Call call && call.fork() != null) {
            call.fork().onHold(call.leg(), holds);
        } else if (owner instanceof Branch branch
                && branch.child() == branch.child().fork().winner) {
            branch.child().fork().onHold(branch.child().leg(), holds);
        }
    }

    private void onHold(Leg holder, boolean isHolding) {
        OnHold before = holds.remove(holder.callSid());
        if (before != null) {
            before.stop();
        }
        if (!isHolding || connected() == null) {
            return;
        }
        boolean isCaller = holder == call.leg();
        Call.LegParty other = isCaller ? new Call.LegParty(call, winner.leg(), callee) : call.party();
        explain((isCaller ? "the caller" : winner.name()) + " holds");
        OnHold hold = new OnHold(other, holder, verb.onHoldHook());
        holds.put(holder.callSid(), hold);
        hold.begin();
    }

    private void stopHolds() {
        holds.values().forEach(OnHold::stop);
        holds.clear();
    }

    /** The caller pressed a key. */
    void onCallerKey(char key) {
        taps.onKey(call.callerLeg(), key);
        if (callerKeys != null && result == null) {
            report(callerKeys.onKey(key, desk.nowNs()), call.leg());
        }
    }

    /** A callee that is not being screened pressed a key. */
    void onCalleeKey(Child child, char key) {
        if (child == winner) {
            taps.onKey(callee, key);
        }
        if (calleeKeys != null && child == winner && result == null) {
            report(calleeKeys.onKey(key, desk.nowNs()), child.leg());
        }
    }

    private void report(String sequence, Leg presser) {
        if (sequence == null) {
            return;
        }
        explain("keys captured: the dtmfHook is told");
        Map<String, Object> payload = Payloads.of(call, presser);
        payload.put("dtmf", sequence);
        desk.ask(call.account(), call.base(), verb.capture().hook(), payload, outcome -> {
            if (HookReply.of(outcome) instanceof HookReply.Bad(String alert, String text)) {
                call.alert(alert, text);
                explain("dtmfHook failed: " + text);
            }
        });
    }

    /** A target failed for good, or was declined. */
    void onFailed(Child child, DialResult failure) {
        failed = DialResult.after(failed, failure);
        if (verb.finalOn().contains(failure.sipStatus())) {
            explain(child.name() + " failed with " + failure.sipStatus() + ", which ends the whole dial");
            hunt.stop();
            for (Child other : children) {
                other.drop("the dial ends with another target's answer", Records.FAILED);
            }
            end(failure);
            return;
        }
        hunt.onOver();
        if (hunt.isOver()) {
            explain("every target failed");
            end(failed);
        }
    }

    /** A target rang as long as it may. */
    void onRungOut(Child child, long withinMs) {
        if (!child.isOver() && !child.leg().answered()) {
            child.drop("no answer within its " + withinMs + " ms", Records.FAILED);
            onFailed(child, unanswered(child));
        }
    }

    private static DialResult unanswered(Child child) {
        return DialResult.unanswered(child.leg().callSid(), child.leg().sipCallId());
    }

    /** The winner hung up. */
    void onClosed() {
        end(DialResult.completed(winner.leg().callSid(), winner.leg().sipCallId()));
    }

    /** The caller is gone: bridged or ringing, everything ends. */
    void onCallerGone() {
        if (winner == null) {
            giveUp("the caller is gone", Records.CALLER_ABANDONED);
        } else {
            winner.drop("the caller is gone", Records.CALLER_ABANDONED);
            onClosed();
        }
    }

    /** The application is replaced: whoever is connected or rings is not wanted any more. */
    void replaced() {
        if (winner == null) {
            giveUp("the application is replaced", Records.FAILED);
        } else {
            winner.drop("the application is replaced", Records.FAILED);
            onClosed();
        }
    }

    /** A request ends one target's leg: the connected one ends the dial, another one counts as failed. */
    void hangUp(Child child) {
        boolean answered = child.leg().answered();
        child.drop("hung up by a request", Records.FAILED);
        if (child == winner) {
            onClosed();
        } else {
            onFailed(
                    child,
                    answered
                            ? DialResult.declined(
                                    child.leg().callSid(), child.leg().sipCallId())
                            : unanswered(child));
        }
    }

    /** @return who is connected to the caller, null = nobody. */
    Child connected() {
        return result == null ? winner : null;
    }

    /** Parts the connected leg from the caller and gives it away; {@link #onClosed} follows. */
    Branch release() {
        stopHolds();
        desk.send(new ControlCommand.Part(call.callerLeg()));
        return winner.release();
    }

    /** @return whether a target is connected to the caller. */
    boolean isConnected(Child child) {
        return child == winner && result == null;
    }

    /** Who is being asked whether he wants the call is not interrupted: he alone may still win. */
    private void onRingTimeout() {
        explain("nobody answered within " + verb.timeoutNs() / NS_PER_MS + " ms");
        hunt.stop();
        if (children.stream().noneMatch(Child::isScreened)) {
            giveUp("no answer in time", Records.FAILED);
            return;
        }
        for (Child child : children) {
            if (child.begun() && !child.isOver() && !child.leg().answered()) {
                child.drop("no answer in time", Records.FAILED);
                failed = DialResult.after(failed, unanswered(child));
            }
        }
    }

    private void onTimeLimit() {
        explain("time limit of " + verb.timeLimitNs() / NS_PER_MS + " ms reached");
        winner.drop("time limit", Records.FAILED);
        onClosed();
    }

    private void giveUp(String why, String recorded) {
        hunt.stop();
        Child decisive = lastReporter;
        for (Child child : children) {
            child.drop(why, recorded);
        }
        if (decisive == null) {
            decisive = lastReporter;
        }
        end(decisive == null ? DialResult.unanswered(null, null) : unanswered(decisive));
    }

    private void end(DialResult with) {
        if (result != null) {
            return;
        }
        result = with;
        desk.disarm(ringTimer);
        desk.disarm(limitTimer);
        stopMusic();
        stopHolds();
        taps.stop();
        call.recording().onParted();
        if (detecting != null) {
            detecting.stop();
        }
        call.onDialEnded(verb, result);
    }

    /** @return what a dial comes to in which a step of ours failed. */
    DialResult abandoned() {
        if (result == null) {
            Child decisive = winner == null ? lastReporter : winner;
            String callSid = decisive == null ? null : decisive.leg().callSid();
            String sipCallId = decisive == null ? null : decisive.leg().sipCallId();
            result = winner != null
                    ? DialResult.completed(callSid, sipCallId)
                    : DialResult.failed(SERVER_ERROR, callSid, sipCallId);
        }
        return result;
    }

    /** Notes whose status was the last to be told. */
    void reported(Child child) {
        lastReporter = child;
    }

    void explain(String text) {
        desk.explain(call.leg().callSid(), text);
    }

    Call call() {
        return call;
    }

    Verb.Dial verb() {
        return verb;
    }
}
