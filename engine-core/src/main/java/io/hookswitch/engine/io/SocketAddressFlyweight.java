package io.hookswitch.engine.io;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * The kernel's sockaddr_in (16 bytes) and sockaddr_in6 (28 bytes) in place.
 *
 * <pre>
 *  sockaddr_in   0 short family   2 short port (network order)   4 address, 4 bytes
 *  sockaddr_in6  0 short family   2 short port (network order)   4 int flow   8 address, 16 bytes   24 int scope
 * </pre>
 */
final class SocketAddressFlyweight {
    /** Room for either, in whole words. */
    static final int MAX_LENGTH = 32;

    private static final int IPV4_LENGTH = 16;
    private static final int IPV6_LENGTH = 28;
    private static final int PORT_OFFSET = 2;
    private static final int IPV4_OFFSET = 4;
    private static final int FLOW_OFFSET = 4;
    private static final int IPV6_OFFSET = 8;
    private static final int SCOPE_OFFSET = 24;
    /** First 10 bits of a link-local address (RFC 4291 section 2.5.6). */
    private static final long LINK_LOCAL = 0xFE80L;

    private final boolean ipv6;
    private final int scope;

    private MutableDirectBuffer buffer;
    private int offset;

    /** @param scope interface of link-local addresses, 0 = none */
    SocketAddressFlyweight(boolean ipv6, int scope) {
        this.ipv6 = ipv6;
        this.scope = scope;
    }

    SocketAddressFlyweight wrap(MutableDirectBuffer memory, int memoryOffset) {
        buffer = memory;
        offset = memoryOffset;
        return this;
    }

    /** @return bytes written, or -EINVAL for an address of the other family. */
    int encode(long high, long low, int port) {
        if (ipv6 == IpAddress.isIpv4(high, low)) {
            return -Errno.EINVAL;
        }
        buffer.putShort(offset + PORT_OFFSET, (short) port, ByteOrder.BIG_ENDIAN);
        if (!ipv6) {
            buffer.putShort(offset, (short) LibC.AF_INET);
            buffer.putInt(offset + IPV4_OFFSET, (int) low, ByteOrder.BIG_ENDIAN);
            buffer.putLong(offset + IPV4_OFFSET + Integer.BYTES, 0);
            return IPV4_LENGTH;
        }
        buffer.putShort(offset, (short) LibC.AF_INET6);
        buffer.putInt(offset + FLOW_OFFSET, 0);
        buffer.putLong(offset + IPV6_OFFSET, high, ByteOrder.BIG_ENDIAN);
        buffer.putLong(offset + IPV6_OFFSET + Long.BYTES, low, ByteOrder.BIG_ENDIAN);
        buffer.putInt(offset + SCOPE_OFFSET, (high >>> 48 & 0xFFC0L) == LINK_LOCAL ? scope : 0);
        return IPV6_LENGTH;
    }

    long high() {
        return ipv6 ? buffer.getLong(offset + IPV6_OFFSET, ByteOrder.BIG_ENDIAN) : 0;
    }

    long low() {
        return ipv6
                ? buffer.getLong(offset + IPV6_OFFSET + Long.BYTES, ByteOrder.BIG_ENDIAN)
                : IpAddress.ofIpv4(buffer.getInt(offset + IPV4_OFFSET, ByteOrder.BIG_ENDIAN));
    }

    int port() {
        return buffer.getShort(offset + PORT_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }
}
