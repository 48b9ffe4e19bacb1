package io.hookswitch.server.node;

import io.hookswitch.engine.ring.Waker;

/** Wakes a reader that is made after its ring's writer has started. */
final class LateWaker implements Waker {
    private volatile Waker waker = Waker.NONE;

    /** Names the reader's waker, and wakes it: the ring may hold something already. */
    void wakes(Waker reader) {
        waker = reader;
        reader.wake();
    }

    @Override
    public void wake() {
        waker.wake();
    }
}
