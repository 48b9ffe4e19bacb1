package io.hookswitch.control.call;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.Directory;
import io.hookswitch.control.dial.ReasonPhrase;
import io.hookswitch.engine.message.LegHandle;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The brain: one event in, commands out, in the order in which they must be carried out. No clock, no randomness, no
 * I/O of its own: the same events with the same times and entropy give the same commands.
 *
 * <p>Numbers that control makes (calls, branches, timers) carry the number of the core that owns the call where a leg
 * handle has it: {@code LegHandle.core(number)} tells where a command goes.
 */
public final class Control {
    private static final int REQUEST_TERMINATED = 487;
    private static final int SERVER_ERROR = 500;

    private final Directory directory;
    private final Desk desk;

    /** @param directory is asked at each new call. */
    public Control(ControlSettings settings, Directory directory) {
        this.directory = Objects.requireNonNull(directory);
        desk = new Desk(Objects.requireNonNull(settings));
    }

    /**
     * Decides on one event.
     *
     * <p>When a decision fails, the one call that the event is about is ended: its legs, with their final statuses and
     * records, and the hook of its dial is asked; the commands for it are in {@code out}, and the failure is thrown on.
     *
     * @param nowNs of a clock that never goes back
     * @param entropyHigh with {@code entropyLow}: 128 random bits, new for each event; identifiers are made from them
     * @param out commands are appended here; nothing is remembered of the list
     */
    public void on(ControlEvent event, long nowNs, long entropyHigh, long entropyLow, List<ControlCommand> out) {
        desk.begin(nowNs, entropyHigh, entropyLow, Objects.requireNonNull(out));
        try {
            decide(event);
        } catch (RuntimeException | StackOverflowError e) {
            abandon(event, e);
            throw e;
        } finally {
            desk.end();
        }
    }

    /** A bug of ours costs the one call that the event is about, or the one leg when no call is known yet. */
    private void abandon(ControlEvent event, Throwable failure) {
        if (desk.call() != null) {
            desk.call().abandon(failure);
            return;
        }
        long leg =
                switch (event) {
                    case ControlEvent.Offered offered -> offered.leg();
                    case ControlEvent.Invited invited -> invited.leg();
                    case ControlEvent.Answered answered -> answered.leg();
                    default -> LegHandle.NONE;
                };
        if (leg != LegHandle.NONE) {
            desk.send(new ControlCommand.End(leg, SERVER_ERROR, ReasonPhrase.of(SERVER_ERROR), List.of()));
        }
    }

    private void decide(ControlEvent event) {
        switch (event) {
            case ControlEvent.Offered offered -> onOffered(offered);
            case ControlEvent.Invited invited -> onInvited(invited);
            case ControlEvent.DialRefused refused -> {
                Branch branch = desk.placed(refused.reference());
                if (branch != null) {
                    branch.onRefused(refused);
                }
            }
            case ControlEvent.Progressed progressed -> {
                LegOwner owner = desk.owner(progressed.leg());
                if (owner != null) {
                    owner.onProgressed(progressed);
                }
            }
            case ControlEvent.Answered answered -> onAnswered(answered);
            case ControlEvent.Ended ended -> {
                LegOwner owner = desk.ended(ended.leg());
                if (owner != null) {
                    owner.onEnded(ended);
                }
            }
            case ControlEvent.CommandRefused refused -> {
                LegOwner owner = desk.owner(refused.leg());
                if (owner != null) {
                    owner.onCommandRefused(refused);
                }
            }
            case ControlEvent.TimerExpired(long timer) -> {
                Runnable expiry = desk.expired(timer);
                if (expiry != null) {
                    expiry.run();
                }
            }
            case ControlEvent.DigitsSent(long reference, boolean sent) -> tell(desk.pressed(reference), sent);
            case ControlEvent.HookAnswered(long hook, HookOutcome outcome) -> tell(desk.answered(hook), outcome);
            case ControlEvent.Resolved(long resolution, Resolution result) -> tell(desk.resolved(resolution), result);
            case ControlEvent.UpdateCall(long request, String account, String callSid, CallUpdate update) ->
                LiveUpdate.apply(desk, request, desk.known(account, callSid), desk.isPast(account, callSid), update);
            case ControlEvent.AskCalls(long request, String account, String callSid) ->
                desk.send(new ControlCommand.CallsTold(request, desk.told(account, callSid)));
            case ControlEvent.Played played -> tell(desk.played(played.play()), played);
            case ControlEvent.TapEnded ended -> desk.tapEnded(ended);
            case ControlEvent.Transcribed result -> desk.transcribed(result);
            case ControlEvent.AnswerHeard heard -> desk.answerHeard(heard);
            case ControlEvent.Referred referred -> Referral.begin(desk, referred);
            case ControlEvent.Requested requested -> InDialog.onRequest(desk, requested);
            case ControlEvent.RequestAnswered answered -> tell(desk.requested(answered.reference()), answered);
            case ControlEvent.Held(long leg, boolean holds) -> Fork.onHold(desk.owner(leg), holds);
            case ControlEvent.DigitPressed(long leg, char digit, int durationMs) -> {
                desk.keyMs(durationMs);
                LegOwner owner = desk.owner(leg);
                if (owner != null) {
                    owner.onKey(digit);
                }
            }
        }
    }

