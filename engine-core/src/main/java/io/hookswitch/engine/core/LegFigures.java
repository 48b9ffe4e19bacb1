package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.rtp.CallQuality;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpReceiveStatistics;
import java.lang.invoke.VarHandle;

/**
 * What one leg has received and sent, copied out while the core goes on counting: each figure may be a packet older
 * than the one beside it. Never those of the row's next leg. One reading thread an instance, any thread.
 */
public final class LegFigures {
    private final CoreAgent core;
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final RtcpLegReports reports = new RtcpLegReports();
    private long received;
    private long lost;
    private int jitterTicks;
    private long sent;
    private int farLost;
    private long roundTripNs;
    private long expected;
    private long missing;
    private int gaps;
    private long reordered;
    private long duplicates;
    private int restarts;
    private int intervalLost;
    private int farIntervalLost;
    private int farJitterTicks;
    private int codec;
    private int clockRate;

    /** @param core whose legs are read; it need not have started */
    public LegFigures(CoreAgent core) {
        this.core = core;
    }

    /** Copies a leg's figures. @return false when the leg is gone: the figures are then of no use. */
    public boolean read(long leg) {
        LegTable legs = core.legs();
        int row = legs == null ? LegTable.NONE : legs.row(leg);
        if (row == LegTable.NONE) {
            return false;
        }
        legs.statistics(statistics, row);
        legs.reports(reports, row);
        received = statistics.received();
        lost = statistics.lost();
        jitterTicks = statistics.jitterTicks();
        sent = Integer.toUnsignedLong(reports.packetsSent());
        farLost = reports.farCumulativeLost();
        roundTripNs = reports.roundTripNs();
        more(legs, row);
        // The row's generation changes before its records are cleared (LegTable.free): what was copied above is this
        // leg's if the generation is still the same.
        VarHandle.loadLoadFence();
        return legs.row(leg) == row;
    }

    /** @return RTP packets received since the source proved itself, copies included. */
    public long received() {
        return received;
    }

    /** @return packets of the far end that did not come; negative when more came twice. */
    public long lost() {
        return lost;
    }

    /** @return interarrival jitter (RFC 3550 section 6.4.1), RTP ticks of the codec's clock. */
    public int jitterTicks() {
        return jitterTicks;
    }

    /** @return RTP packets sent to the far end, modulo 2^32. */
    public long sent() {
        return sent;
    }

    /** @return packets of ours that the far end says it lost; negative when it received more than we sent. */
    public int farLost() {
        return farLost;
    }

    /** @return round trip by the far end's last report, ns, 0 = not known. */
    public long roundTripNs() {
        return roundTripNs;
    }

    private void more(LegTable legs, int row) {
        expected = statistics.expected();
        missing = statistics.missing();
        gaps = statistics.gaps();
        reordered = statistics.reordered();
        duplicates = statistics.duplicates();
        restarts = statistics.restarts();
        intervalLost = statistics.fractionLost();
        farIntervalLost = reports.farFractionLost();
        farJitterTicks = reports.farJitterTicks();
        codec = legs.codec(row);
        clockRate = legs.clockRate(row);
    }

    /** @return packets that should have come since the source proved itself. */
    public long expected() {
        return expected;
    }

    /** @return packets that did not come; unlike {@link #lost} no copy makes up for another packet. */
    public long missing() {
        return missing;
    }

    /** @return packets that came behind a later one. */
    public long reordered() {
        return reordered;
    }

    /** @return packets that came twice, seen up to 63 packets behind the highest. */
    public long duplicates() {
        return duplicates;
    }

    /** @return how often a new SSRC or a far jump of the sequence took over; all counts begin anew with it. */
    public int restarts() {
        return restarts;
    }

    /** @return loss since our last report, 0..255 in 1/256. */
    public int intervalLost() {
        return intervalLost;
    }

    /** @return loss of our packets in the interval of the far end's last report, 0..255 in 1/256. */
    public int farIntervalLost() {
        return farIntervalLost;
    }

    /** @return jitter of our packets as the far end's last report has it, RTP ticks. */
    public int farJitterTicks() {
        return farJitterTicks;
    }

    /** @return {@link #jitterTicks} in ns, 0 when the clock is not agreed yet. */
    public long jitterNs() {
        return clockRate <= 0 ? 0L : jitterTicks * 1_000_000_000L / clockRate;
    }

    /** @return burst ratio of the loss (ITU-T G.107), 1 = random. */
    public double burstRatio() {
        return CallQuality.burstRatio(missing, gaps, expected);
    }

    /**
     * Estimates how the far end's voice arrives here: loss and its bursts as counted, half the round trip and twice the
     * jitter as delay, G.711 without concealment.
     *
     * @return mean opinion score 1..4.5 ({@link CallQuality}), or 0 when there is nothing to rate: no packets, or a
     *     codec that G.113 has no narrowband values for (G.722, Opus)
     */
    public double mos() {
        if (expected <= 0 || codec != Codec.PCMU && codec != Codec.PCMA) {
            return 0.0;
        }
        double delayMs = (roundTripNs / 2.0 + 2.0 * jitterNs()) / 1e6;
        double lossPercent = 100.0 * missing / expected;
        return CallQuality.mos(
                CallQuality.rating(CallQuality.G711_IE, CallQuality.G711_BPL, lossPercent, burstRatio(), delayMs));
    }
}
