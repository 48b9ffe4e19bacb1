package io.hookswitch.server.routing;

import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The places behind a gateway or a SIP URI, best first. Names block: virtual threads only, unless it is known. */
final class Hops {
    private final NameService names;

    Hops(NameService names) {
        this.names = names;
    }

    /** @return whether a gateway's places are found without asking for a name. */
    static boolean isKnown(Carrier carrier, Gateway gateway) {
        return carrier.outboundProxy().isEmpty()
                ? Addresses.literal(gateway.host()).isPresent()
                : SipTarget.proxy(carrier.outboundProxy()) instanceof SipTarget.Parsed.Good(SipTarget proxy)
                        && proxy.literal().isPresent();
    }

    /** @return where a gateway's calls are sent: to its addresses, or to the carrier's proxy. */
    List<Hop> of(Carrier carrier, Gateway gateway) {
        if (!carrier.outboundProxy().isEmpty()) {
            return SipTarget.proxy(carrier.outboundProxy()) instanceof SipTarget.Parsed.Good(SipTarget proxy)
                    ? of(proxy)
                    : List.of();
        }
        List<InetAddress> addresses =
                Addresses.literal(gateway.host()).map(List::of).orElseGet(() -> names.addresses(gateway.host()));
        return addresses.stream()
                .map(address -> new Hop(gateway.transport(), address, gateway.port(), name(gateway.host())))
                .toList();
    }

    /** @return where requests for a URI are sent. */
    List<Hop> of(SipTarget target) {
        return target.literal()
                .map(address -> List.of(new Hop(target.transportOrUdp(), address, target.portOrDefault(), "")))
                .orElseGet(() -> servers(target));
    }

    /** @return a host of Teams: always TLS. */
    List<Hop> of(String host, int port) {
        List<InetAddress> addresses = Addresses.literal(host).map(List::of).orElseGet(() -> names.addresses(host));
        return addresses.stream()
                .map(address -> new Hop(Transport.TLS, address, port, name(host)))
                .toList();
    }

    private static String name(String host) {
        return Addresses.literal(host).isPresent() ? "" : host;
    }

    /** RFC 3263 section 4.2: a port written out means addresses only, else SRV leads and addresses follow. */
    private List<Hop> servers(SipTarget target) {
        Transport transport = target.transportOrUdp();
        List<Hop> hops = new ArrayList<>();
        if (target.port() < 0) {
            for (NameService.Server server : names.servers(target.host(), transport)) {
                names.addresses(server.host())
                        .forEach(each -> hops.add(new Hop(transport, each, server.port(), target.host())));
            }
        }
        if (hops.isEmpty()) {
            names.addresses(target.host())
                    .forEach(each -> hops.add(new Hop(transport, each, target.portOrDefault(), target.host())));
        }
        return hops;
    }
}
