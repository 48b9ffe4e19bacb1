package io.hookswitch.sip.ua;

import io.hookswitch.sip.transport.Transport;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where to send: {@code udp:127.0.0.1:5060}, {@code tcp:[::1]:5060}, {@code tls:192.0.2.1:5061/host.example}.
 *
 * @param name of the host, which its certificate must be for; "" = not known
 */
record NextHop(Transport transport, InetSocketAddress address, String name) {

    /** @return null when it is not of that form with a literal address. */
    static NextHop of(String text) {
        int slash = text == null ? -1 : text.indexOf('/');
        String name = slash < 0 ? "" : text.substring(slash + 1);
        return name.isEmpty() || HeaderText.isHost(name) ? of(slash < 0 ? text : text.substring(0, slash), name) : null;
    }

    private static NextHop of(String text, String name) {
        int first = text == null ? -1 : text.indexOf(':');
        int last = text == null ? -1 : text.lastIndexOf(':');
        Transport transport = first < 0 ? null : Transport.of(text.substring(0, first));
        if (transport == null || last <= first) {
            return null;
        }
        InetAddress ip = literal(text.substring(first + 1, last));
        int port = port(text.substring(last + 1));
        return ip == null || port < 1 ? null : new NextHop(transport, new InetSocketAddress(ip, port), name);
    }

    /** @return null when the host is a name or the transport is not ours. */
    static NextHop of(javax.sip.address.SipURI uri) {
        String host = uri.getMAddrParam() == null ? uri.getHost() : uri.getMAddrParam();
        InetAddress ip = literal(host);
        Transport named = uri.getTransportParam() == null ? Transport.UDP : Transport.of(uri.getTransportParam());
        Transport transport = uri.isSecure() ? Transport.TLS : named;
        if (ip == null || transport == null) {
            return null;
        }
        int port = uri.getPort() > 0 ? uri.getPort() : transport.defaultPort();
        return new NextHop(transport, new InetSocketAddress(ip, port), "");
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
        return text(transport, address) + (name.isEmpty() ? "" : '/' + name);
    }
}
