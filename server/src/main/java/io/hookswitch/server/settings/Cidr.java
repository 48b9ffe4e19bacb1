package io.hookswitch.server.settings;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A block of IP addresses.
 *
 * @param address its first address: bits behind the prefix are 0
 * @param prefix bits that count, 0..32 or 0..128
 */
public record Cidr(InetAddress address, int prefix) {
    /** Clears the bits behind the prefix. */
    public Cidr {
        byte[] bytes = address.getAddress();
        if (prefix < 0 || prefix > bytes.length * 8) {
            throw new IllegalArgumentException("prefix " + prefix + " is not in 0.." + bytes.length * 8);
        }
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= (byte) mask(prefix, i);
        }
        address = Addresses.ofBytes(bytes);
    }

    private static int mask(int prefix, int index) {
        int bits = Math.clamp(prefix - index * 8L, 0, 8);
        return 0xFF << (8 - bits) & 0xFF;
    }

    /** @return the block written as {@code 10.0.0.0/8} or as a single address; empty when it is neither. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        Optional<InetAddress> address = Addresses.literal(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int widest = address.get().getAddress().length * 8;
        if (slash < 0) {
            return Optional.of(new Cidr(address.get(), widest));
        }
        String digits = text.substring(slash + 1);
        if (!digits.matches("\\d{1,3}") || Integer.parseInt(digits) > widest) {
            return Optional.empty();
        }
        return Optional.of(new Cidr(address.get(), Integer.parseInt(digits)));
    }

    /** @return whether an address lies in this block; never across IP versions. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] bytes = other.getAddress();
        if (mine.length != bytes.length) {
            return false;
        }
        for (int i = 0; i < mine.length; i++) {
            if ((bytes[i] & mask(prefix, i)) != (mine[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
