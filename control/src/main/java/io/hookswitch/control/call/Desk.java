package io.hookswitch.control.call;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.Participant;
import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlCommand.Track;
import io.hookswitch.control.ControlCommand.Voice;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.ControlEvent.RequestAnswered;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.verb.Verb;
import io.hookswitch.engine.message.LegHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What all calls share: who waits for what, the numbers, and the present event's time, entropy and commands. Tables are
 * looked up, never walked where a decision hangs on it.
 */
final class Desk {
    private static final int CORE_SHIFT = 56;
    private static final int NO_DIALOG = 481;
    /** Legs that are over and can still be read. */
    private static final int MOST_PAST = 4_096;

    private final ControlSettings settings;
    private final Identifiers identifiers = new Identifiers();
    private final Long2ObjectHashMap<LegOwner> legs = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Branch>> placing = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Runnable>> timers = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Consumer<HookOutcome>>> hooks = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Consumer<Resolution>>> resolutions = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Consumer<Boolean>>> keys = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Consumer<RequestAnswered>>> requests = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Waiting<Consumer<Played>>> plays = new Long2ObjectHashMap<>();
    /** Of requests in dialogs that somebody outside waits for: reference, and number of what was asked. */
    private final Long2LongHashMap outside = new Long2LongHashMap(0);
    /** Legs that are not over, by call_sid, in the order of their appearance. */
    private final Map<String, Known> known = new LinkedHashMap<>();
    /** What was told last of legs that are over, by call_sid; the oldest are forgotten. */
    private final Map<String, Past> past = new LinkedHashMap<>();

    private final Long2ObjectHashMap<Waiting<Tapping>> taps = new Long2ObjectHashMap<>();
    private long keyMs;
    private long numbers;
    private long nowNs;
    private List<ControlCommand> out;
    /** Whom the present event is about, null = nobody we know. An event is about one call. */
    private Call call;
    /** Number of the call that the last event was about, 0 = none; for its journal. */
    private long concerned;

    private boolean isOver;

    /** A tap, and who hears of it. */
    private record Tapping(long leg, long otherLeg, TapOwner owner) {}

    /** Who waits for something, and for which call. */
    private record Waiting<T>(Call call, T who) {}

    /** A leg and whose it is; {@code child} null = a caller's. */
    record Known(Call call, Leg leg, Child child) {}

    /** A leg that is over. */
    private record Past(String account, Map<String, Object> told) {}

    Desk(ControlSettings settings) {
        this.settings = settings;
    }

    void begin(long eventNs, long entropyHigh, long entropyLow, List<ControlCommand> commands) {
        nowNs = eventNs;
        identifiers.seed(entropyHigh, entropyLow);
        out = commands;
        call = null;
    }

    /** Forgets the caller's list: nothing may be sent outside an event. */
    void end() {
        concerned = call == null ? 0 : call.journal();
        isOver = call != null && call.isSettled();
        out = null;
        call = null;
    }

    /** @return number of the call that the last event was about, 0 = none. */
    long concerned() {
        return concerned;
    }

    /** @return whether that call has nothing open any more. */
    boolean isOver() {
        return isOver;
    }

    /** @return how many numbers were made. */
    long numbers() {
        return numbers;
    }

    /** Goes on behind so many numbers: a replay makes those that were made then. */
    void numbers(long made) {
        numbers = made;
    }

    /** @return whom the present event is about, null = nobody we know. */
    Call call() {
        return call;
    }

    /** Says whom the present event is about. */
    void concerns(Call one) {
        call = one;
    }

    ControlSettings settings() {
        return settings;
    }

    long nowNs() {
        return nowNs;
    }

    Identifiers identifiers() {
        return identifiers;
    }

    void send(ControlCommand command) {
        out.add(command);
        if (command instanceof ControlCommand.End end && call != null) {
            call.ledger().legs.remove(end.leg());
        }
    }

    void explain(String callSid, String text) {
        out.add(new ControlCommand.Explain(callSid, text));
    }

    /** @return a number never used before, marked with the core of a leg. */
    long number(long legOfCore) {
        return (long) LegHandle.core(legOfCore) << CORE_SHIFT | ++numbers;
    }

    /** @return which one in turn a number is. */
    static long ordinal(long number) {
        return number & (1L << CORE_SHIFT) - 1;
    }

    /** A leg can be asked about by its call_sid from now on. */
    void know(Call of, Leg leg, Child child) {
        known.put(leg.callSid(), new Known(of, leg, child));
    }

