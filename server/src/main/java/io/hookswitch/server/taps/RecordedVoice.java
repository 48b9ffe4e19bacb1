package io.hookswitch.server.taps;

import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.rtp.RtcpWriter;
import io.hookswitch.rtp.RtpClock;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.codec.G711Encoder;
import io.hookswitch.sip.RecordingSession.Target;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One voice of a recording: what a leg says as RTP of G.711 in packets of 20 ms, and sender reports, from an even port
 * and the one above it (RFC 3550 section 11). Nothing is read: the server has nothing to say here. Thread {@code taps}.
 */
final class RecordedVoice implements AutoCloseable {
    private static final int RATE = 8_000;
    private static final int PER_FRAME = RATE / 1_000 * Tap.FRAME_MS;
    private static final int FRAMES_A_REPORT = 5_000 / Tap.FRAME_MS;
    private static final int PCMA = 8;
    private static final int PORT_TRIES = 64;
    private static final int RECEIVE_BUFFER = 4 << 10;
    private static final byte[] CNAME = "recorder".getBytes(StandardCharsets.US_ASCII);
    private static final UnsafeBuffer CNAME_TEXT = new UnsafeBuffer(CNAME);

    private final TapCounters counters;
    private final DatagramChannel rtp;
    private final DatagramChannel rtcp;
    private final int port;
    private final int ssrc;
    private final Ear ear = new Ear(RATE);
    private final short[] frame = new short[PER_FRAME];
    private final ByteBuffer packet = ByteBuffer.allocateDirect(RtpHeaderFlyweight.FIXED_LENGTH + PER_FRAME);
    private final UnsafeBuffer bytes = new UnsafeBuffer(packet);
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final RtcpWriter report = new RtcpWriter();
    private int sequence;
    private int timestamp;
    private int packets;
    private int frames;
    /** The next packet begins a talk spurt (RFC 3551 section 4.1). */
    private boolean begins = true;
    /** Null = it is not sent. */
    private Target target;

    private RecordedVoice(TapCounters counters, DatagramChannel rtp, DatagramChannel rtcp, RandomGenerator random)
            throws IOException {
        this.counters = counters;
        this.rtp = rtp;
        this.rtcp = rtcp;
        port = port(rtp);
        ssrc = random.nextInt();
        sequence = random.nextInt() & 0x7FFF;
        timestamp = random.nextInt();
    }

    /** Opens a pair of ports. @throws IOException there is none */
    static RecordedVoice open(InetAddress address, TapCounters counters, RandomGenerator random) throws IOException {
        for (int i = 0; i < PORT_TRIES; i++) {
            DatagramChannel rtp = bound(new InetSocketAddress(address, 0));
            DatagramChannel rtcp = null;
            try {
                if ((port(rtp) & 1) == 0) {
                    rtcp = bound(new InetSocketAddress(address, port(rtp) + 1));
                    return new RecordedVoice(counters, rtp, rtcp, random);
                }
            } catch (BindException e) {
                // Somebody has it: another pair.
                continue;
            } finally {
                if (rtcp == null) {
                    rtp.close();
                }
            }
        }
        throw new IOException("no two ports of " + address.getHostAddress() + " in a row are free");
    }

    private static DatagramChannel bound(InetSocketAddress to) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            return channel.bind(to);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static int port(DatagramChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /** @return the port that is sent from. */
    int port() {
        return port;
    }

    /** Goes to another place, null = nowhere for now. */
    void to(Target where) {
        begins |= target == null;
        target = where;
    }

    /** The leg said something. */
    void hear(TapFlyweight record) {
        ear.hear(record);
    }

    /** Somebody else speaks from now on. */
    void changeSpeaker() {
        ear.clear();
        begins = true;
    }

    /** The next 20 ms have gone by. @param isSent false = they are kept from the server */
    void next(boolean isSent, long epochNs) {
        ear.read(frame, PER_FRAME);
        timestamp += PER_FRAME;
        if (target == null || !isSent) {
            begins = true;
            return;
        }
        send();
        if (frames++ % FRAMES_A_REPORT == 0) {
            report(epochNs, false);
        }
    }

    private void send() {
        header.begin(bytes, 0, bytes.capacity())
                .payloadType(target.payloadType())
                .marker(begins)
                .sequence(sequence++ & 0xFFFF)
                .timestamp(timestamp)
                .ssrc(ssrc);
        begins = false;
        G711Encoder law = target.payloadType() == PCMA ? G711Encoder.A_LAW : G711Encoder.MU_LAW;
        law.encode(frame, 0, PER_FRAME, bytes, RtpHeaderFlyweight.FIXED_LENGTH, PER_FRAME);
        if (send(rtp, packet.clear(), target.address())) {
            packets++;
            counters.framesSent.increment();
        } else {
            counters.framesDropped.increment();
        }
    }

    /** What the network does not take now is lost, as anywhere on its way. */
    private static boolean send(DatagramChannel from, ByteBuffer datagram, InetSocketAddress to) {
        try {
            return from.send(datagram, to) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** RFC 3550 section 6.4.1; {@code isLast}: with a BYE. */
    private void report(long epochNs, boolean isLast) {
        report.wrap(bytes, 0, bytes.capacity());
        report.senderReport(ssrc, RtpClock.ntp(epochNs), timestamp, packets, packets * PER_FRAME);
        report.cname(ssrc, CNAME_TEXT, 0, CNAME.length);
        if (isLast) {
            report.bye(ssrc);
        }
        InetSocketAddress to = target.address();
        if (to.getPort() < 0xFFFF) {
            packet.clear().limit(report.lengthBytes());
            send(rtcp, packet, new InetSocketAddress(to.getAddress(), to.getPort() + 1));
        }
    }

    /** Says that nothing more comes, where something came. */
    void leave(long epochNs) {
        if (target != null && packets > 0) {
            report(epochNs, true);
        }
    }

    /** Gives its ports back. */
    @Override
    public void close() {
        target = null;
        try (rtp;
                rtcp) {
            // Both are closed, whatever the one says.
        } catch (IOException e) {
            counters.failed.increment();
        }
    }
}
