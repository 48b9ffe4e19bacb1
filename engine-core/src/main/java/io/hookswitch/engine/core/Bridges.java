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
    private final IceStep ice;
    private final SrtpStep srtp;
    private final InbandStep inband;
    private final FirstWords firstWords;
    private final Transcoders transcoders;
    private final TrackMixer tracks;
    private final CoreCounters counters;
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final MediaFlyweight far = new MediaFlyweight();
    private final byte[] address = new byte[16];

    Bridges(
            LegTable legs,
            SourceLatch latch,
            RtcpStep rtcp,
            IceStep ice,
            SrtpStep srtp,
            InbandStep inband,
            FirstWords firstWords,
            Transcoders transcoders,
            TrackMixer tracks,
            CoreCounters counters) {
        this.firstWords = firstWords;
        this.legs = legs;
        this.latch = latch;
        this.rtcp = rtcp;
        this.ice = ice;
        ice.ready(this::reachable);
        this.srtp = srtp;
        this.inband = inband;
        this.transcoders = transcoders;
        this.tracks = tracks;
        tracks.serves(transcoders, this::remap);
        this.counters = counters;
    }

    Transcoders transcoders() {
        return transcoders;
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
        stopTranscoding(row);
        stopTranscoding(other);
        counters.add(CoreCounters.BRIDGES, -1);
    }

    /**
     * Takes what the sip side says of the far end's media.
     *
     * @param isNegotiated offer and answer are settled; otherwise it is an offer, whose codecs are still a list
     */
    void onMedia(int row, MediaFlyweight media, boolean isNegotiated, long nowNs) {
        ice.onMedia(row, media);
        srtp.onMedia(row, media);
        legs.media(far, row).copyFrom(media);
        int length = far.copyAddress(address);
        long high = length == 0 ? 0 : IpAddress.high(address, length);
        long low = length == 0 ? 0 : IpAddress.low(address, length);
        boolean isReachable = far.hasIce() ? ice.isReady(row) : far.rtpPort() > 0 && !isUnspecified(high, low);
        int flags = LegTable.HAS_MEDIA
                | (isNegotiated ? LegTable.NEGOTIATED : 0)
                | (isReachable ? LegTable.REACHABLE : 0)
                | (isReachable && (far.direction() & MediaFlyweight.SEND) != 0 ? LegTable.MAY_SEND : 0)
                | ((far.direction() & MediaFlyweight.RECEIVE) != 0 ? LegTable.MAY_RECEIVE : 0);
        legs.flags(row, flags, TOLD_ANEW);
        if (isReachable && !far.hasIce()) {
            int signalling = far.signallingIpv4();
            latch.expect(row, high, low, far.rtpPort(), 0, signalling == 0 ? 0 : IpAddress.ofIpv4(signalling));
        }
        if (isNegotiated) {
            settle(row, nowNs);
        }
    }

    /** A leg with ICE can be sent to from now on. */
    void reachable(int row) {
        boolean isWanted = (legs.media(far, row).direction() & MediaFlyweight.SEND) != 0;
        legs.flags(row, LegTable.REACHABLE | (isWanted ? LegTable.MAY_SEND : 0), 0);
        firstWords.joined();
    }

    /** @return whether the far end wants to hear nothing; that a browser cannot be reached yet is no hold. */
    boolean isHeld(int row) {
        return legs.has(row, LegTable.ICE)
                ? (legs.media(far, row).direction() & MediaFlyweight.SEND) == 0
                : !legs.has(row, LegTable.MAY_SEND);
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

    /** What goes to a leg has tracks mixed in, or none any more. */
    private void remap(int row) {
        int other = legs.peer(row);
        if (other != LegTable.NONE && legs.has(row, LegTable.NEGOTIATED) && legs.has(other, LegTable.NEGOTIATED)) {
            map(other, row);
        }
    }

    /** Which payload types of one leg's far end go out to another's, and as what. */
    private void map(int from, int to) {
        legs.stream(stream, to).clearMap();
        if (isPassable(from, to)) {
            stream.map(legs.payloadType(from), legs.payloadType(to));
        }
        boolean sameClock = legs.eventClockRate(from) == legs.eventClockRate(to);
        if (legs.eventPayloadType(from) >= 0 && legs.eventPayloadType(to) >= 0 && sameClock) {
            stream.map(legs.eventPayloadType(from), legs.eventPayloadType(to));
        }
    }

    /** @return whether audio can pass; a transcoder has been set to it where it takes one. */
    private boolean isPassable(int from, int to) {
        int codec = legs.codec(from);
        int wanted = legs.codec(to);
        boolean isDubbed = legs.has(to, LegTable.DUBBED);
        boolean isBridgeable = Codec.bridgeable(codec, wanted);
        if (isBridgeable && (!isDubbed || Codec.isG711(wanted))) {
            stopTranscoding(to);
            return true;
        }
        Transcoder transcoder = Transcoder.isPossible(codec, wanted) ? transcoders.take(to) : null;
        if (transcoder == null) {
            stopTranscoding(to);
            counters.increment(CoreCounters.NOT_TRANSCODED);
            return isBridgeable;
        }
        transcoder.mixes(isDubbed ? tracks : null, to);
        if (!legs.has(to, LegTable.TRANSCODED) || !transcoder.isOf(codec, wanted)) {
            transcoder.begin(codec, wanted, legs.clockRate(from), legs.clockRate(to));
            legs.flags(to, LegTable.TRANSCODED, 0);
        }
        tellInUse();
        return true;
    }

    private void stopTranscoding(int row) {
        transcoders.release(row);
        legs.flags(row, 0, LegTable.TRANSCODED);
        tellInUse();
    }

    private void tellInUse() {
        counters.set(CoreCounters.TRANSCODERS, transcoders.inUse());
    }

    /**
     * @return whether two rows can be joined: there are transcoders for both ways, if it is known that it takes any.
     */
    boolean canJoin(int row, int other) {
        if (!legs.has(row, LegTable.NEGOTIATED)
                || !legs.has(other, LegTable.NEGOTIATED)
                || Codec.bridgeable(legs.codec(row), legs.codec(other))
                || !Transcoder.isPossible(legs.codec(row), legs.codec(other))) {
            return true;
        }
        int there = transcoders.idle() + freed(row, other) + freed(other, row);
        if (there < 2) {
            counters.increment(CoreCounters.NOT_TRANSCODED);
        }
        return there >= 2;
    }

    /** @return transcoders that parting a row from another one than its peer to be gives back. */
    private int freed(int row, int other) {
        int peer = legs.peer(row);
        if (peer == LegTable.NONE) {
            return 0;
        }
        int own = transcoders.has(row) ? 1 : 0;
        return peer == other ? own : own + (transcoders.has(peer) ? 1 : 0);
    }
}
