package io.hookswitch.engine.io;

/** How a core waits when a pass found nothing to do. */
public enum IdleMode {
    /** Waits in the kernel until a datagram, a wake-up or the deadline. */
    BALANCED,
    /** Never waits: polls again at once, which takes a whole processor. */
    LATENCY,
    /** Naps 100 us after a pass that found nothing, then waits in the kernel: fewer, larger passes. */
    QUIET
}
