package io.hookswitch.sip;

import io.hookswitch.sip.transport.ListenAddress;
import io.hookswitch.sip.transport.WireSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One sip thread.
 *
 * @param name unique in the process
 * @param wire sockets and floods
 * @param product what User-Agent and Server say, a token with an optional version
 * @param legsMax legs at once; a new call beyond it gets 503
 * @param serverTransactionsMax with so many a new request is answered 503; running dialogs go on
 * @param registerMinS shortest registration granted, s (RFC 3261 section 10.3: 423 below it)
 * @param registerMaxS longest registration granted, s
 * @param retryAfterS told with every 503, s
 * @param fingerprint SHA-256 of the certificate for DTLS on the media path, {@code AB:CD:...}; "" = keys of DTLS are
 *     neither offered nor accepted
 */
public record SipSettings(
        String name,
        WireSettings wire,
        String product,
        int legsMax,
        int serverTransactionsMax,
        int registerMinS,
        int registerMaxS,
        int retryAfterS,
        String fingerprint) {
    /** Lists every fault at once. */
    public SipSettings {
        Objects.requireNonNull(name);
        Objects.requireNonNull(wire);
        List<String> faults = new ArrayList<>();
        if (!product.matches("[A-Za-z0-9.!%*_+`'~-]+(/[A-Za-z0-9.!%*_+`'~-]+)?")) {
            faults.add("product: \"" + product + "\" is not a token with an optional /version");
        }
        range(faults, "legsMax", legsMax, 1, 1 << 24);
        range(faults, "serverTransactionsMax", serverTransactionsMax, 1, 1 << 24);
        range(faults, "registerMinS", registerMinS, 1, 86_400);
        range(faults, "registerMaxS", registerMaxS, registerMinS, 604_800);
        range(faults, "retryAfterS", retryAfterS, 1, 3_600);
        if (!fingerprint.isEmpty() && !fingerprint.matches("[0-9A-F]{2}(:[0-9A-F]{2}){31}")) {
            faults.add("fingerprint: not 32 bytes as AB:CD:...");
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }

    private static void range(List<String> faults, String key, int value, int from, int to) {
        if (value < from || value > to) {
            faults.add(key + ": " + value + " is not " + from + ".." + to);
        }
    }

    /**
     * @param listen texts as {@code udp:127.0.0.1:5060}; port 0 = any free port
     * @return the defaults of the reference configuration for these addresses
     */
    public static SipSettings of(String name, List<String> listen, String product) {
        ListenAddress[] addresses = listen.stream().map(ListenAddress::parse).toArray(ListenAddress[]::new);
        return new SipSettings(name, WireSettings.of(addresses), product, 20_000, 200_000, 30, 3_600, 5, "");
    }

    /** @return the same on other sockets. */
    public SipSettings wire(WireSettings other) {
        return new SipSettings(
                name,
                other,
                product,
                legsMax,
                serverTransactionsMax,
                registerMinS,
                registerMaxS,
                retryAfterS,
                fingerprint);
    }

    /** @return the same with a certificate for DTLS. */
    public SipSettings dtls(String certificate) {
        return new SipSettings(
                name,
                wire,
                product,
                legsMax,
                serverTransactionsMax,
                registerMinS,
                registerMaxS,
                retryAfterS,
                certificate);
    }

    /** @return the same with other bounds for registrations, s. */
    public SipSettings registrations(int minS, int maxS) {
        return new SipSettings(
                name, wire, product, legsMax, serverTransactionsMax, minS, maxS, retryAfterS, fingerprint);
    }

    /** @return the same with other bounds for legs and server transactions. */
    public SipSettings limits(int legs, int serverTransactions) {
        return new SipSettings(
                name, wire, product, legs, serverTransactions, registerMinS, registerMaxS, retryAfterS, fingerprint);
    }
}
