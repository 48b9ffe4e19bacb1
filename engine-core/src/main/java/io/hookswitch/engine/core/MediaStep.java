package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.io.PacketRing;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpClock;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.RtpReceiveStatistics;
import io.hookswitch.rtp.RtpStreamRewrite;
import io.hookswitch.rtp.TelephoneEventFlyweight;
import io.hookswitch.rtp.TelephoneEventReceiver;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One packet's way: owner by socket, source check, statistics, telephone event, rewrite in place for the peer's far
 * end, send from
 * the same buffer. Nothing is copied. Core thread.
 */
final class MediaStep implements PacketRing.Reader {
    /** A press whose end packets were all lost ends after this silence: longer than any sender's packet interval. */
    private static final long DIGIT_SILENCE_NS = 200_000_000L;

    /** Most events of one packet that are looked at: they are contiguous, and keys need pauses. */
    private static final int MAX_EVENTS = 8;

    private static final long NS_PER_S = 1_000_000_000L;

    private final LegTable legs;
    private final SocketOwners owners;
    private final SourceLatch latch;
    private final RtcpStep rtcp;
    private final RtpTransport transport;
    private final CoreRings rings;
    private final CoreCounters counters;
    private final NanoClock clock;
    private final LatencyRecorder latency;
    private final UnsafeBuffer memory;

    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final RtcpLegReports reports = new RtcpLegReports();
    private final TelephoneEventFlyweight event = new TelephoneEventFlyweight();
    private final TelephoneEventReceiver receiver = new TelephoneEventReceiver();
    /** Rows with a key down, in the order of pressing. */
    private final int[] pressed;

    private int pressedCount;
    /** Buffer of the packet under way while it is ours, else -1. */
    private int held = -1;
    /** Row that the present step is about. */
    private int concerned = LegTable.NONE;

    MediaStep(CoreState core, SourceLatch latch, RtcpStep rtcp, NanoClock clock) {
        this.legs = core.legs();
        this.owners = core.owners();
        this.transport = core.transport();
        this.rings = core.rings();
        this.counters = core.counters();
        this.latency = core.latency();
        this.latch = latch;
        this.rtcp = rtcp;
        this.clock = clock;
        memory = transport.memory();
        pressed = new int[core.settings().legs()];
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
        if (owners.isRtcp(packet.socket()) || RtpHeaderFlyweight.isRtcp(memory, packet.offset(), packet.length())) {
            rtcp.onPacket(row, packet);
            return 0;
        }
        if (header.wrap(memory, packet.offset(), packet.length()) == RtpHeaderFlyweight.NOT_RTP) {
            return drop(CoreCounters.DROPPED_NOT_RTP);
        }
        if (!legs.has(row, LegTable.HAS_MEDIA) || !latch.accept(row, packet, header.ssrc(), header.sequence())) {
            return drop(CoreCounters.DROPPED_SOURCE);
        }
        counters.increment(CoreCounters.RTP_RECEIVED);
        boolean isEvent = header.payloadType() == legs.eventPayloadType(row);
        int order = isEvent ? untimed(row) : timed(row, packet.arrivalNs());
        if (isEvent) {
            // Before duplicates are dropped: some senders give all end packets the number of the one before.
            onTelephoneEvent(row, packet.arrivalNs());
        }
        if (order == RtpReceiveStatistics.DUPLICATE) {
            return drop(CoreCounters.DROPPED_DUPLICATE);
        }
        int peer = legs.peer(row);
        if (peer == LegTable.NONE || !legs.has(peer, LegTable.NEGOTIATED)) {
            return drop(CoreCounters.DROPPED_NOT_JOINED);
        }
        if (!legs.has(peer, LegTable.MAY_SEND) || !legs.has(row, LegTable.MAY_RECEIVE)) {
            return drop(CoreCounters.DROPPED_HELD);
        }
        return forward(row, peer, packet, isEvent);
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
        legs.stream(stream, peer);
        int result = stream.rewrite(header, packet.arrivalNs());
        if (result < 0) {
            return drop(
                    result == RtpStreamRewrite.DROP_LATE ? CoreCounters.DROPPED_LATE : CoreCounters.DROPPED_UNMAPPED);
        }
        if (isAudio && from != to) {
            convert(from);
        }
        legs.reports(reports, peer).onSent(header.payloadLength());
        send(peer, packet);
        counters.increment(CoreCounters.RTP_FORWARDED);
        latency.record(clock.nanoTime() - packet.arrivalNs());
        return 1;
    }

