package io.hookswitch.engine.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The scheduling class of a thread (sched(7)). A thread in the real-time class is not held up by others of its
 * processor
 * that are not: what it is to send on time leaves on time. Any thread, for itself.
 */
public final class ThreadScheduling {
    /** The lowest: above every usual thread, below every other real-time one. */
    private static final int PRIORITY = 1;

    private ThreadScheduling() {}

    /**
     * Puts the calling thread into the class SCHED_FIFO with the lowest priority. It needs CAP_SYS_NICE, or a limit
     * RLIMIT_RTPRIO above 0.
     *
     * @return 0, or the errno of the refusal: the thread stays as it was
     */
    public static int enterRealtime() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameter = arena.allocateFrom(ValueLayout.JAVA_INT, PRIORITY);
            return -new LibC().schedule(LibC.SCHED_FIFO, parameter.address());
        }
    }
}
