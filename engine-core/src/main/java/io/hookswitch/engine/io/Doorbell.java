package io.hookswitch.engine.io;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A wake-up that cannot get lost: rung at any moment it stays noted until the core has looked, and a noted wake-up
 * forbids to wait. Any thread rings; the core does the rest.
 */
final class Doorbell {
    private final AtomicBoolean rung = new AtomicBoolean();

    /** @return whether this call was the first since the last {@link #rest()}. */
    boolean ring() {
        return !rung.getAndSet(true);
    }

    boolean isRung() {
        return rung.get();
    }

    /** Forgets wake-ups up to now; whoever was announced by them is looked for after this. */
    void rest() {
        if (rung.get()) {
            rung.set(false);
            // What the waker published is read after this with acquire only, which a plain volatile store would let
            // overtake it: the message would not be seen, and its wake-up be forgotten.
            VarHandle.fullFence();
        }
    }
}
