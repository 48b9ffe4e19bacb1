package io.hookswitch.engine.core;

import io.hookswitch.engine.io.IpAddress;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.RtpStreamRewrite;

/**
 * Joins and parts legs, and turns what was negotiated into what the packet path reads: source, direction, payload type
 * map. Core
 * thread.
 */
final class Bridges {
    /** Flags that every description sets or clears. */
    private static final int TOLD_ANEW =
            LegTable.NEGOTIATED | LegTable.REACHABLE | LegTable.MAY_SEND | LegTable.MAY_RECEIVE;

    private final LegTable legs;
    private final SourceLatch latch;
    private final RtcpStep rtcp;
    private final SrtpStep srtp;
    private final InbandStep inband;
    private final FirstWords firstWords;
    private final CoreCounters counters;
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final MediaFlyweight far = new MediaFlyweight();
    private final byte[] address = new byte[16];

    Bridges(
            LegTable legs,
            SourceLatch latch,
            RtcpStep rtcp,
            SrtpStep srtp,
            InbandStep inband,
            FirstWords firstWords,
            CoreCounters counters) {
        this.firstWords = firstWords;
        this.legs = legs;
        this.latch = latch;
        this.rtcp = rtcp;
        this.srtp = srtp;
        this.inband = inband;
        this.counters = counters;
    }

    /** Joins two rows; whatever either was joined to is parted first. */
    void join(int row, int other) {
        if (legs.peer(row) == other) {
            return;
        }
        part(row);
        part(other);
        legs.peer(row, other);
        legs.peer(other, row);
        legs.stream(stream, row).sourceChanged();
        legs.stream(stream, other).sourceChanged();
        // What either was joined to before has left its payload types behind: nothing flows until both are settled.
        legs.stream(stream, row).clearMap();
        legs.stream(stream, other).clearMap();
        counters.add(CoreCounters.BRIDGES, 1);
        mapBothWays(row);
    }

    /** Parts a row from whatever it is joined to. */
    void part(int row) {
        int other = legs.peer(row);
        if (other == LegTable.NONE) {
            return;
        }
        legs.peer(row, LegTable.NONE);
        legs.peer(other, LegTable.NONE);
        counters.add(CoreCounters.BRIDGES, -1);
    }

    /**
     * Takes what the sip side says of the far end's media.
     *
     * @param isNegotiated offer and answer are settled; otherwise it is an offer, whose codecs are still a list
     */
    void onMedia(int row, MediaFlyweight media, boolean isNegotiated, long nowNs) {
        srtp.onMedia(row, media);
        legs.media(far, row).copyFrom(media);
        int length = far.copyAddress(address);
        long high = length == 0 ? 0 : IpAddress.high(address, length);
        long low = length == 0 ? 0 : IpAddress.low(address, length);
        boolean isReachable = far.rtpPort() > 0 && !isUnspecified(high, low);
        int flags = LegTable.HAS_MEDIA
                | (isNegotiated ? LegTable.NEGOTIATED : 0)
                | (isReachable ? LegTable.REACHABLE : 0)
                | (isReachable && (far.direction() & MediaFlyweight.SEND) != 0 ? LegTable.MAY_SEND : 0)
                | ((far.direction() & MediaFlyweight.RECEIVE) != 0 ? LegTable.MAY_RECEIVE : 0);
        legs.flags(row, flags, TOLD_ANEW);
        if (isReachable) {
            int signalling = far.signallingIpv4();
            latch.expect(row, high, low, far.rtpPort(), 0, signalling == 0 ? 0 : IpAddress.ofIpv4(signalling));
        }
        if (isNegotiated) {
            settle(row, nowNs);
        }
    }

    /** An address of zeros is the old way to hold: neither RTP nor RTCP goes out (RFC 3264 section 8.4). */
    private static boolean isUnspecified(long high, long low) {
        return IpAddress.isIpv4(high, low) ? (int) low == 0 : high == 0 && low == 0;
    }

    private void settle(int row, long nowNs) {
        int codec = far.codecCount() > 0 ? far.codec(0) : Codec.UNKNOWN;
        int clockRate = far.codecCount() > 0 ? far.clockRate(0) : 8000;
        legs.codec(row, codec, far.codecCount() > 0 ? far.payloadType(0) : LegTable.NONE, clockRate);
        legs.telephoneEvent(row, far.telephoneEventPayloadType(), far.telephoneEventClockRate());
        inband.onNegotiated(row);
        legs.stream(stream, row);
        if (stream.clockRate() != clockRate) {
            stream.clockRate(clockRate);
        }
        rtcp.start(row, nowNs);
        mapBothWays(row);
    }

    private void mapBothWays(int row) {
        int other = legs.peer(row);
        if (other == LegTable.NONE || !legs.has(row, LegTable.NEGOTIATED) || !legs.has(other, LegTable.NEGOTIATED)) {
            return;
        }
        map(row, other);
        map(other, row);
        firstWords.joined();
    }

    /** Which payload types of one leg's far end go out to another's, and as what. */
    private void map(int from, int to) {
        legs.stream(stream, to).clearMap();
        if (Codec.bridgeable(legs.codec(from), legs.codec(to))) {
            stream.map(legs.payloadType(from), legs.payloadType(to));
        }
        boolean sameClock = legs.eventClockRate(from) == legs.eventClockRate(to);
        if (legs.eventPayloadType(from) >= 0 && legs.eventPayloadType(to) >= 0 && sameClock) {
            stream.map(legs.eventPayloadType(from), legs.eventPayloadType(to));
        }
    }
}
