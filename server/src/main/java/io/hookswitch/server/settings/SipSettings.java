package io.hookswitch.server.settings;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * SIP on the wire.
 *
 * @param listen at least one; the first UDP one is where our INVITEs leave from
 * @param registerMinS shortest registration granted, s (RFC 3261 section 10.3: 423 below it)
 * @param registerMaxS longest registration granted, s
 * @param optionsIntervalS from one OPTIONS to a gateway to the next, s
 * @param optionsFailures OPTIONS in a row without an answer until a gateway is left out
 * @param contactsFile where registered contacts are kept over a restart; empty = nowhere
 * @param tls of TLS addresses; empty = there are none
 */
public record SipSettings(
        List<Listen> listen,
        int registerMinS,
        int registerMaxS,
        int optionsIntervalS,
        int optionsFailures,
        Optional<Path> contactsFile,
        Optional<Tls> tls) {
    /** Keeps its own copy. */
    public SipSettings {
        listen = List.copyOf(listen);
    }

    /** Keeps contacts in memory only. */
    public SipSettings(List<Listen> listen, int registerMinS, int registerMaxS) {
        this(listen, registerMinS, registerMaxS, 30, 3, Optional.empty(), Optional.empty());
    }

    /**
     * Files in PEM.
     *
     * @param certificate ours, then those that lead to its root
     * @param trust roots of the far ends' certificates; empty = those of the JDK
     */
    public record Tls(Path certificate, Path key, Optional<Path> trust) {}

    /** One listening address; port 0 lets the kernel choose. */
    public record Listen(Transport transport, InetSocketAddress address) {
        @Override
        public String toString() {
            return transport.wireName() + ":" + Addresses.text(address.getAddress(), address.getPort());
        }
    }

    /** How SIP messages travel. */
    public enum Transport {
        /** One message a datagram. */
        UDP("udp"),
        /** Messages one after the other on a connection. */
        TCP("tcp"),
        /** The same, encrypted. */
        TLS("tls"),
        /** One message a WebSocket message (RFC 7118). */
        WS("ws"),
        /** The same, encrypted. */
        WSS("wss");

        private final String wireName;

        Transport(String wireName) {
            this.wireName = wireName;
        }

        /** @return whether browsers come this way. */
        public boolean isWebSocket() {
            return this == WS || this == WSS;
        }

        /** @return the name in next hops. */
        public String wireName() {
            return wireName;
        }
    }
}