    private static <T> void tell(Consumer<T> who, T what) {
        if (who != null) {
            who.accept(what);
        }
    }

    private void onOffered(ControlEvent.Offered offered) {
        Call call = new Call(desk, offered, account(offered.incoming()));
        desk.concerns(call);
        call.begin();
    }

    private void onInvited(ControlEvent.Invited invited) {
        Branch branch = desk.placed(invited.reference());
        if (branch != null) {
            branch.onPlaced(invited);
        } else {
            endStray(invited.leg());
        }
    }

    /** Glare: an answer that was on its way when its leg was ended, or a leg nobody knows: it is ended, always. */
    private void onAnswered(ControlEvent.Answered answered) {
        LegOwner owner = desk.owner(answered.leg());
        if (owner != null) {
            owner.onAnswered(answered);
        } else {
            endStray(answered.leg());
        }
    }

    private void endStray(long leg) {
        desk.send(new ControlCommand.End(leg, REQUEST_TERMINATED, ReasonPhrase.of(REQUEST_TERMINATED), List.of()));
    }

    private Account account(IncomingCall incoming) {
        String name = incoming.origin().account();
        String trunk = "";
        Optional<Directory.Application> application =
                switch (incoming.origin()) {
                    case Origin.Carrier(String account, String carrier) -> {
                        trunk = carrier;
                        yield directory.applicationForCarrier(account, carrier, incoming.toUser());
                    }
                    case Origin.User(String account, String user) -> directory.applicationForUser(account, user);
                };
        return new Account(name, directory.accountSid(name), trunk, application.orElse(null));
    }

    /**
     * The one thing that calls share: numbers are given to all of them in turn. With the event, its time, its entropy
     * and what the directory answers it is all that the commands of an event depend on.
     *
     * @return how many numbers have been made
     */
    public long numbers() {
        return desk.numbers();
    }

    /** Goes on behind so many numbers, before an event of a journal is decided on again. */
    public void numbers(long made) {
        desk.numbers(made);
    }

    /** @return number of the call that the last event was about, 0 = none that is known. */
    public long concerned() {
        return desk.concerned();
    }

    /** @return whether the last event left nothing open of its call: no other will be about it. */
    public boolean isOver() {
        return desk.isOver();
    }

    /** @return whether a call's number was made behind so many numbers. */
    public static boolean isMadeAfter(long call, long numbers) {
        return Desk.ordinal(call) > numbers;
    }

    /** @return number of legs that are known, callers' and dialled ones. */
    public int legs() {
        return desk.legs();
    }

    /**
     * @return number of things that something is still awaited for: legs, branches without a leg, timers, hooks,
     * resolutions; 0 when no call is left.
     */
    public int pending() {
        return desk.pending();
    }
}
