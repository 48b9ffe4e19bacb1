package io.hookswitch.engine.core;

/** What a leg is sent at a steady pace: keys, and what is played to it. Core thread. */
interface PacedSource {
    /** Answer of a source that has nothing more to send. */
    long NEVER = Long.MAX_VALUE;

    /**
     * Sends what is due on a leg.
     *
     * @param row the leg
     * @param dueNs the time it is due, which later ones are counted from: being late does not add up
     * @param nowNs time of the cycle, not before {@code dueNs}
     * @return when the next is due, or {@link #NEVER}
     */
    long onDue(int row, long dueNs, long nowNs);
}
