package io.hookswitch.engine.core;

import io.hookswitch.engine.io.IpAddress;
import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.rtp.RtpStreamRewrite;
import io.hookswitch.rtp.SequenceMath;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Which source a leg takes RTP from. The negotiated address locks with its first packet. Behind a NAT the port may
 * differ from the SDP, and the address too: then one other source is learnt, once, from a few consecutive packets of
 * one SSRC, and only from a host that is named: the description's, or the one the signalling came from when the
 * description's address is private, so that it cannot be what the far end looks like from here. After locking the
 * socket is connected, the kernel drops everybody else, and only signalling opens it again: another address, or the
 * same one told from another host when the far end was learnt at its signalling's.
 *
 * <pre>
 *  0 long candidate, bytes 0-7     32 long host that may be learnt, bytes 0-7     64 int negotiated port, 0 = none yet
 *  8 long candidate, bytes 8-15    40 long its bytes 8-15 (0, 0 = no such host)    68 int locked RTCP port, 0 = none
 * 16 int  candidate port           48 long negotiated address, bytes 0-7           72 int RTCP port described then
 * 20 int  its SSRC                 56 long its bytes 8-15                          76 int 0
 * 24 int  its last sequence
 * 28 int  packets in a row
 * </pre>
 */
final class SourceLatch {
    static final int RECORD_LENGTH = 80;
    /** Two ints of {@link RtcpSource}'s. */
    static final int RTCP_OFFSET = 68;

    /** Consecutive packets of one source that prove it. */
    static final int PACKETS_TO_LOCK = 3;

    private static final int LOW_OFFSET = 8;
    private static final int PORT_OFFSET = 16;
    private static final int SSRC_OFFSET = 20;
    private static final int SEQUENCE_OFFSET = 24;
    private static final int COUNT_OFFSET = 28;
    private static final int HOST_HIGH_OFFSET = 32;
    private static final int HOST_LOW_OFFSET = 40;
    private static final int NEGOTIATED_HIGH_OFFSET = 48;
    private static final int NEGOTIATED_LOW_OFFSET = 56;
    private static final int NEGOTIATED_PORT_OFFSET = 64;

    private final LegTable legs;
    private final UnsafeBuffer records;
    private final RtpTransport transport;
    private final CoreCounters counters;
    private final RtpStreamRewrite stream = new RtpStreamRewrite();

    SourceLatch(LegTable legs, RtpTransport transport, CoreCounters counters) {
        this.legs = legs;
        this.records = legs.learning();
        this.transport = transport;
        this.counters = counters;
    }

    /**
     * Expects a leg's media from a negotiated address.
     *
     * @param hostHigh where the signalling came from, bytes 0-7; 0, 0 = not known. It may be learnt when the negotiated
     *     address is private
     */
    void expect(int row, long high, long low, int port, long hostHigh, long hostLow) {
        int at = row * RECORD_LENGTH;
        // A session refresh (RFC 4028) says the same again: a source that was learnt stays, and nobody else gets a
        // chance to be learnt.
        boolean isSame = records.getLong(at + NEGOTIATED_HIGH_OFFSET) == high
                && records.getLong(at + NEGOTIATED_LOW_OFFSET) == low
                && records.getInt(at + NEGOTIATED_PORT_OFFSET) == port;
        boolean isHidden = IpAddress.isPrivate(high, low);
        long learntHigh = isHidden ? hostHigh : 0;
        long learntLow = isHidden ? hostLow : 0;
        if (isSame && !hasMoved(row, learntHigh, learntLow)) {
            host(at, learntHigh, learntLow);
            return;
        }
        open(row);
        records.setMemory(at, RECORD_LENGTH, (byte) 0);
        source(row, high, low, port);
        records.putLong(at + NEGOTIATED_HIGH_OFFSET, high);
        records.putLong(at + NEGOTIATED_LOW_OFFSET, low);
        records.putInt(at + NEGOTIATED_PORT_OFFSET, port);
        host(at, learntHigh, learntLow);
    }

    private void open(int row) {
        if (legs.has(row, LegTable.LOCKED)) {
            transport.disconnect(legs.rtpSocket(row));
            legs.flags(row, 0, LegTable.LOCKED);
        }
    }

    /** From now on ICE says where the far end is: nothing is expected or learnt, the kernel shuts nobody out. */
    void leaveToIce(int row) {
        open(row);
        records.setMemory(row * RECORD_LENGTH, RECORD_LENGTH, (byte) 0);
        source(row, 0, 0, 0);
    }

