package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.Srtp;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.dial.BranchEvent;
import io.hookswitch.control.dial.BranchState;
import io.hookswitch.control.dial.BranchStep;
import io.hookswitch.control.dial.BranchTable;
import io.hookswitch.control.dial.ReasonPhrase;
import io.hookswitch.engine.message.Cause;
import java.util.ArrayList;
import java.util.List;

/** One INVITE: a way to a target. Steps through {@link BranchTable} and carries out what it says. */
final class Branch implements LegOwner {
    private static final int OK = 200;
    private static final int FIRST_FAILURE = 300;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int REQUEST_TERMINATED = 487;
    private static final int SERVER_ERROR = 500;

    private final Child child;
    private final Route route;
    private final Desk desk;
    private final long reference;
    private final long attemptedAtNs;
    private BranchState state = new BranchState.Placing();
    private long leg;
    private String sipCallId;
    private long answeredAtNs;

    Branch(Child child, Route route) {
        this.child = child;
        this.route = route;
        desk = child.fork().call().desk();
        reference = desk.number(child.fork().call().callerLeg());
        attemptedAtNs = desk.nowNs();
    }

    /** Sends the INVITE. */
    void place(String fromUser, String fromDisplay, String fromHost, boolean srtp, List<Header> given) {
        List<Header> headers = new ArrayList<>(given);
        for (Header own : route.headers()) {
            if (given.stream().noneMatch(header -> header.name().equalsIgnoreCase(own.name()))) {
                headers.add(own);
            }
        }
        desk.send(new ControlCommand.Dial(
                child.fork().call().number(),
                reference,
                child.fork().call().callerLeg(),
                route.requestUri(),
                route.nextHop(),
                fromUser,
                fromDisplay,
                fromHost == null ? route.fromHost() : fromHost,
                route.authUser(),
                route.authPassword(),
                srtp && route.srtp() == Srtp.NONE ? Srtp.SDES : route.srtp(),
                List.copyOf(headers),
                route.contact(),
                child.fork().verb().codecs()));
        desk.place(reference, this);
    }

    /** The leg exists. */
    void onPlaced(ControlEvent.Invited event) {
        leg = event.leg();
        sipCallId = event.sipCallId();
        call().ledger().legs.add(leg);
        call().ledger().unrecorded.add(this);
        BranchStep.Deed deed = step(new BranchEvent.Placed());
        if (deed == BranchStep.Deed.TRY) {
            desk.follow(leg, this);
            child.onTried(this);
        } else if (deed == BranchStep.Deed.END) {
            end(REQUEST_TERMINATED, List.of());
            record(REQUEST_TERMINATED, false, Records.FAILED);
        }
    }

    /** There will be no leg. */
    void onRefused(ControlEvent.DialRefused event) {
        int sipStatus = failure(event.sipStatus(), Cause.NONE);
        if (step(new BranchEvent.Refused(sipStatus)) == BranchStep.Deed.FAIL) {
            fail(sipStatus, event.reason(), List.of());
        }
    }

    @Override
    public void onProgressed(ControlEvent.Progressed event) {
        BranchStep.Deed deed = step(new BranchEvent.Provisional(event.sipStatus(), event.media()));
        if (deed == BranchStep.Deed.RING) {
            child.onRinging(event.sipStatus(), event.reason());
        } else if (deed == BranchStep.Deed.OFFER_MEDIA) {
            child.onEarlyMedia(this, event.sipStatus(), event.reason());
        }
    }

    @Override
    public void onAnswered(ControlEvent.Answered event) {
        if (step(new BranchEvent.Accepted()) == BranchStep.Deed.CONNECT) {
            answeredAtNs = desk.nowNs();
            child.onConnected(this, event.reason());
        }
    }

    @Override
    public void onKey(char key) {
        child.onKey(key);
    }

