package io.hookswitch.sip.transport;

/** How SIP travels. */
public enum Transport {
    /** One message per datagram. */
    UDP("udp", false),
    /** Messages one behind the other in a stream. */
    TCP("tcp", true);

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

    /** @return the transport of a name in any case, or null. */
    public static Transport of(String name) {
        if (UDP.wireName.equalsIgnoreCase(name)) {
            return UDP;
        }
        return TCP.wireName.equalsIgnoreCase(name) ? TCP : null;
    }
}
