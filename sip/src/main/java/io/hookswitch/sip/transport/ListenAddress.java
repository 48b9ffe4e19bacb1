package io.hookswitch.sip.transport;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * Where we listen.
 *
 * @param transport how messages travel
 * @param address to bind; port 0 = any free port
 * @param advertised what Via and Contact say; differs from the bound address behind NAT or when all addresses are bound
 */
public record ListenAddress(Transport transport, InetSocketAddress address, InetAddress advertised) {
    /** Refuses a wildcard without an advertised address. */
    public ListenAddress {
        Objects.requireNonNull(transport);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("listen address " + address + " is not an IP address");
        }
        if (advertised.isAnyLocalAddress()) {
            throw new IllegalArgumentException("listen address " + transport.wireName() + ":" + address
                    + " binds every address: say which one to advertise");
        }
    }

    /** Advertises the address it binds. */
    public ListenAddress(Transport transport, InetSocketAddress address) {
        this(transport, address, address.getAddress());
    }

    /**
     * Reads {@code udp:127.0.0.1:5060} or {@code tcp:[::1]:5060}; port 0 = any free port.
     *
     * @throws IllegalArgumentException that says what is wrong with the text
     */
    public static ListenAddress parse(String text) {
        return new ListenAddress(transport(text), address(text));
    }

    /** Reads the same text; Via and Contact say another address than the one bound. */
    public static ListenAddress parse(String text, InetAddress advertised) {
        return new ListenAddress(transport(text), address(text), advertised);
    }

    private static Transport transport(String text) {
        int colon = text.indexOf(':');
        Transport transport = colon < 0 ? null : Transport.of(text.substring(0, colon));
        if (transport == null) {
            throw new IllegalArgumentException(
                    "listen address \"" + text + "\": transport is not udp, tcp, tls, ws or wss");
        }
        return transport;
    }

    private static InetSocketAddress address(String text) {
        int first = text.indexOf(':');
        int last = text.lastIndexOf(':');
        if (last <= first) {
            throw new IllegalArgumentException("listen address \"" + text + "\" is not transport:ip:port");
        }
        InetAddress ip = NetUtil.createInetAddressFromIpAddressString(text.substring(first + 1, last));
        if (ip == null) {
            throw new IllegalArgumentException("listen address \"" + text + "\": not an IP address");
        }
        String digits = text.substring(last + 1);
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(Character::isDigit)) {
            throw new IllegalArgumentException("listen address \"" + text + "\": port is not 0..65535");
        }
        return new InetSocketAddress(ip, Integer.parseInt(digits));
    }

    /** @return as {@link #parse(String)} reads it. */
    @Override
    public String toString() {
        return transport.wireName() + ":" + NetUtil.toSocketAddressString(address);
    }
}
