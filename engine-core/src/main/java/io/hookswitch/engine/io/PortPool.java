package io.hookswitch.engine.io;

import java.util.Arrays;

/**
 * Pairs of UDP ports for legs: an even one for RTP and the next for RTCP (RFC 3550 section 11), opened ahead of need by
 * {@link #fill}, kept open and used again. A pair that was given back rests for a while, so that late datagrams of its
 * last leg reach nobody; one on which somebody still talks then is passed over once, so that noise makes a pair wait
 * and cannot keep it. Datagrams to a pair that no leg has are dropped and counted by the transport
 * ({@link TransportCounters#DROPPED_MUTED}). Core thread.
 *
 * <p>A pair whose ports somebody else holds is counted and tried again only after the rest of all others: a port that
 * another process has just left may take a moment to come free.
 */
public final class PortPool {
    /** No pair is free. */
    public static final int EXHAUSTED = -1;

    private static final int NONE = -1;
    /** Pairs kept open for the next legs: a burst of calls waits for no socket. */
    private static final int READY = 128;
    /** A pair that has heard nothing for so long is quiet, ns. */
    private static final long QUIET_NS = 1_000_000_000L;
    /** Most pairs that one search passes over because they are not quiet. */
    private static final int LOOKS = 8;

    private final RtpTransport transport;
    private final int firstPort;
    private final int pairs;
    private final long restNs;
    /** Column, row = pair: its sockets, {@link #NONE} = not open. */
    private final int[] rtpSockets;

    private final int[] rtcpSockets;
    /** Column, row = pair: when its rest ends, ns. */
    private final long[] restedAtNs;

    private final boolean[] used;
    /** Column, row = pair: whether it is open and no leg has had it. */
    private final boolean[] ready;
    /** Column, row = pair: whether it was passed over in this rest. */
    private final boolean[] deferred;
    /** Pairs that rest, in the order in which they were given back: a ring of as many places as there are pairs. */
    private final int[] resting;

    private int restingHead;
    private int restingCount;
    /** First pair that may be ready, and the first that has not been tried to open yet. */
    private int neverUsed;

    private int unopened;
    private int readyCount;

    private boolean cannotOpen;
    private int openedLate;
    private int inUse;
    private int unusable;

    /**
     * @param firstPort least port of the range; an odd one is not used.
     * @param lastPort greatest port of the range; an even one is not used.
     * @param restNs how long a pair rests after use, ns.
     */
    public PortPool(RtpTransport transport, int firstPort, int lastPort, long restNs) {
        if (firstPort < 1 || lastPort > 65535 || restNs < 0) {
            throw new IllegalArgumentException(
                    "ports " + firstPort + "-" + lastPort + " are not within 1-65535, or the rest " + restNs + " < 0");
        }
        this.transport = transport;
        this.firstPort = firstPort + (firstPort & 1);
        this.restNs = restNs;
        pairs = (lastPort + 1 - this.firstPort) / 2;
        if (pairs < 1) {
            throw new IllegalArgumentException("ports " + firstPort + "-" + lastPort + " hold no even and odd pair");
        }
        rtpSockets = new int[pairs];
        rtcpSockets = new int[pairs];
        restedAtNs = new long[pairs];
        used = new boolean[pairs];
        ready = new boolean[pairs];
        deferred = new boolean[pairs];
        resting = new int[pairs];
        Arrays.fill(rtpSockets, NONE);
        Arrays.fill(rtcpSockets, NONE);
    }

    /**
     * Opens pairs ahead of need, so that a leg does not wait for its sockets.
     *
     * @param most pairs to open now. @return pairs opened; 0 when enough are ready.
     */
    public int fill(int most, long nowNs) {
        int opened = 0;
        while (opened < most && readyCount < READY && unopened < pairs && !cannotOpen) {
            int answer = tryOpen(unopened);
            if (answer == 0) {
                mute(unopened, true);
                ready[unopened++] = true;
                readyCount++;
                opened++;
            } else if (isSomebodyElses(answer)) {
                rest(unopened++, nowNs);
            } else {
                cannotOpen = true;
            }
        }
        return opened;
    }

    /** @return a pair for one leg, or {@link #EXHAUSTED}. Its sockets are open, not connected, and receive. */
    public int acquire(long nowNs) {
        passOverNoise(nowNs);
        boolean isNoisy = isHeadRested(nowNs) && !isQuiet(resting[restingHead], nowNs);
        int pair = isNoisy ? NONE : takeRested(nowNs);
        if (pair == NONE) {
            pair = takeNew(nowNs);
        }
        if (pair == NONE && isNoisy) {
            pair = takeRested(nowNs);
        }
        return pair == NONE ? EXHAUSTED : use(pair);
    }

    private void passOverNoise(long nowNs) {
        for (int looks = Math.min(LOOKS, restingCount); looks > 0 && isHeadRested(nowNs); looks--) {
            int pair = resting[restingHead];
            if (deferred[pair] || isQuiet(pair, nowNs)) {
                return;
            }
            deferred[pair] = true;
            long restedNs = restedAtNs[pair];
            removeHead();
            rest(pair, nowNs);
            restedAtNs[pair] = restedNs;
        }
    }

