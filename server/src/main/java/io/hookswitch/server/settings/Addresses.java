package io.hookswitch.server.settings;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** IP addresses and ports as text, without ever asking DNS. */
public final class Addresses {
    private Addresses() {}

    /** @return the address of an IPv4 literal (four decimal numbers) or an IPv6 literal, with or without brackets. */
    public static Optional<InetAddress> literal(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        try {
            if (bare.matches("\\d{1,3}(\\.\\d{1,3}){3}") || bare.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
                return Optional.of(InetAddress.ofLiteral(bare));
            }
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** @return the address and port of {@code 127.0.0.1:8080} or {@code [::1]:8080}; empty when it is neither. */
    public static Optional<InetSocketAddress> socket(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        String digits = text.substring(colon + 1);
        boolean bareV6 = host.indexOf(':') >= 0 && !host.startsWith("[");
        Optional<InetAddress> address = bareV6 ? Optional.empty() : literal(host);
        if (address.isEmpty() || !digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65_535) {
            return Optional.empty();
        }
        return Optional.of(new InetSocketAddress(address.get(), Integer.parseInt(digits)));
    }

    /** @return {@code address:port}, IPv6 in brackets. */
    public static String text(InetAddress address, int port) {
        String host = address.getHostAddress();
        return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
    }

    static InetAddress ofBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
