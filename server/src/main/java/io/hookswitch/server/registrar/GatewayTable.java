package io.hookswitch.server.registrar;

import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.Cidr;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which carrier an address belongs to: inbound gateways of active carriers, the narrowest block first. Immutable. */
public final class GatewayTable {
    /** A carrier of an account. */
    public record Owner(String account, String carrier) {}

    /** Prefix length, widest number of bits first, to the blocks of that length. */
    private final SortedMap<Integer, Map<Cidr, Owner>> blocks = new TreeMap<>(Collections.reverseOrder());

    /** Takes the inbound gateways out of the accounts. */
    public GatewayTable(List<AccountSettings> accounts) {
        for (AccountSettings account : accounts) {
            for (Carrier carrier : account.carriers()) {
                if (carrier.active()) {
                    carrier.gateways().forEach(gateway -> add(gateway, new Owner(account.name(), carrier.name())));
                }
            }
        }
    }

    private void add(Gateway gateway, Owner owner) {
        Optional<InetAddress> address = gateway.inbound() ? Addresses.literal(gateway.host()) : Optional.empty();
        if (address.isPresent()) {
            blocks.computeIfAbsent(gateway.netmask(), _ -> new HashMap<>())
                    .putIfAbsent(new Cidr(address.get(), gateway.netmask()), owner);
        }
    }

    /** @return whose gateway an address is, whatever its port; empty = nobody's. */
    public Optional<Owner> ownerOf(InetAddress source) {
        int widest = source.getAddress().length * 8;
        for (Map.Entry<Integer, Map<Cidr, Owner>> length : blocks.entrySet()) {
            if (length.getKey() > widest) {
                continue;
            }
            Owner owner = length.getValue().get(new Cidr(source, length.getKey()));
            if (owner != null) {
                return Optional.of(owner);
            }
        }
        return Optional.empty();
    }
}
