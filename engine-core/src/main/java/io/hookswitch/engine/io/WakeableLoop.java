package io.hookswitch.engine.io;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Netty's manually driven loop with a wake-up that cannot get lost: Netty's own is dropped when the loop is not waiting
 * at that moment. Here it stays noted, and a noted wake-up forbids to wait.
 */
final class WakeableLoop extends ManualIoEventLoop {
    private final AtomicBoolean woken = new AtomicBoolean();

    WakeableLoop(Thread owner, IoHandlerFactory factory) {
        super(owner, factory);
    }

    /** Any thread. @return whether this call was the first since the last {@link #rest()}. */
    boolean wake() {
        if (woken.getAndSet(true)) {
            return false;
        }
        wakeup();
        return true;
    }

    boolean isWoken() {
        return woken.get();
    }

    /** Forgets wake-ups up to now; whoever was announced by them is looked for after this. */
    void rest() {
        if (woken.get()) {
            woken.set(false);
            // What the waker published is read after this with acquire only, which a plain volatile store would let
            // overtake it: the message would not be seen, and its wake-up be forgotten.
            VarHandle.fullFence();
        }
    }

    /** Asked by Netty's handlers after they have announced that they are going to wait. */
    @Override
    protected boolean canBlock() {
        return !woken.get();
    }
}
