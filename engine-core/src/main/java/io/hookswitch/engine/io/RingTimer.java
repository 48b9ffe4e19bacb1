package io.hookswitch.engine.io;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Ends a wait of the ring at a point in time. One timeout stays armed until it expires, so that most passes arm none: a
 * later wish is served by waking once too early, an earlier one moves it.
 */
final class RingTimer {
    private static final int TIMESPEC_LENGTH = 16;
    private static final long SECOND_NS = 1_000_000_000L;

    private final Uring ring;
    private final long userData;
    private final long ignored;
    private final UnsafeBuffer time;
    private boolean armed;
    /** ns of the kernel's monotonic clock. */
    private long deadlineNs;

    /**
     * @param userData of the completion that {@link #onExpired} is to be called for
     * @param ignored user data of completions that mean nothing
     */
    RingTimer(Uring ring, SocketTransport transport, long userData, long ignored) {
        this.ring = ring;
        this.userData = userData;
        this.ignored = ignored;
        time = new UnsafeBuffer(
                transport.arena.allocate(TIMESPEC_LENGTH, Long.BYTES).address(), TIMESPEC_LENGTH);
    }

    /**
     * Sees to it that the ring wakes by {@code wantedNs}, ns of {@link System#nanoTime()}, which on Linux is the
     * monotonic clock that the kernel uses. The ring must have room for an operation.
     */
    void arm(long wantedNs) {
        if (armed && deadlineNs - wantedNs <= 0) {
            return;
        }
        // Read by the kernel when it takes the operation: with the next call.
        time.putLong(0, wantedNs / SECOND_NS);
        time.putLong(Long.BYTES, wantedNs % SECOND_NS);
        if (armed) {
            // Should it have expired meanwhile, its completion is there and the wait does not begin.
            ring.moveTimeout(userData, time.addressOffset(), ignored);
        } else {
            ring.timeout(time.addressOffset(), userData);
            armed = true;
        }
        deadlineNs = wantedNs;
    }

    void onExpired() {
        armed = false;
    }
}
