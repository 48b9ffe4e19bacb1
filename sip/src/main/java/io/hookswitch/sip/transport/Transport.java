package io.hookswitch.sip.transport;

/** How SIP travels. */
public enum Transport {
    /** One message per datagram. */
    UDP("udp", false),
    /** Messages one behind the other in a stream. */
    TCP("tcp", true),
    /** The same, encrypted; its messages are those of TCP. */
    TLS("tls", true);

    private final String wireName;
    private final boolean reliable;

    Transport(String wireName, boolean reliable) {
        this.wireName = wireName;
        this.reliable = reliable;
    }

    /** @return lower case, as in the {@code transport} parameter of a URI. */
    public String wireName() {
        return wireName;
    }

    /** @return whether the stack may do without retransmission. */
    public boolean reliable() {
        return reliable;
    }

    /** @return the port where none is written (RFC 3261 section 19.1.2). */
    public int defaultPort() {
        return this == TLS ? 5061 : 5060;
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
