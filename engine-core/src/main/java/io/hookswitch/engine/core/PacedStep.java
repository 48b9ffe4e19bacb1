package io.hookswitch.engine.core;

import io.hookswitch.engine.message.LegHandle;

/**
 * The pace of everything that a core sends by itself: each source of a leg has its own next time on one wheel, exact to
 * a millisecond and without drift, since a time is counted from the one before and never from when it was kept. A core
 * that was held up leaves out what it missed; it does not send it all at once. Starting, stopping and sending allocate
 * nothing. Core thread.
 */
final class PacedStep implements TimerWheel.Handler {
    /** Packets are sent this far apart. */
    static final long PACE_NS = 20_000_000L;
    /** The wheel's step: a stream that begins a step from now is as late for its first packet as for all others. */
    static final long TICK_NS = 1_000_000L;
    /** Number of the source of keys. */
    static final int DIGITS = 0;
    /** Number of the source of keys told by INFO that wait for a telephone event to prove them superfluous. */
    static final int INFO_KEYS = 1;
    /** Number of the source of recordings. */
    static final int PLAYOUT = 2;
    /** Number of the source of tracks. */
    static final int TRACKS = 3;
    /** How many sources a leg can have. */
    static final int SOURCES = 4;

    private static final int SOURCE_SHIFT = 32;

    private final LegTable legs;
    private final CoreCounters counters;
    private final LatencyRecorder lateness;
    private final PacedSource[] sources = new PacedSource[SOURCES];
    private final TimerWheel due;
    private long nowNs;
    private int concerned = LegTable.NONE;

    PacedStep(CoreState core, LatencyRecorder lateness, long startNs) {
        legs = core.legs();
        counters = core.counters();
        this.lateness = lateness;
        due = new TimerWheel(SOURCES * core.settings().legs(), TICK_NS, startNs);
    }

    /** Says who sends under a source's number. Start-up. */
    void source(int number, PacedSource source) {
        sources[number] = source;
    }

    /** Begins to ask a source of a leg for packets; does nothing when it is asked already. */
    void start(int source, int row, long firstNs) {
        due.arm(key(source, row), firstNs, firstNs);
    }

    /** Asks a source of a leg no more. */
    void stop(int source, int row) {
        due.disarm(key(source, row));
    }

    private static long key(int source, int row) {
        return (long) source << SOURCE_SHIFT | row;
    }

    /** Sends what is due. @return how many times a source was asked */
    int poll(long pollNs, int limit) {
        nowNs = pollNs;
        concerned = LegTable.NONE;
        return due.poll(pollNs, this, limit);
    }

    /** @return when the next packet is due. */
    long nextNs() {
        return due.nextNs();
    }

    /** @return the leg that the last packet of a poll was about, 0 = none. */
    long concerned() {
        return concerned == LegTable.NONE ? LegHandle.NONE : legs.handle(concerned);
    }

    @Override
    public void onTimer(long key, long dueNs) {
        int row = (int) key;
        concerned = row;
        lateness.record(nowNs - dueNs);
        long nextNs = sources[(int) (key >>> SOURCE_SHIFT)].onDue(row, dueNs, nowNs);
        if (nextNs == PacedSource.NEVER) {
            return;
        }
        long missed = (nowNs - nextNs) / PACE_NS;
        if (missed > 0) {
            counters.add(CoreCounters.PACED_SKIPPED, missed);
            nextNs += missed * PACE_NS;
        }
        due.arm(key, nextNs, nextNs);
    }
}
