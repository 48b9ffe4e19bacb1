package io.hookswitch.server.agent;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import java.util.function.Consumer;

/** Servers of customers that hear legs. Called on the control thread; nothing here may block it. */
public interface Listeners {
    /**
     * Connects a server.
     *
     * @param heard told of what was recognised, and exactly once of the end; on any thread
     */
    void start(ControlCommand.StartTap start, Consumer<ControlEvent> heard);

    /** Lets a server go; its end is told. */
    void stop(ControlCommand.StopTap stop);

    /** Tells a server something. */
    void tell(ControlCommand.TellTap message);

    /** Changes what a server hears. */
    void steer(ControlCommand.SteerTap steer);

    /** Has a recorder hear another leg beside the first. */
    void follow(ControlCommand.FollowTap follow);
}
