package io.hookswitch.engine.io;

import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoOps;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Ends a wait of the ring at a point in time. Netty's own way costs one more operation on every pass; here a timeout
 * stays armed until it expires, and a later wish is served by waking once too early.
 */
final class RingTimer {
    /** IORING_OP_TIMEOUT. */
    static final byte OPCODE = 11;

    /** Timeouts armed at the same time: each wish that is earlier than all armed ones takes one more. */
    private static final int SLOTS = 16;

    private static final int TIMEOUT_ABSOLUTE = 1;
    private static final int TIMESPEC_LENGTH = 16;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long NONE = Long.MAX_VALUE;

    private final UnsafeBuffer times;
    private final IoUringIoOps[] operations = new IoUringIoOps[SLOTS];
    /** Column, row = slot: when it expires, ns of the kernel's monotonic clock; {@link #NONE} = free. */
    private final long[] deadlines = new long[SLOTS];

    RingTimer(SocketTransport transport) {
        int length = SLOTS * TIMESPEC_LENGTH;
        times = new UnsafeBuffer(transport.arena.allocate(length, Long.BYTES).address(), length);
        for (int slot = 0; slot < SLOTS; slot++) {
            deadlines[slot] = NONE;
            long address = times.addressOffset() + (long) slot * TIMESPEC_LENGTH;
            operations[slot] = new IoUringIoOps(
                    OPCODE, (byte) 0, (short) 0, -1, 0, address, 1, TIMEOUT_ABSOLUTE, slot, (short) 0, (short) 0, 0, 0);
        }
    }

    /**
     * Sees to it that the ring wakes by {@code deadlineNs}, ns of {@link System#nanoTime()}, which on Linux is the
     * monotonic clock that the kernel uses.
     *
     * @return false when all slots are taken by later deadlines.
     */
    boolean tryArm(IoRegistration registration, long deadlineNs) {
        int free = -1;
        for (int slot = 0; slot < SLOTS; slot++) {
            if (deadlines[slot] == NONE) {
                free = slot;
            } else if (deadlines[slot] - deadlineNs <= 0) {
                return true;
            }
        }
        if (free < 0) {
            return false;
        }
        deadlines[free] = deadlineNs;
        times.putLong(free * TIMESPEC_LENGTH, deadlineNs / SECOND_NS);
        times.putLong(free * TIMESPEC_LENGTH + Long.BYTES, deadlineNs % SECOND_NS);
        registration.submit(operations[free]);
        return true;
    }

    void onExpired(int slot) {
        deadlines[slot] = NONE;
    }
}
