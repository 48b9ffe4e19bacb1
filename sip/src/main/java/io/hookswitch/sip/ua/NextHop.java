package io.hookswitch.sip.ua;

import io.hookswitch.sip.transport.Transport;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where to send: {@code udp:127.0.0.1:5060}, {@code tcp:[::1]:5060}. */
record NextHop(Transport transport, InetSocketAddress address) {
    private static final int DEFAULT_PORT = 5060;

    /** @return null when it is not of that form with a literal address. */
    static NextHop of(String text) {
        int first = text == null ? -1 : text.indexOf(':');
        int last = text == null ? -1 : text.lastIndexOf(':');
        Transport transport = first < 0 ? null : Transport.of(text.substring(0, first));
        if (transport == null || last <= first) {
            return null;
        }
        InetAddress ip = literal(text.substring(first + 1, last));
        int port = port(text.substring(last + 1));
        return ip == null || port < 1 ? null : new NextHop(transport, new InetSocketAddress(ip, port));
    }

    /** @return null when the host is a name or the transport is not ours. */
    static NextHop of(javax.sip.address.SipURI uri) {
        String host = uri.getMAddrParam() == null ? uri.getHost() : uri.getMAddrParam();
        InetAddress ip = literal(host);
        Transport transport = uri.getTransportParam() == null ? Transport.UDP : Transport.of(uri.getTransportParam());
        if (ip == null || transport == null || uri.isSecure()) {
            return null;
        }
        return new NextHop(transport, new InetSocketAddress(ip, uri.getPort() > 0 ? uri.getPort() : DEFAULT_PORT));
    }

    /** @return null when it is no IP address. */
    static InetAddress literal(String host) {
        return host == null ? null : NetUtil.createInetAddressFromIpAddressString(host);
    }

    private static int port(String text) {
        if (text.isEmpty() || text.length() > 5) {
            return -1;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        int port = Integer.parseInt(text);
        return port > 65_535 ? -1 : port;
    }

    static String text(Transport transport, InetSocketAddress address) {
        return transport.wireName() + ':' + NetUtil.toSocketAddressString(address);
    }

    @Override
    public String toString() {
        return text(transport, address);
    }
}
