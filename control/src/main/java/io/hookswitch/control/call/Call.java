package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.dial.DialResult;
import io.hookswitch.control.dial.LegStatus;
import io.hookswitch.control.dial.ReasonPhrase;
import io.hookswitch.control.verb.Verb;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.CoreCommand;
import java.util.ArrayList;
import java.util.List;

/** One caller's leg, the application that is asked about it, and the verbs it runs, one after the other. */
final class Call implements LegOwner, Party {
    private static final int OK = 200;
    private static final int REQUEST_TERMINATED = 487;
    private static final int SERVER_ERROR = 500;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int DECLINE = 603;
    private static final int FIRST_FAILURE = 300;
    private static final int MAX_X_REASON = 900;
    private static final int RINGING = 180;
    private static final int SESSION_PROGRESS = 183;

    private enum Caller {
        UNANSWERED,
        ANSWERED,
        GONE
    }

    private final Desk desk;
    private final long number;
    private final long callerLeg;
    private final IncomingCall incoming;
    private final Account account;
    private final Leg leg;
    private final String traceId;
    private final long offeredAtNs;
    private final Ledger ledger = new Ledger();
    private final VerbRunner runner;
    private Caller caller = Caller.UNANSWERED;
    private boolean hasEarlyMedia;
    private HookSpec statusHook;
    private Fork fork;
    /** The INVITE that this call came from when it was a dialled leg once, else null. */
    private Branch splitOff;
    /** This call, those split off it, and what it was split off from; the eldest first. One journal has them all. */
    private final List<Call> family;
    /** The application is being replaced: what ends now is not gone on from. */
    private boolean replacing;

    private final Whispers whispers = new Whispers();
    private final CallRecording recording = new CallRecording(this);

    Call(Desk desk, ControlEvent.Offered offered, Account account) {
        this.desk = desk;
        this.account = account;
        number = desk.number(offered.leg());
        callerLeg = offered.leg();
        incoming = offered.incoming();
        offeredAtNs = desk.nowNs();
        String trunk = account.inboundTrunk().isEmpty() ? null : account.inboundTrunk();
        leg = new Leg(
                new Leg.Names(
                        desk.identifiers().uuid(),
                        null,
                        "inbound",
                        incoming.fromUser(),
                        incoming.toUser(),
                        null,
                        SipAddress.host(incoming.source()),
                        trunk,
                        null),
                incoming.sipCallId());
        traceId = desk.identifiers().traceId();
        statusHook = account.statusHook();
        runner = new VerbRunner(this, desk, account.application() == null ? "" : account.base());
        ledger.legs.add(callerLeg);
        ledger.untold.add(leg);
        family = new ArrayList<>(List.of(this));
    }

    /** A callee that is split off: its leg goes on as a call of its own, with its call_sid. */
    private Call(Call parent, Branch branch) {
        desk = parent.desk;
        account = parent.account;
        splitOff = branch;
        number = desk.number(branch.leg());
        callerLeg = branch.leg();
        leg = branch.child().leg();
        incoming = branch.asCaller();
        offeredAtNs = desk.nowNs();
        traceId = parent.traceId;
        statusHook = parent.statusHook;
        runner = new VerbRunner(this, desk, parent.base());
        caller = Caller.ANSWERED;
        ledger.legs.add(callerLeg);
        ledger.untold.add(leg);
        parent.ledger.legs.remove(callerLeg);
        parent.ledger.untold.remove(leg);
        parent.ledger.unrecorded.remove(branch);
        family = parent.family;
        family.add(this);
    }

    /** Takes the call: asks its application, or refuses it when there is none. */
    void begin() {
        desk.follow(callerLeg, this);
        desk.know(this, leg, null);
        desk.explain(leg.callSid(), "call offered by " + originInWords());
        if (account.application() == null) {
            refuse("no configured application");
            return;
        }
        desk.explain(
                leg.callSid(), "asking application " + account.application().name() + " what to do");
        desk.ask(account, base(), account.application().callHook(), Payloads.first(this), this::onApplication);
    }

    private String originInWords() {
        return switch (incoming.origin()) {
            case Origin.Carrier(String _, String name) -> "carrier " + name;
            case Origin.User(String _, String name) -> "user " + name;
        };
    }

