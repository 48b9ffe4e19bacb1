package io.hookswitch.engine.core;

import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.RtpStreamRewrite;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packets between legs whose codecs differ by more than the law of G.711: decoded, encoded and made up for when they
 * are missing. Core thread.
 */
final class TranscodeStep {
    /** Answer when a packet cannot go on. */
    static final int FAILED = -1;

    private static final int PADDING_BIT = 0x20;
    /** Room behind the payload for an SRTP tag. */
    private static final int TRAILER = 16;

    private final LegTable legs;
    private final Transcoders transcoders;
    private final RtpTransport transport;
    private final RtpSender sender;
    private final CoreCounters counters;
    private final UnsafeBuffer memory;
    private final RtpHeaderFlyweight made = new RtpHeaderFlyweight();
    private final RtcpLegReports reports = new RtcpLegReports();
    private int sequence;
    private int timestamp;

    TranscodeStep(CoreState core, RtpSender sender, Transcoders transcoders) {
        legs = core.legs();
        transport = core.transport();
        memory = transport.memory();
        counters = core.counters();
        this.sender = sender;
        this.transcoders = transcoders;
    }

    /**
     * Takes note of a packet of a leg toward a peer that is transcoded for, before its stream is rewritten.
     *
     * @return false when it comes too late
     */
    boolean onPacket(int peer, RtpHeaderFlyweight packet, boolean isAudio) {
        if (!transcoders.of(peer).onPacket(packet, isAudio)) {
            return false;
        }
        sequence = packet.sequence();
        timestamp = packet.timestamp();
        return true;
    }

    /** Sends what is missing in front of a packet of audio that {@link #onPacket} has just taken note of. */
    void fill(int row, int peer, RtpHeaderFlyweight packet, RtpStreamRewrite stream, long arrivalNs) {
        Transcoder transcoder = transcoders.of(peer);
        for (int left = transcoder.missing(packet); left > 0; left--) {
            int buffer = transport.tryClaim();
            if (buffer < 0) {
                return;
            }
            int offset = transport.offset(buffer);
            made.begin(memory, offset, RtpHeaderFlyweight.FIXED_LENGTH)
                    .payloadType(packet.payloadType())
                    .sequence(transcoder.missingSequence())
                    .timestamp(transcoder.missingTimestamp())
                    .ssrc(packet.ssrc());
            int payload = offset + RtpHeaderFlyweight.FIXED_LENGTH;
            int length = transcoder.conceal(memory, payload, room(buffer, payload), db(row));
            if (length < 0 || stream.rewrite(made, arrivalNs) < 0) {
                transport.release(buffer);
                return;
            }
            legs.reports(reports, peer).onSent(length);
            sender.send(peer, buffer, offset, RtpHeaderFlyweight.FIXED_LENGTH + length);
            counters.increment(CoreCounters.CONCEALED);
        }
    }

    /**
     * Transcodes the packet that {@link #onPacket} took note of, in place. @return bytes of its new payload or FAILED
     */
    int transcode(int row, int peer, RtpHeaderFlyweight header, int buffer) {
        int at = header.payloadOffset();
        int length = transcoders.of(peer).transcode(header, sequence, timestamp, memory, room(buffer, at), db(row));
        if (length < 0) {
            counters.increment(CoreCounters.DROPPED_UNDECODABLE);
            return FAILED;
        }
        memory.putByte(header.offset(), (byte) (memory.getByte(header.offset()) & ~PADDING_BIT));
        counters.increment(CoreCounters.TRANSCODED);
        return length;
    }

    private int room(int buffer, int at) {
        return transport.offset(buffer) + transport.payloadBytes() - at - TRAILER;
    }

    /** G.711 has been made louder or softer already, as it is without a transcoder. */
    private int db(int row) {
        if (!legs.has(row, LegTable.GAINED) || Codec.isG711(legs.codec(row))) {
            return 0;
        }
        return legs.has(row, LegTable.MUTED) ? Loudness.MUTE : legs.gain(row);
    }
}
