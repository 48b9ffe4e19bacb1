package io.hookswitch.engine.io;

/**
 * Pairs of ports for legs: an even one for RTP, the odd one behind it for RTCP. A pair's sockets are opened when it is
 * first needed and stay
 * open, so that later calls do not pay for them. After a call a pair rests in quarantine: what still arrives for the
 * old call is dropped
 * (counted by the transport) and never reaches a new one. Core thread.
 */
public final class PortPool {
    private final RtpTransport transport;
    private final int firstEven;
    private final int pairs;
    private final long quarantineNs;
    private final int[] rtpSockets;
    private final int[] rtcpSockets;
    /** Released pairs, oldest first, a ring of pair numbers and of the times when they may be used again. */
    private final int[] resting;

    private final long[] restsUntilNs;
    private int oldest;
    private int restingCount;
    private int opened;
    private int inUse;
    private int unusable;

    /**
     * @param firstPort of the range; the first even port from here on is used
     * @param lastPort of the range; the last pair ends at or before it
     * @param quarantineNs how long a pair rests after {@link #release}
     */
    public PortPool(RtpTransport transport, int firstPort, int lastPort, long quarantineNs) {
        this.transport = transport;
        this.quarantineNs = quarantineNs;
        firstEven = (firstPort + 1) & ~1;
        pairs = Math.max(0, (lastPort - firstEven + 1) / 2);
        rtpSockets = new int[pairs];
        rtcpSockets = new int[pairs];
        resting = new int[pairs];
        restsUntilNs = new long[pairs];
    }

    /** @return pairs in the range. */
    public int capacity() {
        return pairs;
    }

    /** @return pairs that legs have now. */
    public int inUse() {
        return inUse;
    }

    /** @return pairs passed over since start because a port of theirs is somebody else's. */
    public int unusable() {
        return unusable;
    }

    /** Takes a pair for a leg. @return its number, or -1: all are in use, in quarantine or somebody else's. */
    public int acquire(long nowNs) {
        if (restingCount > 0 && restsUntilNs[oldest] <= nowNs) {
            int pair = resting[oldest];
            oldest = oldest + 1 == pairs ? 0 : oldest + 1;
            restingCount--;
            return taken(pair);
        }
        while (opened < pairs) {
            int pair = opened++;
            if (open(pair)) {
                return taken(pair);
            }
            unusable++;
        }
        return -1;
    }

    private int taken(int pair) {
        transport.mute(rtpSockets[pair], false);
        transport.mute(rtcpSockets[pair], false);
        inUse++;
        return pair;
    }

    private boolean open(int pair) {
        int rtp = transport.open(rtpPort(pair));
        if (rtp < 0) {
            return false;
        }
        int rtcp = transport.open(rtpPort(pair) + 1);
        if (rtcp < 0) {
            transport.close(rtp);
            return false;
        }
        rtpSockets[pair] = rtp;
        rtcpSockets[pair] = rtcp;
        return true;
    }

    /** Gives a pair back. It is untied from its far end and hears nobody until it is taken again. */
    public void release(int pair, long nowNs) {
        transport.mute(rtpSockets[pair], true);
        transport.mute(rtcpSockets[pair], true);
        transport.disconnect(rtpSockets[pair]);
        int newest = oldest + restingCount;
        int at = newest >= pairs ? newest - pairs : newest;
        resting[at] = pair;
        restsUntilNs[at] = nowNs + quarantineNs;
        restingCount++;
        inUse--;
    }

    /** @return the pair's RTP port, even. */
    public int rtpPort(int pair) {
        return firstEven + 2 * pair;
    }

    /** @return number of the pair's RTP socket. */
    public int rtpSocket(int pair) {
        return rtpSockets[pair];
    }

    /** @return number of the pair's RTCP socket. */
    public int rtcpSocket(int pair) {
        return rtcpSockets[pair];
    }
}
