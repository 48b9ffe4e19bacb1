package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.io.PacketRing;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.G711Gain;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpClock;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.RtpReceiveStatistics;
import io.hookswitch.rtp.RtpStreamRewrite;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One packet's way: owner by socket, source check, statistics, telephone event, rewrite in place for the peer's far
 * end, send from
 * the same buffer. Nothing is copied. Core thread.
 */
final class MediaStep implements PacketRing.Reader {
    private final LegTable legs;
    private final SocketOwners owners;
    private final SourceLatch latch;
    private final RtcpStep rtcp;
    private final RtpTransport transport;
    private final RtpSender sender;
    private final IceStep ice;
    private final SrtpStep srtp;
    private final DigitStep digits;
    private final InbandStep inband;
    private final TapStep taps;
    private final TranscodeStep transcoding;
    private final TrackMixer tracks;
    private final CoreCounters counters;
    private final FirstWords firstWords;
    private final NanoClock clock;
    private final LatencyRecorder latency;
    private final UnsafeBuffer memory;

    private final PacketFlyweight again = new PacketFlyweight();
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final RtcpLegReports reports = new RtcpLegReports();
    /** Buffer of the packet under way while it is ours, else -1. */
    private int held = -1;
    /** Row that the present step is about. */
    private int concerned = LegTable.NONE;

    private long batchArrivalNs;
    private int batchPackets;

    MediaStep(
            CoreState core,
            SourceLatch latch,
            RtcpStep rtcp,
            RtpSender sender,
            IceStep ice,
            SrtpStep srtp,
            DigitStep digits,
            InbandStep inband,
            TapStep taps,
            FirstWords firstWords,
            TranscodeStep transcoding,
            TrackMixer tracks,
            NanoClock clock) {
        this.firstWords = firstWords;
        this.legs = core.legs();
        this.owners = core.owners();
        this.transport = core.transport();
        this.sender = sender;
        this.ice = ice;
        this.srtp = srtp;
        this.digits = digits;
        this.inband = inband;
        this.taps = taps;
        this.transcoding = transcoding;
        this.tracks = tracks;
        this.counters = core.counters();
        this.latency = core.latency();
        this.latch = latch;
        this.rtcp = rtcp;
        this.clock = clock;
        memory = transport.memory();
    }

    @Override
    public void onPacket(PacketFlyweight packet) {
        int row = owners.row(packet.socket());
        held = packet.buffer();
        concerned = row;
        int sent = row == LegTable.NONE ? drop(CoreCounters.DROPPED_NO_LEG) : onLegPacket(row, packet);
        if (sent == 0) {
            releaseHeld();
        }
    }

    /** Records the latency of what was forwarded since the last call: one clock read and one record a batch. */
    void endBatch() {
        if (batchPackets > 0) {
            latency.record(clock.nanoTime() - batchArrivalNs, batchPackets);
            batchPackets = 0;
        }
    }

    private void releaseHeld() {
        int buffer = held;
        held = -1;
        transport.release(buffer);
    }

    /** Gives back what a step held that failed. @return the leg it was about, 0 = none. */
    long recover() {
        if (held >= 0) {
            releaseHeld();
        }
        return concerned == LegTable.NONE ? LegHandle.NONE : legs.handle(concerned);
    }

