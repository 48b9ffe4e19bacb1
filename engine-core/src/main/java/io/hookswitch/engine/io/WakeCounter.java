package io.hookswitch.engine.io;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * The descriptor through which other threads end a wait in the kernel, eventfd(2). It lives as long as anybody can
 * still signal it: closed with its ring, its number might be somebody else's socket by the time a late signal comes.
 */
final class WakeCounter {
    /** Bytes of one read. */
    static final int LENGTH = Long.BYTES;

    private static final Cleaner CLEANER = Cleaner.create();

    private record Descriptor(int fd) implements Runnable {
        @Override
        public void run() {
            new LibC().close(fd);
        }
    }

    private final int fd;

    /** @throws UnavailableException when the process has no descriptor left */
    WakeCounter(LibC libc) throws UnavailableException {
        fd = libc.eventCounter();
        if (fd < 0) {
            throw new UnavailableException("no descriptor to wake by (errno " + -fd + ")");
        }
        CLEANER.register(this, new Descriptor(fd));
    }

    int fd() {
        return fd;
    }

    /** Any thread. */
    void signal() {
        try {
            LibC.signal(fd);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
