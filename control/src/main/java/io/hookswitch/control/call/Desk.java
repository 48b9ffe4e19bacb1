package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.DialTarget;
import io.hookswitch.engine.message.LegHandle;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What all calls share: who waits for what, the numbers, and the present event's time, entropy and commands. Tables are
 * looked up, never walked, so no order of theirs can leak into a decision.
 */
final class Desk {
    private static final int CORE_SHIFT = 56;

    private final ControlSettings settings;
    private final Identifiers identifiers = new Identifiers();
    private final Long2ObjectHashMap<LegOwner> legs = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Branch> placing = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Runnable> timers = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Consumer<HookOutcome>> hooks = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Consumer<Resolution>> resolutions = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<Consumer<Boolean>> keys = new Long2ObjectHashMap<>();
    private long numbers;
    private long nowNs;
    private List<ControlCommand> out;

    Desk(ControlSettings settings) {
        this.settings = settings;
    }

    void begin(long eventNs, long entropyHigh, long entropyLow, List<ControlCommand> commands) {
        nowNs = eventNs;
        identifiers.seed(entropyHigh, entropyLow);
        out = commands;
    }

    /** Forgets the caller's list: nothing may be sent outside an event. */
    void end() {
        out = null;
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
    }

    void explain(String callSid, String text) {
        out.add(new ControlCommand.Explain(callSid, text));
    }

    /** @return a number never used before, marked with the core of a leg. */
    long number(long legOfCore) {
        return (long) LegHandle.core(legOfCore) << CORE_SHIFT | ++numbers;
    }

    void follow(long leg, LegOwner owner) {
        legs.put(leg, owner);
    }

    LegOwner owner(long leg) {
        return legs.get(leg);
    }

    LegOwner forget(long leg) {
        return legs.remove(leg);
    }

    void place(long reference, Branch branch) {
        placing.put(reference, branch);
    }

    Branch placed(long reference) {
        return placing.remove(reference);
    }

    /** @return the timer's number. */
    long arm(long call, long delayNs, Runnable expiry) {
        long timer = number(call);
        timers.put(timer, expiry);
        send(new ControlCommand.ArmTimer(call, timer, delayNs));
        return timer;
    }

    /** Disarms a timer; one that expired or never was is no matter. */
    void disarm(long timer) {
        if (timers.remove(timer) != null) {
            send(new ControlCommand.DisarmTimer(timer));
        }
    }

    /** @return what an armed timer leads to, null when it was disarmed meanwhile. */
    Runnable expired(long timer) {
        return timers.remove(timer);
    }

    /**
     * Sends keys to a leg's far end.
     *
     * @param done told whether the far end could be sent keys
     * @return their number, to forget them by
     */
    long press(long leg, String digits, long keyNs, long pauseNs, Consumer<Boolean> done) {
        long reference = number(leg);
        keys.put(reference, done);
        send(new ControlCommand.SendDigits(leg, reference, digits, keyNs, pauseNs));
        return reference;
    }

    /** @return who waits for keys to be sent, null when nobody does any more; from now on nobody does. */
    Consumer<Boolean> pressed(long reference) {
        return keys.remove(reference);
    }

    void ask(Account account, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> reply) {
        long hook = number(0);
        hooks.put(hook, reply);
        send(new ControlCommand.CallHook(hook, account.name(), account.base(), spec, payload));
    }

    Consumer<HookOutcome> answered(long hook) {
        return hooks.remove(hook);
    }

    void resolve(Account account, DialTarget target, Consumer<Resolution> reply) {
        long resolution = number(0);
        resolutions.put(resolution, reply);
        send(new ControlCommand.Resolve(resolution, account.name(), account.inboundTrunk(), target));
    }

    Consumer<Resolution> resolved(long resolution) {
        return resolutions.remove(resolution);
    }

    int legs() {
        return legs.size();
    }

    /** Everything that something is awaited for. */
    int pending() {
        return legs.size() + placing.size() + timers.size() + hooks.size() + resolutions.size() + keys.size();
    }
}