    /** @return 1 when the buffer was handed to a send. */
    private int onLegPacket(int row, PacketFlyweight packet) {
        if (legs.has(row, LegTable.ICE)) {
            int answer = ice.onPacket(row, packet);
            if (answer != IceStep.NOT_OURS) {
                return answer == 0 ? 0 : sendBack(packet, answer);
            }
        }
        if (owners.isRtcp(packet.socket()) || RtpHeaderFlyweight.isRtcp(memory, packet.offset(), packet.length())) {
            rtcp.onPacket(row, packet);
            return 0;
        }
        if (legs.has(row, LegTable.SECURE) && !unprotect(row, packet)) {
            return 0;
        }
        if (header.wrap(memory, packet.offset(), packet.length()) == RtpHeaderFlyweight.NOT_RTP) {
            return drop(CoreCounters.DROPPED_NOT_RTP);
        }
        if (!legs.has(row, LegTable.HAS_MEDIA)) {
            // Faster than the answer that says where it comes from.
            return firstWords.keep(row, packet, false) ? 0 : drop(CoreCounters.DROPPED_SOURCE);
        }
        if (!latch.accept(row, packet, header.ssrc(), header.sequence())) {
            return drop(CoreCounters.DROPPED_SOURCE);
        }
        counters.increment(CoreCounters.RTP_RECEIVED);
        boolean isEvent = header.payloadType() == legs.eventPayloadType(row);
        int order = isEvent ? untimed(row) : timed(row, packet.arrivalNs());
        if (isEvent) {
            // Before duplicates are dropped: some senders give all end packets the number of the one before.
            digits.onPacket(row, header, packet.arrivalNs());
        }
        if (order == RtpReceiveStatistics.DUPLICATE) {
            return drop(CoreCounters.DROPPED_DUPLICATE);
        }
        if (legs.has(row, LegTable.KEYS_IN_BAND) && header.payloadType() == legs.payloadType(row)) {
            inband.onAudio(row, header, packet.arrivalNs());
        }
        if (legs.has(row, LegTable.TAPPED) && header.payloadType() == legs.payloadType(row)) {
            taps.onAudio(row, header, packet.arrivalNs());
        }
        int peer = legs.peer(row);
        if (peer == LegTable.NONE || !legs.has(peer, LegTable.NEGOTIATED)) {
            firstWords.keep(row, packet, true);
            return drop(CoreCounters.DROPPED_NOT_JOINED);
        }
        if (!legs.has(peer, LegTable.MAY_SEND) || !legs.has(row, LegTable.MAY_RECEIVE)) {
            return onHeld(row, peer, packet);
        }
        return forward(row, peer, packet, isEvent);
    }

    /** Where a browser is comes out behind its answer only, and its keys: what is said until then is not lost. */
    private int onHeld(int row, int peer, PacketFlyweight packet) {
        if (legs.has(peer, LegTable.ICE) && !legs.has(peer, LegTable.REACHABLE)) {
            firstWords.keep(row, packet, true);
            return drop(CoreCounters.DROPPED_NOT_JOINED);
        }
        return drop(CoreCounters.DROPPED_HELD);
    }

    private int sendBack(PacketFlyweight packet, int length) {
        held = -1;
        transport.sendTo(
                packet.socket(),
                packet.buffer(),
                packet.offset(),
                length,
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort());
        return 1;
    }

    /** Lets go on what was said before its leg was joined. @return packets looked at. */
    int sayFirstWords(long nowNs) {
        int said = 0;
        for (int at = firstWords.next(0, nowNs); at >= 0; at = firstWords.next(at + 1, nowNs)) {
            int row = firstWords.row(at);
            boolean isSeen = firstWords.hasBeenSeen(at);
            concerned = row;
            if (firstWords.take(at, again, nowNs)) {
                held = again.buffer();
                int sent = isSeen ? forwardAgain(row) : onLegPacket(row, again);
                if (sent == 0) {
                    releaseHeld();
                }
                said++;
            }
        }
        endBatch();
        return said;
    }

    private int forwardAgain(int row) {
        if (header.wrap(memory, again.offset(), again.length()) == RtpHeaderFlyweight.NOT_RTP) {
            return drop(CoreCounters.DROPPED_NOT_RTP);
        }
        int peer = legs.peer(row);
        if (!legs.has(peer, LegTable.MAY_SEND) || !legs.has(row, LegTable.MAY_RECEIVE)) {
            return drop(CoreCounters.DROPPED_HELD);
        }
        return forward(row, peer, again, header.payloadType() == legs.eventPayloadType(row));
    }

    /** Before anything believes the packet: a forged one must not teach the source either. */
    private boolean unprotect(int row, PacketFlyweight packet) {
        if (legs.has(row, LegTable.LOCKED)
                && !legs.isSource(row, packet.sourceHigh(), packet.sourceLow(), packet.sourcePort())) {
            // Told from a replay by its source: the window is the far end's own.
            counters.increment(CoreCounters.DROPPED_SOURCE);
            return false;
        }
        int length = srtp.unprotectRtp(row, packet.offset(), packet.length());
        if (length < 0) {
            return false;
        }
        packet.trim(length);
        return true;
    }