    /** Only G.711 is mapped across codecs, so the other law is the one that is not the source's. */
    private void convert(int from) {
        if (from == Codec.PCMU) {
            G711.muLawToALaw(memory, header.payloadOffset(), header.payloadLength());
        } else {
            G711.aLawToMuLaw(memory, header.payloadOffset(), header.payloadLength());
        }
    }

    private void send(int peer, PacketFlyweight packet) {
        int socket = legs.rtpSocket(peer);
        held = -1;
        if (legs.has(peer, LegTable.LOCKED)) {
            transport.send(socket, packet.buffer(), packet.offset(), packet.length());
        } else {
            transport.sendTo(
                    socket,
                    packet.buffer(),
                    packet.offset(),
                    packet.length(),
                    legs.sourceHigh(peer),
                    legs.sourceLow(peer),
                    legs.sourcePort(peer));
        }
    }

    private void onTelephoneEvent(int row, long nowNs) {
        int clockRate = Math.max(1, legs.eventClockRate(row));
        int length = Math.min(header.payloadLength(), MAX_EVENTS * TelephoneEventFlyweight.LENGTH);
        int startTicks = 0;
        for (int at = 0;
                event.wrap(memory, header.payloadOffset() + at, length - at);
                at += TelephoneEventFlyweight.LENGTH) {
            told(row, legs.events(receiver, row).onPacket(header, event, startTicks, clockRate, nowNs), nowNs);
            startTicks += event.durationTicks();
        }
    }

    private void told(int row, int happened, long nowNs) {
        if ((happened & TelephoneEventReceiver.PREVIOUS_ENDED) != 0) {
            press(row, receiver.previousDigit(), receiver.previousDurationTicks(), nowNs);
            forget(row);
        }
        if ((happened & TelephoneEventReceiver.BEGUN) != 0) {
            pressed[pressedCount++] = row;
        }
        if ((happened & TelephoneEventReceiver.ENDED) != 0) {
            press(row, receiver.digit(), receiver.durationTicks(), nowNs);
            forget(row);
        }
    }

    /** Ends presses whose end was lost; at most one a call, so that a cycle stays short. */
    int expirePresses(long nowNs) {
        for (int i = 0; i < pressedCount; i++) {
            int row = pressed[i];
            concerned = row;
            if (legs.events(receiver, row).expire(nowNs, DIGIT_SILENCE_NS) == TelephoneEventReceiver.ENDED) {
                press(row, receiver.digit(), receiver.durationTicks(), nowNs);
                forget(row);
                return 1;
            }
        }
        return 0;
    }

    /** @return whether a key is down somewhere, so that the core must look again soon. */
    boolean hasPresses() {
        return pressedCount > 0;
    }

    /** Forgets a key that is down on a leg; its press is not reported. */
    void forget(int row) {
        for (int i = 0; i < pressedCount; i++) {
            if (pressed[i] == row) {
                pressedCount--;
                System.arraycopy(pressed, i + 1, pressed, i, pressedCount - i);
                return;
            }
        }
    }

    private void press(int row, char digit, int durationTicks, long nowNs) {
        counters.increment(CoreCounters.DIGITS);
        MessageFlyweight out = rings.events().tryClaim(CoreEvent.DIGIT);
        if (out == null) {
            counters.increment(CoreCounters.DIGITS_LOST);
            return;
        }
        int clockRate = Math.max(1, legs.eventClockRate(row));
        out.leg(legs.handle(row))
                .cause(digit)
                .timeNs(nowNs)
                .durationNs(Integer.toUnsignedLong(durationTicks) * NS_PER_S / clockRate);
        rings.events().publish();
    }

    private int drop(int reason) {
        counters.increment(reason);
        return 0;
    }
}