    /** A leg is over; for a while it can still be read. */
    void over(Call of, Leg leg) {
        if (known.remove(leg.callSid()) != null) {
            past.put(leg.callSid(), new Past(of.account().name(), Payloads.of(of, leg)));
            if (past.size() > MOST_PAST) {
                past.remove(past.keySet().iterator().next());
            }
        }
    }

    /** @return a leg of an account that is not over, null = there is none; the event is about its call. */
    Known known(String account, String callSid) {
        Known one = known.get(callSid);
        if (one == null || !one.call().account().name().equals(account)) {
            return null;
        }
        call = one.call();
        return one;
    }

    /** @return whether a leg of an account is over that can still be read. */
    boolean isPast(String account, String callSid) {
        Past one = past.get(callSid);
        return one != null && one.account().equals(account);
    }

    /** @return legs of an account, those that are over first; {@code callSid} null = all. */
    List<Map<String, Object>> told(String account, String callSid) {
        List<Map<String, Object>> told = new ArrayList<>();
        past.forEach((sid, one) -> {
            if (one.account().equals(account) && (callSid == null || sid.equals(callSid))) {
                told.add(one.told());
            }
        });
        known.forEach((sid, one) -> {
            if (one.call().account().name().equals(account) && (callSid == null || sid.equals(callSid))) {
                told.add(Payloads.of(one.call(), one.leg()));
            }
        });
        return told;
    }

    void follow(long leg, LegOwner owner) {
        legs.put(leg, owner);
    }

    LegOwner owner(long leg) {
        LegOwner owner = legs.get(leg);
        if (owner != null) {
            call = owner.call();
        }
        return owner;
    }

    /** A leg is over on the wire. @return who followed it, null = nobody. */
    LegOwner ended(long leg) {
        LegOwner owner = owner(leg);
        if (owner != null) {
            call.ledger().legs.remove(leg);
            legs.remove(leg);
        }
        return owner;
    }

    void forget(long leg) {
        legs.remove(leg);
    }

    private <T> void await(Long2ObjectHashMap<Waiting<T>> table, long number, T who) {
        table.put(number, new Waiting<>(call, who));
        call.ledger().awaited.add(number);
    }

    /** @return who waited under a number, null when nobody does any more; from now on nobody does. */
    private <T> T taken(Long2ObjectHashMap<Waiting<T>> table, long number) {
        Waiting<T> waiting = table.remove(number);
        if (waiting == null) {
            return null;
        }
        call = waiting.call();
        call.ledger().awaited.remove(number);
        return waiting.who();
    }

    void place(long reference, Branch branch) {
        await(placing, reference, branch);
    }

    Branch placed(long reference) {
        return taken(placing, reference);
    }

    /** @return the timer's number. */
    long arm(long number, long delayNs, Runnable expiry) {
        long timer = number(number);
        await(timers, timer, expiry);
        send(new ControlCommand.ArmTimer(number, timer, delayNs));
        return timer;
    }

    /** Disarms a timer; one that expired or never was is no matter. */
    void disarm(long timer) {
        if (timers.containsKey(timer)) {
            send(new ControlCommand.DisarmTimer(timer));
            taken(timers, timer);
        }
    }

    /** @return what an armed timer leads to, null when it was disarmed meanwhile. */
    Runnable expired(long timer) {
        return taken(timers, timer);
    }

    /**
     * Sends keys to a leg's far end.
     *
     * @param done told whether the far end could be sent keys
     * @return their number, to forget them by
     */
    long press(long leg, String digits, long keyNs, long pauseNs, Consumer<Boolean> done) {
        long reference = number(leg);
        await(keys, reference, done);
        send(new ControlCommand.SendDigits(leg, reference, digits, keyNs, pauseNs));
        return reference;
    }

    /** As {@link #press}, and nobody wants to know what came of it: the leg may end meanwhile. */
    void pressUnheeded(long leg, String digits, long keyNs, long pauseNs) {
        send(new ControlCommand.SendDigits(leg, number(leg), digits, keyNs, pauseNs));
    }

    /** @return who waits for keys to be sent, null when nobody does any more; from now on nobody does. */
    Consumer<Boolean> pressed(long reference) {
        return taken(keys, reference);
    }

