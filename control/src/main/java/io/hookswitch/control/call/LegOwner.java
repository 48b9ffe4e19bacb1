package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent;

/** Who hears the events of a leg. */
sealed interface LegOwner permits Call, Branch {
    /** The call that the leg belongs to. */
    Call call();

    /** A provisional response. */
    void onProgressed(ControlEvent.Progressed event);

    /** A 2xx. */
    void onAnswered(ControlEvent.Answered event);

    /** A key was pressed on the leg. */
    void onKey(char key);

    /** The leg is over; it is already forgotten. */
    void onEnded(ControlEvent.Ended event);

    /** A command for the leg could not be carried out. */
    void onCommandRefused(ControlEvent.CommandRefused event);
}
