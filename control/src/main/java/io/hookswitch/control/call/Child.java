package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.Srtp;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.dial.DialResult;
import io.hookswitch.control.dial.FailOver;
import io.hookswitch.control.dial.LegStatus;
import io.hookswitch.control.verb.Verb;
import io.hookswitch.engine.message.Cause;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * One target of a dial: one call_sid, however many INVITEs it takes. A phone's gateways and a host's servers are tried
 * one after the other, a user's contacts together.
 */
final class Child {
    private static final int TRYING = 100;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int REQUEST_TERMINATED = 487;
    private static final int SERVER_ERROR = 500;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int DECLINE = 603;
    /** RFC 3326: what a phone needs to know that it missed nothing. */
    private static final List<Header> COMPLETED_ELSEWHERE =
            List.of(new Header("Reason", "SIP;cause=200;text=\"Call completed elsewhere\""));

    /** How one way failed. {@code sipCallId} null = no INVITE left; {@code headers}: Reason, if it said one. */
    record Failure(int sipStatus, String reason, String sipCallId, List<Header> headers) {}

    private final Fork fork;
    private final Verb.Destination destination;
    private final DialTarget target;
    private final String fromUser;
    private final Leg leg;
    private final String name;
    private final ArrayDeque<Route> waysLeft = new ArrayDeque<>();
    private final List<Branch> live = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private boolean severalContacts;
    private boolean mediaPassed;
    private boolean begun;
    private long ringTimer;
    private Screening screening;
    private List<Header> farewell = List.of();

    /** @param ordinal 1 for the first target. */
    Child(Fork fork, Verb.Destination destination, int ordinal) {
        this.fork = fork;
        this.destination = destination;
        fromUser = InviteHeaders.fromUser(fork.call(), fork.verb(), destination);
        target = destination.target() instanceof DialTarget.Phone(String number, String trunk, String _)
                ? new DialTarget.Phone(number, trunk, fromUser)
                : destination.target();
        name = "target " + ordinal + kind();
        leg = new Leg(
                new Leg.Names(
                        fork.call().desk().identifiers().uuid(),
                        fork.call().leg().callSid(),
                        "outbound",
                        fromUser,
                        asWritten(),
                        fromUser,
                        null,
                        null,
                        fork.verb().tag()),
                null);
    }

    private String kind() {
        return switch (target) {
            case DialTarget.Phone _ -> " (phone)";
            case DialTarget.Sip _ -> " (sip)";
            case DialTarget.Teams _ -> " (teams)";
            case DialTarget.User(String user, String _) -> " (user " + user + ")";
        };
    }

    private String asWritten() {
        return switch (target) {
            case DialTarget.Phone phone -> phone.number();
            case DialTarget.Sip sip -> sip.sipUri();
            case DialTarget.Teams teams -> teams.number();
            case DialTarget.User user -> user.name();
        };
    }

    /** Asks where the target is. */
    void begin() {
        begun = true;
        fork.call().ledger().untold.add(leg);
        fork.call().desk().know(fork.call(), leg, this);
        fork.call().desk().resolve(fork.call().account(), target, this::onResolved);
    }

    private void onResolved(Resolution resolution) {
        if (leg.isOver()) {
            fork.explain(name + ": found, but the dial does not want it any more");
            return;
        }
        switch (resolution) {
            case Resolution.Nowhere(int sipStatus, String reason) -> nowhere(sipStatus, reason);
            case Resolution.Routes found when found.routes().isEmpty() -> nowhere(nobodyThere(), "");
            case Resolution.Routes found -> {
                List<Route> routes = found.routes();
                severalContacts = FailOver.together(target, found) && routes.size() > 1;
                waysLeft.addAll(routes);
                fork.explain(name + ": " + waysInWords(routes.size()));
                do {
                    placeNext();
                } while (severalContacts && !waysLeft.isEmpty());
            }
        }
    }

    private String waysInWords(int ways) {
        if (ways == 1) {
            return "INVITE";
        }
        return severalContacts
                ? "INVITE to all " + ways + " contacts"
                : "INVITE to the first of " + ways + ", the others in turn if it fails";
    }

