package io.hookswitch.engine.core;

import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpReceiveStatistics;

/**
 * Finds answered legs whose far end has sent nothing, neither RTP nor RTCP, for the time that the node allows. A far
 * end that has said that it sends nothing (hold, RFC 3264 section 8.4) may be silent for as long as it likes. Packets
 * cost nothing here: what has been counted of them is looked at four times within that time. Core thread.
 */
final class SilenceWatch implements TimerWheel.Handler {
    /** Takes a leg that has been silent for too long; it is watched no longer. */
    @FunctionalInterface
    interface Listener {
        void onSilent(int row);
    }

    /** Looks within the longest silence: it ends up to a quarter later than asked for. */
    private static final int LOOKS = 4;

    private final LegTable legs;
    private final long longestNs;
    private final TimerWheel due;
    /** Columns, row = leg: what had been received at the last look that found more, and when that was. */
    private final int[] heard;

    private final long[] heardNs;
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final RtcpLegReports reports = new RtcpLegReports();
    private long nowNs;
    private Listener listener;

    SilenceWatch(CoreState core, long startNs) {
        legs = core.legs();
        longestNs = core.media().longestSilenceNs();
        int rows = longestNs == 0 ? 1 : core.settings().legs();
        due = new TimerWheel(rows, 10_000_000L, startNs);
        heard = new int[rows];
        heardNs = new long[rows];
    }

    /** Watches a leg from its answer on; does nothing when it is watched already, or none are. */
    void start(int row, long atNs) {
        if (longestNs > 0 && due.arm(row, 0, atNs + longestNs / LOOKS)) {
            heard[row] = count(row);
            heardNs[row] = atNs;
        }
    }

    /** The leg is over. */
    void stop(int row) {
        due.disarm(row);
    }

    /** Looks at the legs whose turn it is. @return legs looked at */
    int poll(long pollNs, Listener silent, int limit) {
        nowNs = pollNs;
        listener = silent;
        return due.poll(pollNs, this, limit);
    }

    /** @return when the next leg is looked at. */
    long nextNs() {
        return due.nextNs();
    }

    @Override
    public void onTimer(long key, long value) {
        int row = (int) key;
        int count = count(row);
        boolean mayBeSilent = !legs.has(row, LegTable.MAY_RECEIVE) || !legs.has(row, LegTable.NEGOTIATED);
        if (count != heard[row] || mayBeSilent) {
            heard[row] = count;
            heardNs[row] = nowNs;
        }
        if (nowNs - heardNs[row] >= longestNs) {
            listener.onSilent(row);
        } else {
            due.arm(key, 0, nowNs + longestNs / LOOKS);
        }
    }

    /** Grows with everything that the far end sends. */
    private int count(int row) {
        return (int) legs.statistics(statistics, row).received()
                + legs.reports(reports, row).received();
    }
}
