package io.hookswitch.engine.io;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;

/**
 * Netty's manually driven loop behind a {@link Doorbell}: Netty's own wake-up is dropped when the loop is not waiting
 * at that moment.
 */
final class WakeableLoop extends ManualIoEventLoop {
    private final Doorbell doorbell;

    WakeableLoop(Thread owner, IoHandlerFactory factory, Doorbell doorbell) {
        super(owner, factory);
        this.doorbell = doorbell;
    }

    /** Asked by Netty's handlers after they have announced that they are going to wait. */
    @Override
    protected boolean canBlock() {
        return !doorbell.isRung();
    }
}