    @Override
    public void onEnded(ControlEvent.Ended event) {
        int sipStatus = failure(event.sipStatus(), event.cause());
        BranchStep.Deed deed = step(new BranchEvent.Finished(sipStatus));
        if (deed == BranchStep.Deed.FAIL) {
            fail(sipStatus, event.reason(), event.headers());
        } else if (deed == BranchStep.Deed.CLOSE) {
            boolean byFarEnd = event.cause() == Cause.FAR_END_BYE;
            record(OK, true, byFarEnd ? Records.CALLED_PARTY_HUNG_UP : Records.FAILED);
            child.onClosed(event);
        }
    }

    @Override
    public void onCommandRefused(ControlEvent.CommandRefused event) {
        child.fork().explain(child.name() + ": the core refused command " + event.commandType());
    }

    /** The fork wants this way no longer. {@code recorded} is the reason in the record of an unanswered leg. */
    void drop(String recorded) {
        drop(recorded, List.of());
    }

    /** As {@link #drop(String)}, and the far end is sent these headers with the CANCEL or BYE. */
    void drop(String recorded, List<Header> headers) {
        boolean connected = state instanceof BranchState.Connected;
        if (step(new BranchEvent.Dropped()) == BranchStep.Deed.END) {
            end(connected ? OK : REQUEST_TERMINATED, headers);
            record(connected ? OK : REQUEST_TERMINATED, connected, connected ? Records.CALLER_HUNG_UP : recorded);
        }
    }

    private BranchStep.Deed step(BranchEvent event) {
        BranchStep step = BranchTable.next(state, event);
        state = step.next();
        return step.deed();
    }

    private void fail(int sipStatus, String reason, List<Header> headers) {
        record(sipStatus, false, Records.FAILED);
        // RFC 3326: why it failed, in the callee's network's own words.
        List<Header> why = headers.stream()
                .filter(header -> header.name().equalsIgnoreCase("reason"))
                .toList();
        child.onFailed(this, new Child.Failure(sipStatus, reason, sipCallId, why));
    }

    private void end(int sipStatus, List<Header> headers) {
        desk.forget(leg);
        desk.send(new ControlCommand.End(leg, sipStatus, ReasonPhrase.of(sipStatus), headers));
    }

    private void record(int sipStatus, boolean answered, String reason) {
        desk.send(Records.branch(this, sipStatus, new Records.Times(attemptedAtNs, answered, answeredAtNs), reason));
        call().ledger().unrecorded.remove(this);
    }

    /** @return what its far end would have said had it called: its number, and nothing of a message. */
    ControlEvent.IncomingCall asCaller() {
        Leg.Names names = child.leg().names();
        ControlEvent.IncomingCall caller = call().incoming();
        return new ControlEvent.IncomingCall(
                sipCallId,
                names.to(),
                "",
                "",
                names.from(),
                route.requestUri(),
                route.nextHop(),
                caller.local(),
                caller.origin(),
                List.of(),
                "",
                "");
    }

    /** Writes the record of a leg that went on as a call of its own. */
    void recordSplitOff(int sipStatus, String reason) {
        desk.send(Records.branch(this, sipStatus, new Records.Times(attemptedAtNs, true, answeredAtNs), reason));
    }

    /** Writes the record that is owed, of a leg that was ended because a step of ours failed. */
    void recordAbandoned() {
        boolean answered = child.leg().answered() && answeredAtNs != 0;
        record(answered ? OK : SERVER_ERROR, answered, Records.FAILED);
    }

    /** A failure has a failure's status, whatever came with it. */
    private static int failure(int sipStatus, int cause) {
        if (sipStatus >= FIRST_FAILURE) {
            return sipStatus;
        }
        return cause == Cause.UNREACHABLE ? REQUEST_TIMEOUT : SERVER_ERROR;
    }

    @Override
    public Call call() {
        return child.fork().call();
    }

    Child child() {
        return child;
    }

    Route route() {
        return route;
    }

    long leg() {
        return leg;
    }

    /** Call-ID on the wire, null before the INVITE. */
    String sipCallId() {
        return sipCallId;
    }

    /** Carrier's name, or the kind of target, as records have it. */
    String trunk() {
        return switch (child.target()) {
            case DialTarget.Phone _ -> route.trunk();
            case DialTarget.Sip _ -> "sipUri";
            case DialTarget.User _ -> "user";
            case DialTarget.Teams _ -> "teams";
        };
    }
}
