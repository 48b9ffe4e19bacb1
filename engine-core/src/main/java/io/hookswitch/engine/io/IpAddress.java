package io.hookswitch.engine.io;

import java.net.InetAddress;

/**
 * An IP address as two longs, comparable without an object: the 16 bytes in network order, IPv4 as ::ffff:a.b.c.d
 * (RFC 4291 section 2.5.5.2). {@code high} is bytes 0-7, {@code low} bytes 8-15. The unset address is 0, 0.
 */
public final class IpAddress {
    private static final long IPV4_MAPPED = 0xFFFF_0000_0000L;

    private IpAddress() {}

    /** @return bytes 0-7 of an address of 4 or 16 bytes. */
    public static long high(byte[] address, int length) {
        return length == 4 ? 0 : longAt(address, 0);
    }

    /** @return bytes 8-15 of an address of 4 or 16 bytes. */
    public static long low(byte[] address, int length) {
        return length == 4 ? ofIpv4(intAt(address, 0)) : longAt(address, 8);
    }

    /** @return bytes 8-15 of an IPv4 address given as an int, first byte on top; bytes 0-7 are 0. */
    public static long ofIpv4(int address) {
        return IPV4_MAPPED | (address & 0xFFFF_FFFFL);
    }

    /** @return whether the two longs are an IPv4 address; its int is the lower half of {@code low}. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & 0xFFFF_FFFF_0000_0000L) == IPV4_MAPPED;
    }

    /**
     * @return whether an address means nothing, or somebody else, beyond its own network: loopback, link-local, private
     *     (RFC 1918, RFC 4193) and shared ones (RFC 6598).
     */
    public static boolean isPrivate(long high, long low) {
        if (!isIpv4(high, low)) {
            return high == 0 && low == 1 || high >>> 57 == 0xFC >> 1 || high >>> 54 == 0xFE80 >> 6;
        }
        int address = (int) low;
        return switch (address >>> 24) {
            case 10, 127 -> true;
            case 100 -> (address >>> 22 & 3) == 1;
            case 169 -> (address >>> 16 & 0xFF) == 254;
            case 172 -> (address >>> 20 & 0xF) == 1;
            case 192 -> (address >>> 16 & 0xFF) == 168;
            default -> false;
        };
    }

    /** Writes the address in network order. @return 4 or 16, the bytes written. */
    public static int bytes(long high, long low, byte[] into) {
        if (isIpv4(high, low)) {
            put(into, 0, low << 32, 4);
            return 4;
        }
        put(into, 0, high, 8);
        put(into, 8, low, 8);
        return 16;
    }

    static long high(InetAddress address) {
        byte[] bytes = address.getAddress();
        return high(bytes, bytes.length);
    }

    static long low(InetAddress address) {
        byte[] bytes = address.getAddress();
        return low(bytes, bytes.length);
    }

    private static void put(byte[] into, int at, long value, int count) {
        for (int i = 0; i < count; i++) {
            into[at + i] = (byte) (value >>> (56 - 8 * i));
        }
    }

    private static int intAt(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | (bytes[at + 3] & 0xFF);
    }

    private static long longAt(byte[] bytes, int at) {
        return (long) intAt(bytes, at) << 32 | (intAt(bytes, at + 4) & 0xFFFF_FFFFL);
    }
}