    private int nobodyThere() {
        return switch (target) {
            case DialTarget.Phone _ -> DECLINE;
            case DialTarget.Sip _, DialTarget.Teams _ -> SERVICE_UNAVAILABLE;
            case DialTarget.User _ -> NOT_FOUND;
        };
    }

    /** No INVITE leaves. What could never become one (500) was not even tried. */
    private void nowhere(int sipStatus, String reason) {
        if (sipStatus == DECLINE && target instanceof DialTarget.Phone) {
            fork.call().alert("no-carrier", "no carrier for an outbound call");
        }
        if (sipStatus != SERVER_ERROR) {
            report(LegStatus.TRYING, TRYING, "");
        }
        fork.explain(name + ": nowhere to send an INVITE");
        fail(new Failure(sipStatus, reason, null, List.of()));
    }

    private void placeNext() {
        Branch branch = new Branch(this, waysLeft.poll());
        live.add(branch);
        InviteHeaders.From from = InviteHeaders.from(fork.verb(), destination, fromUser);
        branch.place(
                from.user(),
                from.display(),
                from.host(),
                fork.verb().srtp() && target instanceof DialTarget.Sip,
                InviteHeaders.of(fork.call(), fork.verb(), destination, leg));
    }

    /** An INVITE is out. */
    void onTried(Branch branch) {
        leg.sipCallId(branch.sipCallId());
        report(LegStatus.TRYING, TRYING, "");
    }

    void onRinging(int sipStatus, String reason) {
        // Several contacts are one leg to the application: the first that rings is its ringing.
        if (!severalContacts || leg.status() != LegStatus.RINGING) {
            report(LegStatus.RINGING, sipStatus, reason);
        }
        fork.onRinging(this);
    }

    void onEarlyMedia(Branch branch, int sipStatus, String reason) {
        report(LegStatus.EARLY_MEDIA, sipStatus, reason);
        if (severalContacts || !fork.passMedia(branch)) {
            fork.onRinging(this);
        } else {
            mediaPassed = true;
        }
    }

    void onConnected(Branch branch, String reason) {
        leg.sipCallId(branch.sipCallId());
        leg.answeredAt(fork.call().desk().nowNs());
        report(LegStatus.IN_PROGRESS, OK, reason);
        for (Branch other : live) {
            if (other != branch) {
                other.drop(Records.FAILED, COMPLETED_ELSEWHERE);
            }
        }
        live.clear();
        live.add(branch);
        fork.call().desk().disarm(ringTimer);
        if (confirmHook() == null && sendDigits() == null) {
            fork.onConnected(branch);
            return;
        }
        screening = new Screening(this, branch);
        fork.onScreened(branch);
        screening.begin();
    }

    /** The callee may win. */
    void onAccepted(Branch branch) {
        screening = null;
        fork.onConnected(branch);
    }

    /** The callee does not want the call, or its application does not: its leg ends. */
    void onDeclined(String why) {
        screening = null;
        endConnected("declined: " + why, farewell);
        fork.onFailed(this, DialResult.declined(leg.callSid(), leg.sipCallId()));
    }

    private void endConnected(String why, List<Header> headers) {
        for (Branch branch : live) {
            branch.drop(Records.FAILED, headers);
        }
        live.clear();
        fork.explain(name + ": BYE, " + why);
        finish(LegStatus.COMPLETED, OK, "", Leg.BY_US);
    }

    /** Headers for the BYE with which its application hangs up. */
    void endWith(List<Header> headers) {
        farewell = headers;
    }

    /** The callee pressed a key. */
    void onKey(char key) {
        if (screening != null) {
            screening.onKey(key);
        } else {
            fork.onCalleeKey(this, key);
        }
    }

    void onFailed(Branch branch, Failure failure) {
        live.remove(branch);
        failures.add(failure);
        int sipStatus = failure.sipStatus();
        boolean secured = branch.route().srtp() != Srtp.NONE && target instanceof DialTarget.Phone;
        if (!waysLeft.isEmpty() && !secured && FailOver.goesOn(target, sipStatus, mediaPassed)) {
            fork.explain(name + ": " + sipStatus + ", trying the next way");
            placeNext();
        } else if (live.isEmpty()) {
            fail(severalContacts ? failures.get(best()) : failure);
        } else {
            fork.explain(name + ": one contact failed with " + sipStatus + ", others go on");
        }
    }