    private int timed(int row, long arrivalNs) {
        int ticks = RtpClock.ticks(arrivalNs, legs.clockRate(row));
        return legs.statistics(statistics, row).onPacket(header.ssrc(), header.sequence(), header.timestamp(), ticks);
    }

    private int untimed(int row) {
        return legs.statistics(statistics, row).onUntimedPacket(header.ssrc(), header.sequence());
    }

    private int forward(int row, int peer, PacketFlyweight packet, boolean isEvent) {
        int from = legs.codec(row);
        int to = legs.codec(peer);
        boolean isAudio = !isEvent && header.payloadType() == legs.payloadType(row);
        boolean isTranscoded = legs.has(peer, LegTable.TRANSCODED);
        if (isTranscoded && !transcoding.onPacket(peer, header, isAudio)) {
            return drop(CoreCounters.DROPPED_LATE);
        }
        legs.stream(stream, peer);
        if (legs.has(peer, LegTable.KEY_SOUNDS)
                || legs.has(peer, LegTable.PLAYING)
                || legs.has(row, LegTable.KEY_HEARD)
                || isAudio && legs.has(row, LegTable.MUTED) && !isG711(from) && !isTranscoded
                || isEvent && legs.has(row, LegTable.KEYS_MADE_ANEW)) {
            stream.withhold(header, packet.arrivalNs());
            return drop(CoreCounters.WITHHELD);
        }
        if (isTranscoded && isAudio) {
            transcoding.fill(row, peer, header, stream, packet.arrivalNs());
        }
        int result = stream.rewrite(header, packet.arrivalNs());
        if (result < 0) {
            return drop(
                    result == RtpStreamRewrite.DROP_LATE ? CoreCounters.DROPPED_LATE : CoreCounters.DROPPED_UNMAPPED);
        }
        if (isAudio && legs.has(row, LegTable.GAINED) && isG711(from)) {
            loudness(row, from);
        }
        int payload = header.payloadLength();
        int length = packet.length();
        if (isTranscoded && isAudio) {
            payload = transcoding.transcode(row, peer, header, packet.buffer());
            length = header.headerLength() + payload;
            if (payload < 0) {
                return 0;
            }
        } else if (isAudio && from != to) {
            convert(from);
        }
        if (isAudio && legs.has(peer, LegTable.DUBBED)) {
            dub(peer, to, payload, packet.arrivalNs());
        }
        legs.reports(reports, peer).onSent(payload);
        held = -1;
        sender.send(peer, packet.buffer(), packet.offset(), length);
        counters.increment(CoreCounters.RTP_FORWARDED);
        if (packet.arrivalNs() != batchArrivalNs) {
            endBatch();
            batchArrivalNs = packet.arrivalNs();
        }
        batchPackets++;
        return 1;
    }

    /** A transcoder has mixed already; no other codec than G.711 comes this far without one. */
    private void dub(int peer, int codec, int payload, long nowNs) {
        if (isG711(codec) && !legs.has(peer, LegTable.TRANSCODED)) {
            tracks.mix(peer, header.payloadOffset(), payload, codec, nowNs);
        } else {
            tracks.onForwarded(peer, nowNs);
        }
    }

    private static boolean isG711(int codec) {
        return codec == Codec.PCMU || codec == Codec.PCMA;
    }

    /** A muted far end goes on sending: its peer hears silence, not a stream that stops. */
    private void loudness(int row, int codec) {
        int at = header.payloadOffset();
        int length = header.payloadLength();
        if (legs.has(row, LegTable.MUTED)) {
            memory.setMemory(at, length, codec == Codec.PCMU ? G711.MU_LAW_SILENCE : G711.A_LAW_SILENCE);
        } else if (codec == Codec.PCMU) {
            G711Gain.muLaw(memory, at, length, legs.gain(row));
        } else {
            G711Gain.aLaw(memory, at, length, legs.gain(row));
        }
    }

    /**
     * Only G.711 is mapped across codecs without a transcoder, so the other law is the one that is not the source's.
     */
    private void convert(int from) {
        if (from == Codec.PCMU) {
            G711.muLawToALaw(memory, header.payloadOffset(), header.payloadLength());
        } else {
            G711.aLawToMuLaw(memory, header.payloadOffset(), header.payloadLength());
        }
    }

    private int drop(int reason) {
        counters.increment(reason);
        return 0;
    }
}
