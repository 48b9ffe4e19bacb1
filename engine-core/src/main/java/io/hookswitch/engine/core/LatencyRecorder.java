package io.hookswitch.engine.core;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Added latency of forwarded packets: from the pass that took a packet from the kernel to the end of the batch it was
 * handed back for sending in. Fixed range, so that recording never allocates; the core writes, any one other thread
 * reads.
 */
public final class LatencyRecorder {
    private static final long MOST_NS = 10_000_000_000L;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(1, MOST_NS, 2);
    private Histogram interval;

    LatencyRecorder() {}

    void record(long ns) {
        record(ns, 1);
    }

    /** Records one latency for a number of packets. */
    void record(long ns, int packets) {
        recorder.recordValueWithCount(Math.clamp(ns, 1, MOST_NS), packets);
    }

    /** @return what was recorded since the last call, ns; good until the next call. One reading thread. */
    public Histogram takeInterval() {
        interval = recorder.getIntervalHistogram(interval);
        return interval;
    }

    /** Forgets what was recorded; before any other thread reads. */
    void reset() {
        recorder.reset();
    }
}
