package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.dial.DialResult;
import io.hookswitch.control.verb.Verb;
import java.util.ArrayList;
import java.util.List;

/** All legs of one dial: chooses the one winner, drops the others, and says once what came of it. */
final class Fork {
    private static final int RINGING = 180;
    private static final int SESSION_PROGRESS = 183;
    private static final int SERVER_ERROR = 500;
    private static final long NS_PER_MS = 1_000_000;

    private final Call call;
    private final Verb.Dial verb;
    private final Desk desk;
    private final List<Child> children = new ArrayList<>();
    private Child winner;
    private Child lastReporter;
    private Branch joined;
    private DialResult failed;
    private int failures;
    private int toldCaller;
    private long ringTimer;
    private long limitTimer;
    /** Null until the dial is over. */
    private DialResult result;

    Fork(Call call, Verb.Dial verb) {
        this.call = call;
        this.verb = verb;
        desk = call.desk();
    }

    /** Answers the caller unless it shall ring, then looks for all targets at once. */
    void begin() {
        explain("dial " + verb.destinations().size()
                + (verb.destinations().size() == 1 ? " target" : " targets at once"));
        if (!verb.answerOnBridge()) {
            call.answer(0);
        }
        int ordinal = 0;
        for (Verb.Destination destination : verb.destinations()) {
            children.add(new Child(this, destination, ++ordinal));
        }
        ringTimer = desk.arm(call.number(), verb.timeoutNs(), this::onRingTimeout);
        for (Child child : children) {
            child.begin();
        }
    }

    /** A target rings, and what it sends is not heard by the caller: it hears a bell. */
    void onRinging(Child child) {
        if (call.unanswered() && toldCaller == 0) {
            toldCaller = RINGING;
            desk.send(new ControlCommand.Progress(call.callerLeg(), RINGING, 0));
            explain(child.name() + " rings: 180 to the caller");
        }
    }

    /** @return whether the caller hears the branch's early media: only when there is one target to hear. */
    boolean passMedia(Branch branch) {
        if (children.size() != 1) {
            return false;
        }
        if (joined == branch) {
            return true;
        }
        joined = branch;
        desk.send(new ControlCommand.Join(call.callerLeg(), branch.leg()));
        if (call.unanswered()) {
            toldCaller = SESSION_PROGRESS;
            desk.send(new ControlCommand.Progress(call.callerLeg(), SESSION_PROGRESS, branch.leg()));
        }
        explain(branch.child().name() + " sends early media: passed to the caller");
        return true;
    }

    /** A target answered: it is the winner, and from here on the only one. */
    void onConnected(Branch branch) {
        winner = branch.child();
        desk.disarm(ringTimer);
        explain(winner.name() + " answered first and wins");
        for (Child child : children) {
            if (child != winner) {
                child.drop("another target won", Records.FAILED);
            }
        }
        if (joined != branch) {
            joined = branch;
            desk.send(new ControlCommand.Join(call.callerLeg(), branch.leg()));
        }
        explain("caller and " + winner.name() + " joined");
        call.answer(branch.leg());
        if (verb.timeLimitNs() > 0) {
            limitTimer = desk.arm(call.number(), verb.timeLimitNs(), this::onTimeLimit);
        }
    }

    /** A target failed for good. */
    void onFailed(DialResult failure) {
        failures++;
        failed = DialResult.after(failed, failure);
        if (failures == children.size()) {
            explain("every target failed");
            end(failed);
        }
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

    private void onRingTimeout() {
        explain("nobody answered within " + verb.timeoutNs() / NS_PER_MS + " ms");
        giveUp("no answer in time", Records.FAILED);
    }

    private void onTimeLimit() {
        explain("time limit of " + verb.timeLimitNs() / NS_PER_MS + " ms reached");
        winner.drop("time limit", Records.FAILED);
        onClosed();
    }

    private void giveUp(String why, String recorded) {
        Child decisive = lastReporter;
        for (Child child : children) {
            child.drop(why, recorded);
        }
        Leg leg = (decisive == null ? lastReporter : decisive).leg();
        end(DialResult.unanswered(leg.callSid(), leg.sipCallId()));
    }

    private void end(DialResult with) {
        if (result != null) {
            return;
        }
        result = with;
        desk.disarm(ringTimer);
        desk.disarm(limitTimer);
        call.onDialEnded(verb, result);
    }

    /** @return what a dial comes to in which a step of ours failed. */
    DialResult abandoned() {
        if (result == null) {
            Child decisive = children.stream()
                    .filter(child -> child.leg().answered())
                    .findFirst()
                    .orElse(lastReporter);
            String callSid = decisive == null ? null : decisive.leg().callSid();
            String sipCallId = decisive == null ? null : decisive.leg().sipCallId();
            result = decisive != null && decisive.leg().answered()
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