    /**
     * Sends a request in the dialog of a leg.
     *
     * @param contentType null = no body
     * @param done told exactly once what came of it
     * @return its number
     */
    long request(
            long leg,
            String method,
            List<Header> headers,
            String contentType,
            String body,
            Consumer<RequestAnswered> done) {
        long reference = number(leg);
        await(requests, reference, done);
        send(new ControlCommand.Request(leg, reference, method, headers, contentType, body));
        return reference;
    }

    /** As the other one for somebody outside, who is told in any case. @param asked number of what was asked */
    void request(long leg, CallUpdate.SipRequest sip, long asked) {
        long reference = request(leg, sip.method(), sip.headers(), sip.contentType(), sip.body(), answer -> {
            outside.remove(answer.reference());
            send(new ControlCommand.RequestTold(asked, answer.sipStatus(), answer.reason()));
        });
        outside.put(reference, asked);
    }

    /** @return who waits for what a request comes to, null when nobody does any more; from now on nobody does. */
    Consumer<RequestAnswered> requested(long reference) {
        return taken(requests, reference);
    }

    /**
     * Plays files to a leg.
     *
     * @param done told exactly once how it ended, also behind {@link #stopPlay}
     * @return its number, to stop it by
     */
    long play(Party party, String base, Verb.Play verb, Consumer<Played> done) {
        long play = number(party.handle());
        await(plays, play, done);
        String account = party.call().account().name();
        send(new ControlCommand.Play(
                party.handle(), play, account, base, verb.urls(), verb.loops(), verb.offsetSamples(), Track.NONE));
        return play;
    }

    /** Plays a file to a leg on one of its tracks, as {@link #play} plays files. */
    long play(Call.LegParty party, String base, String url, int loops, Track track, Consumer<Played> done) {
        long play = number(party.handle());
        await(plays, play, done);
        String account = party.call().account().name();
        send(new ControlCommand.Play(party.handle(), play, account, base, List.of(url), loops, 0, track));
        return play;
    }

    /** Speaks texts to a leg on one of its tracks. */
    long speak(Call.LegParty party, List<String> texts, Voice voice, int loops, Track track, Consumer<Played> done) {
        long play = number(party.handle());
        await(plays, play, done);
        String account = party.call().account().name();
        send(new ControlCommand.Speak(party.handle(), play, account, texts, voice, loops, track));
        return play;
    }

    /** Speaks texts to a leg, as {@link #play} plays files. */
    long speak(Party party, Verb.Say verb, Voice voice, Consumer<Played> done) {
        long play = number(party.handle());
        await(plays, play, done);
        send(new ControlCommand.Speak(
                party.handle(), play, party.call().account().name(), verb.texts(), voice, verb.loops(), Track.NONE));
        return play;
    }

    /** Stops a playing or speaking; one that is over is no matter. */
    void stopPlay(long leg, long play) {
        if (plays.containsKey(play)) {
            send(new ControlCommand.StopPlay(leg, play));
        }
    }

    /** @return who waits for the end of a playing, null when nobody does any more; from now on nobody does. */
    Consumer<Played> played(long play) {
        return taken(plays, play);
    }

    /**
     * Has a server hear a leg, and another one too unless it is 0.
     *
     * @param owner told exactly once how it ended, also behind {@link #stopTap}
     * @return its number, to stop it by
     */
    long startTap(long leg, long otherLeg, String base, TapSpec spec, TapOwner owner) {
        long tap = number(leg);
        await(taps, tap, new Tapping(leg, otherLeg, owner));
        send(new ControlCommand.Tap(leg));
        if (otherLeg != 0) {
            send(new ControlCommand.Tap(otherLeg));
        }
        send(new ControlCommand.StartTap(tap, leg, otherLeg, call.account().name(), base, spec));
        return tap;
    }

    /** Lets the server of a tap go; one that is over is no matter. */
    void stopTap(long tap) {
        if (taps.containsKey(tap)) {
            send(new ControlCommand.StopTap(tap));
        }
    }

    /** As {@link #steerTaps} for one of them; one that is over is no matter. */
    void steerTap(long tap, TapMode mode) {
        if (taps.containsKey(tap)) {
            send(new ControlCommand.SteerTap(tap, mode));
        }
    }

