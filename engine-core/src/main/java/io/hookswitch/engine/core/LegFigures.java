package io.hookswitch.engine.core;

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
}
