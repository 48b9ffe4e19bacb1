package io.hookswitch.engine.io;

import java.net.InetAddress;
import java.util.Objects;

/**
 * Sizes of one core's RTP transport, fixed at start.
 *
 * @param address media address the sockets are bound to; decides between IPv4 and IPv6
 * @param idle how {@link RtpTransport#run} waits
 * @param receiveBuffers buffers the kernel fills, a power of two, 8..32768
 * @param sendBuffers buffers for datagrams we make ourselves (RTCP, generated media), 1..16384
 * @param bufferBytes of one buffer, a multiple of 64, 256..65536; the largest datagram is {@link #payloadBytes()}
 * @param maxSockets most sockets open at a time, 2..65536
 * @param trafficClass IP traffic class byte of what is sent (DSCP and ECN), 0 = the system's
 */
public record TransportSettings(
        InetAddress address,
        IdleMode idle,
        int receiveBuffers,
        int sendBuffers,
        int bufferBytes,
        int maxSockets,
        int trafficClass) {
    /** Bytes in front of a buffer's payload: what io_uring writes ahead of it (16 + 32 for an address). */
    static final int HEADROOM = 48;

    /** Checks the ranges. */
    public TransportSettings {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(idle, "idle");
        require("receiveBuffers", receiveBuffers, 8, 32768);
        require("sendBuffers", sendBuffers, 1, 16384);
        require("bufferBytes", bufferBytes, 256, 65536);
        require("maxSockets", maxSockets, 2, 65536);
        require("trafficClass", trafficClass, 0, 255);
        if (Integer.bitCount(receiveBuffers) != 1 || (bufferBytes & 63) != 0) {
            throw new IllegalArgumentException("receiveBuffers " + receiveBuffers + " is not a power of two or"
                    + " bufferBytes " + bufferBytes + " not a multiple of 64");
        }
        if ((long) (receiveBuffers + sendBuffers) * bufferBytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("buffers of one core exceed 2 GiB");
        }
    }

    /**
     * The default sizes: 512 + 512 buffers of 1,728 bytes (an Ethernet's datagram), 40,000 sockets, expedited
     * forwarding
     * (RFC 3246). All receive buffers are used in turn, so few of them stay in the processor's cache, and an odd number
     * of cache lines spreads them over all of it. What finds no buffer in an overload waits in its socket.
     */
    public static TransportSettings of(InetAddress address, IdleMode idle) {
        return new TransportSettings(address, idle, 512, 512, 1728, 40_000, 46 << 2);
    }

    /** @return these settings with other numbers of buffers. */
    public TransportSettings withBuffers(int received, int own) {
        return new TransportSettings(address, idle, received, own, bufferBytes, maxSockets, trafficClass);
    }

    /** @return bytes of the largest datagram that can be received or sent. */
    public int payloadBytes() {
        return bufferBytes - HEADROOM;
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " is not in " + least + ".." + most);
        }
    }
}