    private int best() {
        return FailOver.best(failures.stream().map(Failure::sipStatus).toList());
    }

    private void fail(Failure failure) {
        if (failure.sipCallId() != null) {
            leg.sipCallId(failure.sipCallId());
        }
        LegStatus status = LegStatus.ofFailure(failure.sipStatus());
        fork.explain(name + ": " + status.word() + " " + failure.sipStatus());
        leg.endHeaders(failure.headers());
        finish(status, failure.sipStatus(), failure.reason(), Leg.BY_CALLER);
        fork.onFailed(this, DialResult.failed(failure.sipStatus(), leg.callSid(), leg.sipCallId()));
    }

    /** The far end of the connected leg hung up. */
    void onClosed(ControlEvent.Ended event) {
        String by = event.cause() == Cause.FAR_END_BYE ? Leg.BY_CALLER : Leg.BY_US;
        leg.endHeaders(event.headers());
        fork.explain(name + ": " + Records.end(event.cause()));
        finish(LegStatus.COMPLETED, OK, "", by);
        if (screening == null) {
            fork.onClosed();
        } else {
            endScreening();
            fork.onFailed(this, DialResult.declined(leg.callSid(), leg.sipCallId()));
        }
    }

    private void endScreening() {
        if (screening != null) {
            screening.stop();
            screening = null;
        }
    }

    /** The fork wants this target no longer; connected or not, it is over. */
    void drop(String why, String recorded) {
        drop(why, recorded, List.of());
    }

    /** Another target won: this one's far end is told so, lest it shows a missed call. */
    void lose() {
        drop("another target won", Records.FAILED, leg.answered() ? List.of() : COMPLETED_ELSEWHERE);
    }

    private void drop(String why, String recorded, List<Header> headers) {
        if (!begun || leg.isOver()) {
            return;
        }
        endScreening();
        for (Branch branch : live) {
            branch.drop(recorded, headers);
        }
        live.clear();
        boolean connected = leg.answered();
        fork.explain(name + (connected ? ": BYE, " : ": cancelled, ") + why);
        if (connected) {
            finish(LegStatus.COMPLETED, OK, "", Leg.BY_US);
        } else {
            finish(LegStatus.NO_ANSWER, REQUEST_TERMINATED, "", Leg.BY_US);
        }
    }

    private void report(LegStatus status, int sipStatus, String reason) {
        if (leg.advance(status, sipStatus, reason)) {
            fork.reported(this);
            fork.explain(name + ": " + status.word() + " " + sipStatus);
            fork.call().tell(leg);
        }
    }

    private void finish(LegStatus status, int sipStatus, String reason, String by) {
        fork.call().desk().disarm(ringTimer);
        if (leg.finish(status, sipStatus, reason, by, fork.call().desk().nowNs())) {
            fork.reported(this);
            fork.call().tell(leg);
        }
    }

    /** What its application is, null = nobody is asked. */
    HookSpec confirmHook() {
        HookSpec own = destination.confirmHook();
        return own == null ? fork.verb().screen().hook() : own;
    }

    /** Keys that it is sent when it answered, null = none. */
    String sendDigits() {
        return destination.sendDigits();
    }

    Verb.Ring ring() {
        return destination.ring();
    }

    /** The timer that ends its ringing. */
    void ringTimer(long timer) {
        ringTimer = timer;
    }

    /** Whether it answered, and is being asked. */
    boolean isScreened() {
        return screening != null;
    }

    /** Gives its leg away: what becomes of it is not the fork's any more. */
    Branch release() {
        Branch branch = live.getFirst();
        live.clear();
        return branch;
    }

    /** Its leg while it is connected to the caller, else null. */
    Call.LegParty party() {
        return fork.isConnected(this)
                ? new Call.LegParty(fork.call(), leg, live.getFirst().leg())
                : null;
    }

    /** Whether it was its turn. */
    boolean begun() {
        return begun;
    }

    /** Whether it cannot win any more. */
    boolean isOver() {
        return leg.isOver();
    }

    Fork fork() {
        return fork;
    }

    Leg leg() {
        return leg;
    }

    DialTarget target() {
        return target;
    }

    /** For explanations: no number, no URI. */
    String name() {
        return name;
    }
}
