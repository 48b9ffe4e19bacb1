package io.hookswitch.server.agent;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import java.util.List;

/** What decides: {@link io.hookswitch.control.call.Control#on}. */
@FunctionalInterface
public interface Brain {
    /** Decides on one event; commands are appended in the order in which they must be carried out. */
    void on(ControlEvent event, long nowNs, long entropyHigh, long entropyLow, List<ControlCommand> out);
}
