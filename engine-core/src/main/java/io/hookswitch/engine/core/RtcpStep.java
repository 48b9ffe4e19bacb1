package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtcpReader;
import io.hookswitch.rtp.RtcpWriter;
import io.hookswitch.rtp.RtpClock;
import io.hookswitch.rtp.RtpReceiveStatistics;
import io.hookswitch.rtp.RtpStreamRewrite;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * RTCP of our own on each leg (RFC 3550 section 6): reports sent at a randomised interval, the far end's read, nothing
 * forwarded. Core
 * thread.
 */
final class RtcpStep implements TimerWheel.Handler {
    private final LegTable legs;
    private final RtpTransport transport;
    private final CoreCounters counters;
    private final RtcpSource source;
    private final EpochNanoClock wallClock;
    private final SrtpStep srtp;
    private final SplittableRandom random;
    private final long intervalNs;
    private final TimerWheel due;
    private final UnsafeBuffer memory;
    private final UnsafeBuffer cname;

    private final RtcpReader reader = new RtcpReader();
    private final RtcpWriter writer = new RtcpWriter();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final RtcpLegReports reports = new RtcpLegReports();
    private final MediaFlyweight far = new MediaFlyweight();
    private long nowNs;
    private int concerned = LegTable.NONE;

    /** @param cname sent in every report; up to 64 bytes, the same for all legs of this core */
    RtcpStep(
            CoreState core,
            SrtpStep srtp,
            EpochNanoClock wallClock,
            SplittableRandom random,
            String cname,
            long nowNs) {
        this.srtp = srtp;
        legs = core.legs();
        transport = core.transport();
        counters = core.counters();
        intervalNs = core.media().rtcpIntervalNs();
        memory = transport.memory();
        source = new RtcpSource(legs, memory);
        this.wallClock = wallClock;
        this.random = random;
        this.cname = new UnsafeBuffer(cname.getBytes(StandardCharsets.US_ASCII));
        due = new TimerWheel(core.settings().legs(), 10_000_000L, nowNs);
    }

    /** Starts a leg's reports; does nothing when they run already. */
    void start(int row, long startNs) {
        due.arm(row, 0, startNs + nextIntervalNs());
    }

    /** Stops a leg's reports and says BYE to a far end that was sent something. */
    void stop(int row, long stopNs) {
        if (due.disarm(row) && legs.stream(stream, row).started()) {
            report(row, stopNs, true);
        }
    }

    /** Sends what is due. @return reports sent. */
    int poll(long pollNs, int limit) {
        nowNs = pollNs;
        concerned = LegTable.NONE;
        return due.poll(pollNs, this, limit);
    }

    /** @return the leg that the last report of a poll was about, 0 = none. */
    long concerned() {
        return concerned == LegTable.NONE ? LegHandle.NONE : legs.handle(concerned);
    }

    /** @return when the next report is due. */
    long nextNs() {
        return due.nextNs();
    }

    @Override
    public void onTimer(long key, long value) {
        int row = (int) key;
        concerned = row;
        report(row, nowNs, false);
        due.arm(key, 0, nowNs + nextIntervalNs());
    }

    /** Between half and one and a half of the mean (RFC 3550 section 6.3.1). */
    private long nextIntervalNs() {
        return intervalNs / 2 + random.nextLong(intervalNs);
    }

    /** Takes one datagram from a leg's RTCP port, or a multiplexed one; the buffer stays the caller's. */
    void onPacket(int row, PacketFlyweight packet) {
        counters.increment(CoreCounters.RTCP_RECEIVED);
        boolean isSource = source.accept(row, packet);
        int length = packet.length();
        if (isSource && legs.has(row, LegTable.SECURE)) {
            length = srtp.unprotectRtcp(row, packet.offset(), length);
            if (length < 0) {
                return;
            }
        }
        if (!isSource || !reader.wrap(memory, packet.offset(), length)) {
            counters.increment(isSource ? CoreCounters.RTCP_INVALID : CoreCounters.DROPPED_SOURCE);
            return;
        }
        source.lock(row, packet);
        int ssrc = legs.stream(stream, row).ssrc();
        legs.reports(reports, row).onReceived(reader, ssrc, packet.arrivalNs(), RtpClock.ntp(wallClock.nanoTime()));
    }

    private void report(int row, long atNs, boolean isLast) {
        int port = legs.has(row, LegTable.REACHABLE) ? legs.media(far, row).rtcpPort() : 0;
        int buffer = port == 0 ? -1 : transport.tryClaim();
        if (buffer < 0) {
            return;
        }
        int offset = transport.offset(buffer);
        writer.wrap(memory, offset, transport.payloadBytes());
        boolean written = legs.reports(reports, row)
                .write(
                        writer,
                        legs.stream(stream, row),
                        legs.statistics(statistics, row),
                        atNs,
                        RtpClock.ntp(wallClock.nanoTime()),
                        cname,
                        cname.capacity());
        if (!written || isLast && !writer.bye(stream.ssrc())) {
            transport.release(buffer);
            return;
        }
        int length = writer.lengthBytes();
        if (legs.has(row, LegTable.SECURE)) {
            length = srtp.protectRtcp(row, offset, length);
            if (length < 0) {
                transport.release(buffer);
                return;
            }
        }
        send(row, buffer, offset, length, port);
        counters.increment(CoreCounters.RTCP_SENT);
    }

    private void send(int row, int buffer, int offset, int length, int port) {
        boolean isMuxed = port == far.rtpPort() || legs.has(row, LegTable.ICE);
        int socket = isMuxed ? legs.rtpSocket(row) : legs.rtcpSocket(row);
        if (isMuxed && legs.has(row, LegTable.LOCKED)) {
            transport.send(socket, buffer, offset, length);
        } else {
            transport.sendTo(
                    socket,
                    buffer,
                    offset,
                    length,
                    legs.sourceHigh(row),
                    legs.sourceLow(row),
                    isMuxed ? legs.sourcePort(row) : source.port(row, port));
        }
    }
}
