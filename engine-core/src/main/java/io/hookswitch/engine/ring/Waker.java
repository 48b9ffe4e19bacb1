package io.hookswitch.engine.ring;

/** Wakes the thread at the reading end of a ring. Any thread may call; neither blocks nor allocates. */
@FunctionalInterface
public interface Waker {
    /** Wakes nobody: the reader polls by itself (tests, busy-spinning cores). */
    Waker NONE = () -> {};

    /** Makes the reader run a pass soon, at once when it sleeps. */
    void wake();
}
