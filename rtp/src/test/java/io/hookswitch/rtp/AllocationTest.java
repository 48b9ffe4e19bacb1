package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A million packets through everything that a packet meets: not one byte on the heap. */
class AllocationTest {
    private static final int PACKETS = 1_000_000;
    private static final int PACKET_LENGTH = 172;

    private final UnsafeBuffer records = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(512));
    private final UnsafeBuffer bytes = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(512));
    private final UnsafeBuffer wire = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(512));
    private final RtpHeaderFlyweight packet = new RtpHeaderFlyweight();
    private final RtpReceiveStatistics statistics = new RtpReceiveStatistics();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final RtcpLegReports reports = new RtcpLegReports();
    private final TelephoneEventReceiver events = new TelephoneEventReceiver();
    private final TelephoneEventFlyweight event = new TelephoneEventFlyweight();
    private final RtcpWriter writer = new RtcpWriter();
    private final RtcpReader reader = new RtcpReader();
    private final ToneGenerator tone = new ToneGenerator(400, 0.3, false);
    private long told;

    @Test
    void shouldAllocateNothingWhenAMillionPacketsPass() {
        stream.wrap(records, 128).start(5, 1, 1, 8000);
        stream.map(0, 8);
        stream.map(101, 101);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        // The first round is the compiler's: what it or the meter allocates once is not the packets'.
        for (int i = 0; i < PACKETS; i++) {
            onPacket(i);
        }
        threads.getThreadAllocatedBytes(thread);
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < PACKETS; i++) {
            onPacket(i);
        }
        long after = threads.getThreadAllocatedBytes(thread);
        assertThat(after - before).isZero();
        assertThat(told).isPositive();
        // The meter moves when something is allocated; kept in a field, or it would be optimised away.
        kept = new byte[1024];
        assertThat(threads.getThreadAllocatedBytes(thread) - after).isGreaterThanOrEqualTo(1024);
    }

    private byte[] kept;

    private void onPacket(int i) {
        long nowNs = i * 20_000_000L;
        boolean isEvent = i % 50 < 5;
        int number = i % 1000 == 0 ? i + 10_000 : i;
        packet.begin(bytes, 0, PACKET_LENGTH)
                .payloadType(isEvent ? 101 : 0)
                .sequence(number)
                .timestamp(i * 160)
                .ssrc(i / 10_000);
        tone.fill(bytes, packet.payloadOffset(), 160);
        event.wrap(bytes, packet.payloadOffset(), 4);
        if (isEvent) {
            packet.timestamp((i - i % 50) * 160);
            event.encode(i / 50 % 16, i % 50 == 4, 10, i % 50 * 160);
        }
        if (packet.wrap(bytes, 0, i % 97 == 0 ? 11 : PACKET_LENGTH) == RtpHeaderFlyweight.NOT_RTP) {
            return;
        }
        statistics.wrap(records, 0).onPacket(packet.ssrc(), packet.sequence(), packet.timestamp(), i * 161);
        if (isEvent) {
            told += events.wrap(records, 256).onPacket(packet, event, 0, 8000, nowNs);
        } else {
            told += events.wrap(records, 256).expire(nowNs, 100_000_000L);
            G711.muLawToALaw(bytes, packet.payloadOffset(), packet.payloadLength());
        }
        if (stream.wrap(records, 128).rewrite(packet, nowNs) >= 0) {
            reports.wrap(records, 320).onSent(packet.payloadLength());
        }
        if (i % 250 == 0) {
            long ntp = RtpClock.ntp(nowNs);
            writer.wrap(wire, 0, 512);
            reports.write(writer, stream, statistics, nowNs, ntp, wire, 8);
            if (reader.wrap(wire, 0, writer.lengthBytes() - i % 3)) {
                reports.onReceived(reader, stream.ssrc(), nowNs, ntp);
            }
        }
    }
}
