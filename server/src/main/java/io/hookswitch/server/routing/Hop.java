package io.hookswitch.server.routing;

import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;

/**
 * One place that a request can be sent to.
 *
 * @param name that its certificate must be for; "" = its address
 */
record Hop(Transport transport, InetAddress address, int port, String name) {
    /** @return {@code transport:address:port}, for TLS with the name behind a slash. */
    String text() {
        return transport.wireName() + ":" + Addresses.text(address, port)
                + (transport == Transport.TLS && !name.isEmpty() ? "/" + name : "");
    }
}
