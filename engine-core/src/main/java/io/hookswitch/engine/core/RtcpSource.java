package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.RtpReceiveStatistics;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Which port of its far end's host a leg takes RTCP from, and sends it to. The host is always that of the RTP. On the
 * RTP port (RFC 5761) so is the port. On the RTCP port it is the one described (RFC 3550 section 11, RFC 3605); behind
 * a NAT, where that one has become another, the first port whose report names the SSRC of the RTP. The first that is
 * taken locks until another description comes.
 *
 * <p>Its eight bytes lie in the record of {@link SourceLatch}. Core thread.
 */
final class RtcpSource {
    /** Every RTCP packet has its sender's SSRC here, in an SRTCP packet too (RFC 3550 section 6.4, RFC 3711). */
    private static final int SSRC_OFFSET = 4;

    private final LegTable legs;
    private final UnsafeBuffer memory;
    private final UnsafeBuffer records;
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final MediaFlyweight far = new MediaFlyweight();

    /** @param memory of the packets */
    RtcpSource(LegTable legs, UnsafeBuffer memory) {
        this.legs = legs;
        this.memory = memory;
        records = legs.learning();
    }

    /** @return whether a packet on one of a leg's two ports comes from where its RTCP may come from. */
    boolean accept(int row, PacketFlyweight packet) {
        if (packet.sourceLow() != legs.sourceLow(row) || packet.sourceHigh() != legs.sourceHigh(row)) {
            return false;
        }
        int port = packet.sourcePort();
        if (packet.socket() != legs.rtcpSocket(row)) {
            return port == legs.sourcePort(row);
        }
        int described = legs.media(far, row).rtcpPort();
        int locked = locked(row, described);
        if (locked != 0) {
            return port == locked;
        }
        return port == described || isOfTheStream(row, packet);
    }

    /** Takes nothing but the source of this packet from now on: it was accepted, and is a report. */
    void lock(int row, PacketFlyweight packet) {
        if (packet.socket() == legs.rtcpSocket(row)) {
            records.putInt(at(row), packet.sourcePort());
            records.putInt(at(row) + Integer.BYTES, legs.media(far, row).rtcpPort());
        }
    }

    private boolean isOfTheStream(int row, PacketFlyweight packet) {
        return packet.length() >= SSRC_OFFSET + Integer.BYTES
                && legs.has(row, LegTable.LOCKED)
                && legs.statistics(statistics, row).isValid()
                && memory.getInt(packet.offset() + SSRC_OFFSET, ByteOrder.BIG_ENDIAN) == statistics.ssrc();
    }

    /** @return the port to send a leg's reports to, when they have a port of their own. */
    int port(int row, int described) {
        int locked = locked(row, described);
        return locked == 0 ? described : locked;
    }

    /** @return the port locked while this one was described, 0 = none. */
    private int locked(int row, int described) {
        return records.getInt(at(row) + Integer.BYTES) == described ? records.getInt(at(row)) : 0;
    }

    private static int at(int row) {
        return row * SourceLatch.RECORD_LENGTH + SourceLatch.RTCP_OFFSET;
    }
}