    /** Has a recorder hear another leg beside the first, 0 = nobody; a tap that is over is no matter. */
    void followTap(long tap, long otherLeg, Participant other) {
        Waiting<Tapping> waiting = taps.get(tap);
        if (waiting == null || waiting.who().otherLeg() == otherLeg) {
            return;
        }
        Tapping before = waiting.who();
        taps.put(tap, new Waiting<>(waiting.call(), new Tapping(before.leg(), otherLeg, before.owner())));
        if (otherLeg != 0) {
            send(new ControlCommand.Tap(otherLeg));
        }
        send(new ControlCommand.FollowTap(tap, otherLeg, other));
        if (before.otherLeg() != 0) {
            send(new ControlCommand.Untap(before.otherLeg()));
        }
    }

    /** Tells the server of a tap something; one that is over is no matter. */
    void tellTap(long tap, Map<String, Object> message) {
        if (taps.containsKey(tap)) {
            send(new ControlCommand.TellTap(tap, message));
        }
    }

    /** Changes what servers hear of a call. @return whether there is one. */
    boolean steerTaps(Call of, boolean transcribes, TapMode mode) {
        boolean found = false;
        for (long number : of.ledger().awaited) {
            Waiting<Tapping> waiting = taps.get(number);
            if (waiting != null && waiting.who().owner().isSteered(transcribes)) {
                send(new ControlCommand.SteerTap(number, mode));
                found = true;
            }
        }
        return found;
    }

    /** A tap is over. */
    void tapEnded(ControlEvent.TapEnded event) {
        Tapping tapping = taken(taps, event.tap());
        if (tapping == null) {
            return;
        }
        send(new ControlCommand.Untap(tapping.leg()));
        if (tapping.otherLeg() != 0) {
            send(new ControlCommand.Untap(tapping.otherLeg()));
        }
        tapping.owner().onEnded(event);
    }

    /** The server of a tap recognised speech. */
    void transcribed(ControlEvent.Transcribed event) {
        Waiting<Tapping> waiting = taps.get(event.tap());
        if (waiting != null) {
            call = waiting.call();
            waiting.who().owner().onTranscribed(event.result());
        }
    }

    /** The detector of a tap made something out. */
    void answerHeard(ControlEvent.AnswerHeard event) {
        Waiting<Tapping> waiting = taps.get(event.tap());
        if (waiting != null) {
            call = waiting.call();
            waiting.who().owner().onAnswerHeard(event);
        }
    }

    /** @return how long the key of the present event was down, ms. */
    long keyMs() {
        return keyMs;
    }

    /** Says how long the key of the present event was down. */
    void keyMs(long ms) {
        keyMs = ms;
    }

    /** Asks a hook of the application; what the hook names for its failure counts instead of it. */
    void ask(Account account, String base, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> reply) {
        if (spec.fallback() == null) {
            askOnce(account, base, spec, payload, reply);
        } else {
            new FallbackHook(this, account, base, payload, reply).ask(spec);
        }
    }

    /** Asks a hook, and takes its failure for what it is. */
    void askOnce(
            Account account, String base, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> reply) {
        long hook = number(0);
        await(hooks, hook, reply);
        send(new ControlCommand.CallHook(hook, account.name(), base, spec, payload));
    }

    Consumer<HookOutcome> answered(long hook) {
        return taken(hooks, hook);
    }

    void resolve(Account account, DialTarget target, Consumer<Resolution> reply) {
        long resolution = number(0);
        await(resolutions, resolution, reply);
        send(new ControlCommand.Resolve(resolution, account.name(), account.inboundTrunk(), target));
    }

    Consumer<Resolution> resolved(long resolution) {
        return taken(resolutions, resolution);
    }

    /**
     * Nothing of the present call is awaited under a number any more, whatever it was. A timer is disarmed; a branch
     * must still hear whether there is a leg to end.
     */
    void forgetAwaited(long number) {
        Waiting<Branch> branch = placing.get(number);
        if (branch != null) {
            branch.who().drop(Records.FAILED);
            return;
        }
        disarm(number);
        hooks.remove(number);
        resolutions.remove(number);
        keys.remove(number);
        requests.remove(number);
        if (outside.containsKey(number)) {
            send(new ControlCommand.RequestTold(outside.remove(number), NO_DIALOG, ""));
        }
        plays.remove(number);
        stopTap(number);
        taps.remove(number);
        call.ledger().awaited.remove(number);
    }

    int legs() {
        return legs.size();
    }

    /** Everything that something is awaited for. */
    int pending() {
        return legs.size()
                + placing.size()
                + timers.size()
                + hooks.size()
                + resolutions.size()
                + keys.size()
                + requests.size()
                + plays.size()
                + taps.size();
    }
}
