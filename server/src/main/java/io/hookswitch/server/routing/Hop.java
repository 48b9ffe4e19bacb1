package io.hookswitch.server.routing;

import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;

/** One place that a request can be sent to. */
record Hop(Transport transport, InetAddress address, int port) {
    /** @return {@code transport:address:port}. */
    String text() {
        return transport.wireName() + ":" + Addresses.text(address, port);
    }
}
