package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.Directory;
import java.util.List;
import java.util.Objects;

/**
 * The brain: one event in, commands out, in the order in which they must be carried out. No clock, no randomness, no
 * I/O of its own: the same events with the same times and entropy give the same commands.
 *
 * <p>Numbers that control makes (calls, branches, timers) carry the number of the core that owns the call where a leg
 * handle has it: {@code LegHandle.core(number)} tells where a command goes.
 */
public final class Control {

    /** @param directory is asked at each new call */
    public Control(ControlSettings settings, Directory directory) {
        Objects.requireNonNull(settings);
        Objects.requireNonNull(directory);
    }

    /**
     * Decides on one event.
     *
     * @param nowNs of a clock that never goes back
     * @param entropyHigh with {@code entropyLow}: 128 random bits, new for each event; identifiers are made from them
     * @param out commands are appended here; nothing is remembered of the list
     */
    public void on(ControlEvent event, long nowNs, long entropyHigh, long entropyLow, List<ControlCommand> out) {
        Objects.requireNonNull(event);
        Objects.requireNonNull(out);
    }

    /** @return number of things that something is still awaited for: legs, branches, timers, hooks, resolutions. */
    public int pending() {
        return 0;
    }
}