    private boolean isQuiet(int pair, long nowNs) {
        return rtpSockets[pair] == NONE
                || transport.isQuiet(rtpSockets[pair], nowNs - QUIET_NS)
                        && transport.isQuiet(rtcpSockets[pair], nowNs - QUIET_NS);
    }

    /** @return a pair whose rest is over, or {@link #NONE}. */
    private int takeRested(long nowNs) {
        // Each at most once: a range full of other people's ports ends the search.
        for (int tries = restingCount; tries > 0 && isHeadRested(nowNs); tries--) {
            int pair = resting[restingHead];
            removeHead();
            int answer = openNow(pair);
            if (answer == 0) {
                return pair;
            }
            rest(pair, nowNs);
            if (!isSomebodyElses(answer)) {
                return NONE;
            }
        }
        return NONE;
    }

    private int takeNew(long nowNs) {
        while (neverUsed < unopened) {
            int pair = neverUsed++;
            if (ready[pair]) {
                ready[pair] = false;
                readyCount--;
                return pair;
            }
        }
        while (unopened < pairs) {
            int answer = openNow(unopened);
            if (answer == 0) {
                return unopened++;
            }
            if (!isSomebodyElses(answer)) {
                return NONE;
            }
            rest(unopened++, nowNs);
        }
        return NONE;
    }

    private void removeHead() {
        restingHead = restingHead + 1 == pairs ? 0 : restingHead + 1;
        restingCount--;
    }

    private boolean isHeadRested(long nowNs) {
        return restingCount > 0 && restedAtNs[resting[restingHead]] - nowNs <= 0;
    }

    /** Whether the next pair may succeed where this one failed. Out of descriptors or memory, none will now. */
    private boolean isSomebodyElses(int answer) {
        if (answer != -Errno.EADDRINUSE && answer != -Errno.EACCES) {
            return false;
        }
        unusable++;
        return true;
    }

    private int use(int pair) {
        mute(pair, false);
        used[pair] = true;
        deferred[pair] = false;
        inUse++;
        return pair;
    }

    private void mute(int pair, boolean muted) {
        transport.mute(rtpSockets[pair], muted);
        transport.mute(rtcpSockets[pair], muted);
    }

    private int openNow(int pair) {
        if (rtpSockets[pair] == NONE) {
            openedLate++;
            // Whatever kept the pool from opening it ahead of need may be over.
            cannotOpen = false;
        }
        return tryOpen(pair);
    }

    /** @return 0: the pair is open; or a negative errno. */
    private int tryOpen(int pair) {
        if (rtpSockets[pair] != NONE) {
            return 0;
        }
        int rtp = transport.open(rtpPort(pair));
        if (rtp < 0) {
            return rtp;
        }
        int rtcp = transport.open(rtcpPort(pair));
        if (rtcp < 0) {
            transport.close(rtp);
            return rtcp;
        }
        rtpSockets[pair] = rtp;
        rtcpSockets[pair] = rtcp;
        return 0;
    }

    /** Gives a pair back; it rests before another leg gets it. */
    public void release(int pair, long nowNs) {
        assert used[pair] : "port pair " + pair + " was given back before";
        used[pair] = false;
        inUse--;
        cannotOpen = false;
        mute(pair, true);
        transport.disconnect(rtpSockets[pair]);
        transport.disconnect(rtcpSockets[pair]);
        rest(pair, nowNs);
    }

    private void rest(int pair, long nowNs) {
        restedAtNs[pair] = nowNs + restNs;
        int place = restingHead + restingCount++;
        resting[place < pairs ? place : place - pairs] = pair;
    }

    /** @return UDP port for RTP, even. */
    public int rtpPort(int pair) {
        return firstPort + 2 * pair;
    }

    /** @return UDP port for RTCP, odd. */
    public int rtcpPort(int pair) {
        return firstPort + 2 * pair + 1;
    }

    /** @return number of the socket of the RTP port. */
    public int rtpSocket(int pair) {
        return rtpSockets[pair];
    }

    /** @return number of the socket of the RTCP port. */
    public int rtcpSocket(int pair) {
        return rtcpSockets[pair];
    }

    /** @return pairs in the range. */
    public int capacity() {
        return pairs;
    }

    /** @return pairs that legs have now. */
    public int inUse() {
        return inUse;
    }

    /** @return pairs given back, or found taken by somebody else, that are not tried yet again. */
    public int resting() {
        return restingCount;
    }

    /** @return how often a pair was passed over since start because a port of it is somebody else's. */
    public int unusable() {
        return unusable;
    }

    /** @return pairs open that no leg has had yet. */
    public int ready() {
        return readyCount;
    }

    /** @return how often since start a leg had to wait for its sockets to be opened. */
    public int openedLate() {
        return openedLate;
    }
}
