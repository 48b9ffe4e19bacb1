package io.hookswitch.engine.core;

import io.hookswitch.engine.io.IpAddress;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.RtpStreamRewrite;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Moves packets of its own through a new core before any call does, between sockets of its own on the media address:
 * the first call meets
 * compiled code, which is fast and allocates nothing. It leaves no leg, no socket and no count behind. Start-up only,
 * core thread.
 */
final class WarmUp {
    private static final int PACKET_BYTES = 172;
    private static final long PATIENCE_NS = 2_000_000L;

    private final CoreState core;
    private final Bridges bridges;
    private final RtcpStep rtcp;
    private final NanoClock clock;
    private final Runnable cycle;
    private final byte[] address;
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private int sequence;

    /**
     * @param cycle the media half of a duty cycle: messages that wait in the rings already must not meet the warm-up's
     * legs
     */
    WarmUp(CoreState core, Bridges bridges, RtcpStep rtcp, NanoClock clock, Runnable cycle) {
        this.core = core;
        this.bridges = bridges;
        this.rtcp = rtcp;
        this.clock = clock;
        this.cycle = cycle;
        address = core.media().address().getAddress();
    }

    /** Forwards up to {@code packets} packets, for {@code mostNs} at the most. @return packets forwarded. */
    long run(int packets, long mostNs) {
        if (packets == 0) {
            return 0;
        }
        RtpTransport transport = core.transport();
        int far = transport.open(0);
        int rtpA = transport.open(0);
        int rtpB = transport.open(0);
        int rtcpSocket = transport.open(0);
        if (far < 0 || rtpA < 0 || rtpB < 0 || rtcpSocket < 0) {
            // Out of sockets this early: the core will say so itself when it needs one for a call.
            return 0;
        }
        int a = leg(rtpA, rtcpSocket, far, Codec.PCMU, 0);
        int b = leg(rtpB, rtcpSocket, far, Codec.PCMA, 8);
        bridges.join(a, b);
        long forwarded = move(far, transport.port(rtpA), packets, clock.nanoTime() + mostNs);
        bridges.part(a);
        close(a, rtpA, rtcpSocket);
        close(b, rtpB, rtcpSocket);
        transport.close(far);
        transport.close(rtcpSocket);
        core.counters().reset();
        core.latency().reset();
        return forwarded;
    }

    private int leg(int rtpSocket, int rtcpSocket, int far, int codec, int payloadType) {
        LegTable legs = core.legs();
        int row = legs.allocate(LegTable.ANSWERED);
        legs.ports(row, LegTable.NONE, rtpSocket, rtcpSocket);
        core.owners().own(row, rtpSocket, rtcpSocket);
        legs.stream(new RtpStreamRewrite(), row).start(row, 0, 0, 8000);
        MediaFlyweight media = new MediaFlyweight().wrap(new UnsafeBuffer(new byte[MediaFlyweight.LENGTH]), 0);
        media.begin().address(address).ports(core.transport().port(far), 0);
        media.addCodec(codec, payloadType, -1, 8000);
        bridges.onMedia(row, media, true, clock.nanoTime());
        return row;
    }

    private void close(int row, int rtpSocket, int rtcpSocket) {
        rtcp.stop(row, clock.nanoTime());
        core.owners().disown(rtpSocket, rtcpSocket);
        core.legs().free(row);
        core.transport().close(rtpSocket);
    }

    private long move(int far, int port, int packets, long untilNs) {
        CoreCounters counters = core.counters();
        long sent = 0;
        while (sent < packets && clock.nanoTime() < untilNs) {
            // One packet a pass: a pass is what must be compiled as well, and small loads have many.
            sent += send(far, port);
            long giveUpNs = clock.nanoTime() + PATIENCE_NS;
            while (counters.value(CoreCounters.RTP_FORWARDED) < sent && clock.nanoTime() < giveUpNs) {
                cycle.run();
            }
        }
        return counters.value(CoreCounters.RTP_FORWARDED);
    }

    private int send(int far, int port) {
        RtpTransport transport = core.transport();
        int buffer = transport.tryClaim();
        if (buffer < 0) {
            return 0;
        }
        int offset = transport.offset(buffer);
        sequence++;
        header.begin(transport.memory(), offset, PACKET_BYTES)
                .payloadType(0)
                .sequence(sequence)
                .timestamp(sequence * 160)
                .ssrc(1);
        long high = IpAddress.high(address, address.length);
        long low = IpAddress.low(address, address.length);
        return transport.sendTo(far, buffer, offset, PACKET_BYTES, high, low, port) == 0 ? 1 : 0;
    }
}