    /** Takes the source of an ICE check for the leg's. */
    void select(int row, PacketFlyweight check) {
        source(row, check.sourceHigh(), check.sourceLow(), check.sourcePort());
    }

    /** Whether a far end that was learnt at its signalling's host now signals from another: its network has changed. */
    private boolean hasMoved(int row, long hostHigh, long hostLow) {
        int at = row * RECORD_LENGTH;
        long knownHigh = records.getLong(at + HOST_HIGH_OFFSET);
        long knownLow = records.getLong(at + HOST_LOW_OFFSET);
        boolean isOther = (hostHigh | hostLow) != 0 && (hostHigh != knownHigh || hostLow != knownLow);
        return isOther && legs.sourceHigh(row) == knownHigh && legs.sourceLow(row) == knownLow;
    }

    private void host(int at, long hostHigh, long hostLow) {
        records.putLong(at + HOST_HIGH_OFFSET, hostHigh);
        records.putLong(at + HOST_LOW_OFFSET, hostLow);
    }

    /** The one address that packets come from and go to; noted in the rewrite record as well, for a fast path. */
    private void source(int row, long high, long low, int port) {
        legs.source(row, high, low, port);
        int ipv4 = IpAddress.isIpv4(high, low) ? (int) low : 0;
        boolean isSwapped = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        legs.stream(stream, row)
                .destination(
                        isSwapped ? Integer.reverseBytes(ipv4) : ipv4,
                        isSwapped ? Short.reverseBytes((short) port) : (short) port);
    }

    /** @return whether a packet comes from the leg's source; locks on the first that does. */
    boolean accept(int row, PacketFlyweight packet, int ssrc, int sequence) {
        if (legs.isSource(row, packet.sourceHigh(), packet.sourceLow(), packet.sourcePort())) {
            if (!legs.has(row, LegTable.LOCKED) && !legs.has(row, LegTable.ICE)) {
                lock(row);
            }
            return true;
        }
        return !legs.has(row, LegTable.LOCKED)
                && !legs.has(row, LegTable.ICE)
                && mayLearn(row, packet)
                && learn(row, packet, ssrc, sequence);
    }

    private boolean mayLearn(int row, PacketFlyweight packet) {
        int at = row * RECORD_LENGTH;
        boolean isMediaHost = packet.sourceLow() == legs.sourceLow(row) && packet.sourceHigh() == legs.sourceHigh(row);
        boolean isSignallingHost = packet.sourceLow() == records.getLong(at + HOST_LOW_OFFSET)
                && packet.sourceHigh() == records.getLong(at + HOST_HIGH_OFFSET);
        return isMediaHost || isSignallingHost;
    }

    private boolean learn(int row, PacketFlyweight packet, int ssrc, int sequence) {
        int at = row * RECORD_LENGTH;
        boolean isCandidate = records.getLong(at) == packet.sourceHigh()
                && records.getLong(at + LOW_OFFSET) == packet.sourceLow()
                && records.getInt(at + PORT_OFFSET) == packet.sourcePort()
                && records.getInt(at + SSRC_OFFSET) == ssrc
                && SequenceMath.next(records.getInt(at + SEQUENCE_OFFSET)) == sequence;
        int count = isCandidate ? records.getInt(at + COUNT_OFFSET) + 1 : 1;
        records.putLong(at, packet.sourceHigh());
        records.putLong(at + LOW_OFFSET, packet.sourceLow());
        records.putInt(at + PORT_OFFSET, packet.sourcePort());
        records.putInt(at + SSRC_OFFSET, ssrc);
        records.putInt(at + SEQUENCE_OFFSET, sequence);
        records.putInt(at + COUNT_OFFSET, count);
        if (count < PACKETS_TO_LOCK) {
            return false;
        }
        source(row, packet.sourceHigh(), packet.sourceLow(), packet.sourcePort());
        records.setMemory(at + RTCP_OFFSET, 2 * Integer.BYTES, (byte) 0);
        lock(row);
        counters.increment(CoreCounters.SOURCES_LEARNT);
        return true;
    }

    private void lock(int row) {
        int result =
                transport.connect(legs.rtpSocket(row), legs.sourceHigh(row), legs.sourceLow(row), legs.sourcePort(row));
        // A far end that cannot be connected to is still checked packet by packet, and tried again with the next one.
        if (result == 0) {
            legs.flags(row, LegTable.LOCKED, 0);
        }
    }
}
