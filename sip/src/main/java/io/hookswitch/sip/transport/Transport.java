package io.hookswitch.sip.transport;

/** How SIP travels. */
public enum Transport {
    /** One message per datagram. */
    UDP("udp", false),
    /** Messages one behind the other in a stream. */
    TCP("tcp", true),
    /** The same, encrypted; its messages are those of TCP. */
    TLS("tls", true),
    /** One message per WebSocket message (RFC 7118); only the far end connects. */
    WS("ws", true),
    /** The same, encrypted. */
    WSS("wss", true);

    private final String wireName;
    private final boolean reliable;

    Transport(String wireName, boolean reliable) {
        this.wireName = wireName;
        this.reliable = reliable;
    }

    /** @return lower case, as in next hops. */
    public String wireName() {
        return wireName;
    }

    /** @return whether the stack may do without retransmission. */
    public boolean reliable() {
        return reliable;
    }

    /** @return the {@code transport} parameter of a URI: RFC 7118 section 5.1 knows one for both kinds of WebSocket. */
    public String uriName() {
        return this == WSS ? WS.wireName : wireName;
    }

    /** @return whether TLS is below it. */
    public boolean isSecure() {
        return this == TLS || this == WSS;
    }

    /** @return whether messages come in WebSocket frames. */
    public boolean isWebSocket() {
        return this == WS || this == WSS;
    }

    /** @return the port where none is written (RFC 3261 section 19.1.2, RFC 7118 section 4.1). */
    public int defaultPort() {
        return switch (this) {
            case UDP, TCP -> 5060;
            case TLS -> 5061;
            case WS -> 80;
            case WSS -> 443;
        };
    }

    /** @return the transport of a name in any case, or null. */
    public static Transport of(String name) {
        for (Transport transport : values()) {
            if (transport.wireName.equalsIgnoreCase(name)) {
                return transport;
            }
        }
        return null;
    }
}