    private void onApplication(HookOutcome outcome) {
        HookReply reply = HookReply.of(outcome);
        if (reply instanceof HookReply.Bad(String alert, String text)) {
            alert(alert, text);
        }
        if (caller == Caller.GONE) {
            desk.explain(leg.callSid(), "the application answered, but the caller is gone: ignored");
            return;
        }
        switch (reply) {
            case HookReply.Verbs application -> {
                report(LegStatus.TRYING, 100, "");
                runner.run(application);
            }
            case HookReply.Empty _ -> {
                alert(HookReply.INVALID_PAYLOAD, "the first answer of an application must be an array of verbs");
                refuse("application returned no verbs");
            }
            case HookReply.Bad(String _, String text) -> refuse(text);
        }
    }

    /** The caller is refused before anything was done for it; the application hears no status of it. */
    private void refuse(String why) {
        int sipStatus = desk.settings().firstHookFailureStatus();
        desk.explain(leg.callSid(), "caller refused with " + sipStatus + ": " + why);
        end(sipStatus, "", List.of(new Header("X-Reason", headerText(why))));
        leg.finish(LegStatus.FAILED, sipStatus, "", Leg.BY_US, desk.nowNs());
        ledger.untold.remove(leg);
        desk.over(this, leg);
        gone(Records.FAILED);
    }

    @Override
    public void alert(String message) {
        if (caller == Caller.UNANSWERED) {
            desk.send(new ControlCommand.Progress(callerLeg, RINGING, 0, List.of(new Header("Alert-Info", message))));
        }
    }

    @Override
    public void dial(Verb.Dial dial) {
        fork = new Fork(this, dial);
        fork.begin();
    }

    @Override
    public void hangUp(List<Header> headers) {
        complete(headers);
    }

