package io.hookswitch.control.call;

/** A verb that takes time, while it runs. */
interface Task {
    /** @return whether it is over already; else {@link VerbRunner#goOn} or {@link VerbRunner#ask} follows, once. */
    boolean begin();

    /** Ends it at once; nothing of it follows. */
    void stop();

    /** A key was pressed on the leg. */
    default void onKey(char key) {}
}
