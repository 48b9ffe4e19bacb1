package io.hookswitch.server.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counted by the control thread, read by any. */
public final class ControlCounters {
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong commands = new AtomicLong();
    private final AtomicLong heldCommands = new AtomicLong();
    private final AtomicLong hooks = new AtomicLong();
    private final AtomicLong shedCalls = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong explained = new AtomicLong();
    private final AtomicLong legs = new AtomicLong();

    private static void count(AtomicLong counter) {
        // One writer: no atomic add is needed.
        counter.setRelease(counter.getPlain() + 1);
    }

    void event() {
        count(events);
    }

    void command() {
        count(commands);
    }

    void held() {
        count(heldCommands);
    }

    void hook() {
        count(hooks);
    }

    void shed() {
        count(shedCalls);
    }

    void failure() {
        count(failures);
    }

    void explained() {
        count(explained);
    }

    void legs(int now) {
        legs.setRelease(now);
    }

    /** @return legs that control knows and that are not over. */
    public long legs() {
        return legs.getAcquire();
    }

    /** @return exceptions that an event caused, since the start. */
    public long failures() {
        return failures.getAcquire();
    }

    /** @return calls refused with 503 because commands were held, since the start. */
    public long shedCalls() {
        return shedCalls.getAcquire();
    }

    /** @return every counter by its metric name. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("control_legs", legs.getAcquire());
        all.put("control_events_total", events.getAcquire());
        all.put("control_commands_total", commands.getAcquire());
        all.put("control_commands_held_total", heldCommands.getAcquire());
        all.put("control_hooks_total", hooks.getAcquire());
        all.put("control_calls_shed_total", shedCalls.getAcquire());
        all.put("control_decisions_explained_total", explained.getAcquire());
        all.put("control_failures_total", failures.getAcquire());
        return all;
    }
}