    @Override
    public void decline(Verb.SipDecline decline) {
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("X-Reason", "SIP Decline Verb"));
        headers.addAll(decline.headers());
        desk.explain(leg.callSid(), "application declines with " + decline.sipStatus());
        end(decline.sipStatus(), decline.reason(), List.copyOf(headers));
        finish(LegStatus.FAILED, decline.sipStatus(), decline.reason(), Leg.BY_US, Records.FAILED);
    }

    /** A caller may be told anything. */
    @Override
    public String refuses(Verb verb) {
        return null;
    }

    @Override
    public void fail(String why) {
        desk.explain(leg.callSid(), why);
        runOut();
    }

    @Override
    public void runOut() {
        if (caller == Caller.ANSWERED) {
            desk.explain(leg.callSid(), "no verb left: BYE to the caller");
            complete(List.of());
        } else {
            desk.explain(leg.callSid(), "no verb left and never answered: 603 to the caller");
            end(DECLINE, "", List.of());
            finish(LegStatus.FAILED, DECLINE, "", Leg.BY_US, Records.FAILED);
        }
    }

    private void complete(List<Header> headers) {
        end(OK, "", headers);
        finish(LegStatus.COMPLETED, OK, "", Leg.BY_US, Records.CALLED_PARTY_HUNG_UP);
    }

    @Override
    public void answer() {
        answer(0);
    }

    @Override
    public void passEarlyMedia() {
        passEarlyMedia(callerLeg);
    }

    /** Gives an unanswered caller media without an answer, once. {@code like} = leg whose codec leads, or its own. */
    void passEarlyMedia(long like) {
        if (caller == Caller.UNANSWERED && !hasEarlyMedia) {
            hasEarlyMedia = true;
            desk.send(new ControlCommand.Progress(callerLeg, SESSION_PROGRESS, like));
        }
    }

    /** Whether the caller hears something that is no answer. */
    boolean hasEarlyMedia() {
        return hasEarlyMedia;
    }

    /** Sends 200 to the caller, once. {@code like} = leg whose codec leads, 0 = none. */
    void answer(long like) {
        if (caller != Caller.UNANSWERED) {
            return;
        }
        caller = Caller.ANSWERED;
        desk.send(new ControlCommand.Answer(callerLeg, like, List.of(new Header("X-Call-Sid", leg.callSid()))));
        leg.answeredAt(desk.nowNs());
        desk.explain(leg.callSid(), "caller answered with 200");
        report(LegStatus.IN_PROGRESS, OK, "");
    }

    @Override
    public boolean unanswered() {
        return caller == Caller.UNANSWERED;
    }

    private void end(int sipStatus, String reason, List<Header> headers) {
        end(callerLeg, sipStatus, reason, headers);
    }

    private void end(long which, int sipStatus, String reason, List<Header> headers) {
        desk.forget(which);
        desk.send(new ControlCommand.End(which, sipStatus, ReasonPhrase.of(sipStatus, reason), headers));
    }

    private void report(LegStatus status, int sipStatus, String reason) {
        if (leg.advance(status, sipStatus, reason)) {
            tell(leg);
        }
    }

    /** Tells the application's status hook where a leg stands. */
    void tell(Leg about) {
        if (statusHook != null) {
            desk.send(new ControlCommand.NotifyStatus(
                    about.callSid(), account.name(), base(), statusHook, Payloads.of(this, about)));
        }
        if (about.isOver()) {
            ledger.untold.remove(about);
            desk.over(this, about);
        }
    }

    private void finish(LegStatus status, int sipStatus, String reason, String by, String recorded) {
        if (leg.finish(status, sipStatus, reason, by, desk.nowNs())) {
            tell(leg);
        }
        gone(recorded);
    }

    /** The caller's leg is over and told of: nothing of the call goes on. */
    private void gone(String recorded) {
        caller = Caller.GONE;
        runner.stop();
        whispers.stop();
        recording.stop();
        writeRecord(recorded);
        if (fork != null) {
            fork.onCallerGone();
        }
    }

    private void writeRecord(String reason) {
        boolean answered = leg.status() == LegStatus.COMPLETED;
        if (splitOff != null) {
            splitOff.recordSplitOff(leg.sipStatus(), reason);
            ledger.callerUnrecorded = false;
            return;
        }
        desk.send(Records.caller(this, new Records.Times(offeredAtNs, answered, leg.answeredAtNs()), reason));
        ledger.callerUnrecorded = false;
    }

    /**
     * A step of ours failed, wherever it was: ends everything that the ledger says is open, tells and records what is
     * owed, asks the hook of a dial that has not been asked. Each of it is done though another fails too.
     *
     * @param failure what else fails is added to it
     */
    void abandon(Throwable failure) {
        attempt(
                failure,
                () -> desk.explain(
                        leg.callSid(),
                        "a step of ours failed (" + failure.getClass().getSimpleName() + "): the call is ended"));
        caller = Caller.GONE;
        attempt(failure, runner::stop);
        for (long number : List.copyOf(ledger.awaited)) {
            attempt(failure, () -> desk.forgetAwaited(number));
        }
        for (long open : List.copyOf(ledger.legs)) {
            attempt(failure, () -> end(open, SERVER_ERROR, "", List.of()));
        }
        for (Leg owed : List.copyOf(ledger.untold)) {
            attempt(failure, () -> tellAbandoned(owed));
        }
        for (Branch owed : List.copyOf(ledger.unrecorded)) {
            attempt(failure, owed::recordAbandoned);
        }
        if (ledger.callerUnrecorded) {
            attempt(failure, () -> writeRecord(Records.FAILED));
        }
        if (fork != null) {
            attempt(failure, () -> onDialEnded(fork.verb(), fork.abandoned()));
        }
    }

    private static void attempt(Throwable failure, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | StackOverflowError e) {
            failure.addSuppressed(e);
        }
    }

    private void tellAbandoned(Leg owed) {
        boolean answered = owed.answered();
        owed.finish(
                answered ? LegStatus.COMPLETED : LegStatus.FAILED,
                answered ? OK : SERVER_ERROR,
                "",
                Leg.BY_US,
                desk.nowNs());
        tell(owed);
    }

    /** A dial came to its end: its hook is asked, whatever the outcome, whoever is still there. */
    void onDialEnded(Verb.Dial dial, DialResult result) {
        desk.explain(leg.callSid(), "dial ended: " + result.status().word() + " " + result.sipStatus());
        if (dial.actionHook() == null) {
            fork = null;
            if (!replacing) {
                runner.goOn();
            }
            return;
        }
        runner.ask(dial.actionHook(), Payloads.dialEnded(this, dial.id(), result));
        // Behind it: as long as the hook was not asked it is owed.
        fork = null;
    }

    /** Number that the journal has it under: the eldest's of its family. */
    long journal() {
        return family.getFirst().number;
    }

    /** Whether nothing of its family is open: no event will be about any of them. */
    boolean isSettled() {
        return family.stream().allMatch(one -> one.ledger.isClosed());
    }

    /** What runs on the caller's leg. */
    VerbRunner runner() {
        return runner;
    }

    /** The dial that runs, null = none. */
    Fork fork() {
        return fork;
    }

    /** Whether the caller's leg is over. */
    boolean isGone() {
        return caller == Caller.GONE;
    }

    /** While the application is being replaced: what ends then is not gone on from. */
    void replacing(boolean isBeingReplaced) {
        replacing = isBeingReplaced;
    }

    /** Makes a call of its own of a callee's leg that nobody else owns any more. */
    Call splitOff(Branch branch) {
        Call callee = new Call(this, branch);
        desk.follow(callee.callerLeg, callee);
        desk.know(callee, callee.leg, null);
        return callee;
    }

    /** Hangs up on an answered caller. */
    String hangUpNow() {
        desk.explain(leg.callSid(), "a request hangs up");
        complete(List.of());
        return null;
    }

    /** Refuses a caller that was not answered. */
    String refuseNow() {
        desk.explain(leg.callSid(), "a request refuses the call");
        end(SERVICE_UNAVAILABLE, "", List.of());
        finish(LegStatus.FAILED, SERVICE_UNAVAILABLE, "", Leg.BY_US, Records.FAILED);
        return null;
    }

    /** A leg that hears and is heard. */
    record LegParty(Call call, Leg leg, long handle) {}

    LegParty party() {
        return new LegParty(this, leg, callerLeg);
    }

    /** What single legs alone hear. */
    Whispers whispers() {
        return whispers;
    }

    /** What a server records of the call. */
    CallRecording recording() {
        return recording;
    }

    @Override
    public void onKey(char key) {
        if (fork == null) {
            runner.onKey(key);
        } else {
            fork.onCallerKey(key);
        }
    }

    @Override
    public void onEnded(ControlEvent.Ended event) {
        boolean byCaller = event.cause() == Cause.FAR_END_BYE || event.cause() == Cause.FAR_END_CANCEL;
        String by = byCaller ? Leg.BY_CALLER : Leg.BY_US;
        leg.endHeaders(event.headers());
        if (caller == Caller.ANSWERED && wasConfirmed(event.cause())) {
            desk.explain(leg.callSid(), "caller: " + Records.end(event.cause()));
            finish(LegStatus.COMPLETED, OK, "", by, byCaller ? Records.CALLER_HUNG_UP : Records.FAILED);
            return;
        }
        // Also the caller's CANCEL that crossed our 200: it never saw an answer, whatever was told meanwhile.
        int sipStatus = event.sipStatus() >= FIRST_FAILURE ? event.sipStatus() : REQUEST_TERMINATED;
        desk.explain(leg.callSid(), "caller gone before the call was answered: " + sipStatus);
        finish(
                LegStatus.ofFailure(sipStatus),
                sipStatus,
                event.reason(),
                by,
                byCaller ? Records.CALLER_ABANDONED : Records.FAILED);
    }

    /** Whether a leg that we answered can have been up when it ended so. */
    private static boolean wasConfirmed(int cause) {
        return switch (cause) {
            case Cause.FAR_END_CANCEL, Cause.REJECTED, Cause.NO_COMMON_MEDIA, Cause.BAD_REQUEST, Cause.NO_RESOURCES ->
                false;
            default -> true;
        };
    }

    /** A caller that cannot be answered must not be kept ringing. */
    @Override
    public void onCommandRefused(ControlEvent.CommandRefused event) {
        if (event.commandType() == CoreCommand.ANSWER) {
            desk.explain(leg.callSid(), "the 200 could not be sent: call ended with 500");
            end(SERVER_ERROR, "", List.of());
            finish(LegStatus.FAILED, SERVER_ERROR, "", Leg.BY_US, Records.FAILED);
        }
    }

    /** Nothing of a caller: provisionals and answers are a dialled leg's. */
    @Override
    public void onProgressed(ControlEvent.Progressed event) {
        desk.explain(leg.callSid(), "a provisional response on the caller's leg: ignored");
    }

    @Override
    public void onAnswered(ControlEvent.Answered event) {
        desk.explain(leg.callSid(), "an answer on the caller's leg: ignored");
    }

    /** Tells the account's owner. */
    void alert(String type, String message) {
        desk.send(new ControlCommand.Alert(account.name(), type, message, leg.callSid()));
    }

    private static String headerText(String text) {
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < text.length() && i < MAX_X_REASON; i++) {
            char c = text.charAt(i);
            printable.append(c >= ' ' && c < 0x7F ? c : '?');
        }
        return printable.toString();
    }

    @Override
    public Call call() {
        return this;
    }

    Ledger ledger() {
        return ledger;
    }

    Desk desk() {
        return desk;
    }

    ControlSettings settings() {
        return desk.settings();
    }

    long number() {
        return number;
    }

    long callerLeg() {
        return callerLeg;
    }

    @Override
    public long handle() {
        return callerLeg;
    }

    /** URL that relative hooks are resolved against. */
    String base() {
        return runner.base();
    }

    /** Statuses go there from now on. */
    void statusHook(HookSpec hook) {
        statusHook = hook;
    }

    IncomingCall incoming() {
        return incoming;
    }

    Account account() {
        return account;
    }

    @Override
    public Leg leg() {
        return leg;
    }

    String traceId() {
        return traceId;
    }
}
