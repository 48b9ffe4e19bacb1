package io.hookswitch.server.hooks;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Which addresses a customer's URL may lead to: public ones, and those of the allow-list. Without it a hook could be
 * aimed at
 * whatever listens inside (server-side request forgery).
 */
public final class AddressGuard {
    private final List<AddressRange> allowed;

    /** @param allowed ranges that may be reached although they are private, loopback or link-local */
    public AddressGuard(List<AddressRange> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    /** An address range in CIDR notation, IPv4 or IPv6. */
    public record AddressRange(String text, byte[] network, int prefix) {
        /** @throws IllegalArgumentException when it is not {@code address/prefix} with a literal address */
        public static AddressRange parse(String text) {
            int slash = text.indexOf('/');
            String address = slash < 0 ? text : text.substring(0, slash);
            byte[] network;
            try {
                network = InetAddress.ofLiteral(address).getAddress();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(text + " is not an address range like 10.0.0.0/8", e);
            }
            int bits = network.length * 8;
            int prefix = slash < 0 ? bits : number(text, slash);
            if (prefix < 0 || prefix > bits) {
                throw new IllegalArgumentException(text + ": the prefix is not in 0.." + bits);
            }
            return new AddressRange(text, network, prefix);
        }

        private static int number(String text, int slash) {
            try {
                return Integer.parseInt(text.substring(slash + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(text + " is not an address range like 10.0.0.0/8", e);
            }
        }

        /** @return whether the address lies in this range. */
        public boolean contains(InetAddress address) {
            byte[] bytes = address.getAddress();
            if (bytes.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < prefix; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((bytes[bit >> 3] & mask) != (network[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Ranges that are neither public nor named by {@link InetAddress}'s own tests. Source: IANA special-purpose
     * registries.
     */
    private static final List<AddressRange> SPECIAL = List.of(
            AddressRange.parse("0.0.0.0/8"),
            AddressRange.parse("100.64.0.0/10"),
            AddressRange.parse("192.0.0.0/24"),
            AddressRange.parse("192.0.2.0/24"),
            AddressRange.parse("192.88.99.0/24"),
            AddressRange.parse("198.18.0.0/15"),
            AddressRange.parse("198.51.100.0/24"),
            AddressRange.parse("203.0.113.0/24"),
            AddressRange.parse("240.0.0.0/4"),
            AddressRange.parse("fc00::/7"),
            AddressRange.parse("::/96"),
            AddressRange.parse("64:ff9b::/96"),
            AddressRange.parse("64:ff9b:1::/48"),
            AddressRange.parse("100::/64"),
            AddressRange.parse("2001::/23"),
            AddressRange.parse("2001:db8::/32"),
            AddressRange.parse("2002::/16"),
            AddressRange.parse("3fff::/20"));

    /** @return whether a hook may be sent to this address. */
    public boolean permits(InetAddress address) {
        for (AddressRange range : allowed) {
            if (range.contains(address)) {
                return true;
            }
        }
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        return SPECIAL.stream().noneMatch(range -> range.contains(address));
    }

    /**
     * Keeps what may be reached of a host's addresses, IPv4 first.
     *
     * @throws HookUrl.Unusable when one is denied: a name that mixes both is refused whole
     */
    List<InetAddress> usable(InetAddress[] found) throws HookUrl.Unusable {
        List<InetAddress> usable = new ArrayList<>();
        for (InetAddress address : found) {
            if (!permits(address)) {
                throw new HookUrl.Unusable("address " + address.getHostAddress() + " is denied (hooks.allow)");
            }
            usable.add(address);
        }
        usable.sort((one, other) -> Boolean.compare(other instanceof Inet4Address, one instanceof Inet4Address));
        return usable;
    }
}
