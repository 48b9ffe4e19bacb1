package io.hookswitch.server.settings;

/**
 * The media engine.
 *
 * @param cores pairs of a sip and a core thread
 * @param legs rows of each core's leg table
 * @param idle what a core does when there is nothing to do
 * @param scheduling the class of the cores' threads
 * @param transcoders directions that each core transcodes at most at a time, two for a bridge
 */
public record EngineSettings(int cores, int legs, Idle idle, Scheduling scheduling, int transcoders) {
    /** How the operating system gives a core's thread its processor. */
    public enum Scheduling {
        /** As every other thread. */
        USUAL,
        /** Before all usual threads, where that is permitted. */
        REALTIME
    }

    /** What a core does when a pass found nothing. */
    public enum Idle {
        /** Polls again at once: shortest latency, a whole processor. */
        LATENCY,
        /** Waits in the kernel until a packet, a wake-up or the next timer. */
        BALANCED,
        /** Naps about 100 µs: least processor time under load. */
        QUIET
    }
}
