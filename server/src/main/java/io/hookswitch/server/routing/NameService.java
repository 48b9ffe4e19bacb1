package io.hookswitch.server.routing;

import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;
import java.util.List;

/** DNS as routing needs it. May block: virtual threads only. Never throws; nothing found is an empty list. */
public interface NameService {
    /** A server that SRV names; by ascending priority, then descending weight. */
    record Server(int priority, int weight, int port, String host) {}

    /** @return the servers of {@code _sip._<transport>.<host>}, best first. */
    List<Server> servers(String host, Transport transport);

    /** @return the addresses of a host. */
    List<InetAddress> addresses(String host);
}
