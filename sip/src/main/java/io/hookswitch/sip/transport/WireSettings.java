package io.hookswitch.sip.transport;

import java.util.ArrayList;
import java.util.List;

/**
 * Sockets and floods.
 *
 * @param listen where; at most one of each transport shares a provider with another
 * @param datagramMaxBytes largest datagram taken, 1024..65507
 * @param sourceRate new requests per second and source address, 0 = unlimited
 * @param sourceBurst tokens a source may save, at least 1 when there is a rate
 * @param sources addresses remembered, a power of two from 8
 * @param flowsMax connections at once, both directions
 * @param flowIdleMs a connection without a byte for this long is closed
 * @param frameMs a message that has begun must have ended after this time
 * @param connectMs a connect must have succeeded after this time
 * @param writeQueueBytes of one connection: waiting for its connect, or for a slow reader
 * @param tls certificate and trust of TLS addresses; null = there are none
 */
public record WireSettings(
        List<ListenAddress> listen,
        int datagramMaxBytes,
        int sourceRate,
        int sourceBurst,
        int sources,
        int flowsMax,
        int flowIdleMs,
        int frameMs,
        int connectMs,
        int writeQueueBytes,
        TlsSettings tls) {
    /** Lists every fault at once. */
    public WireSettings {
        listen = List.copyOf(listen);
        List<String> faults = new ArrayList<>();
        if (listen.isEmpty()) {
            faults.add("listen: no address");
        }
        range(faults, "datagramMaxBytes", datagramMaxBytes, 1024, 65_507);
        range(faults, "sourceRate", sourceRate, 0, 1_000_000);
        range(faults, "sourceBurst", sourceBurst, sourceRate == 0 ? 0 : 1, 1_000_000);
        range(faults, "sources", sources, 8, 1 << 22);
        if (Integer.bitCount(sources) != 1) {
            faults.add("sources: " + sources + " is not a power of two");
        }
        range(faults, "flowsMax", flowsMax, 1, 1_000_000);
        range(faults, "flowIdleMs", flowIdleMs, 1_000, 86_400_000);
        range(faults, "frameMs", frameMs, 1_000, 600_000);
        range(faults, "connectMs", connectMs, 100, 60_000);
        range(faults, "writeQueueBytes", writeQueueBytes, 65_536, 1 << 26);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }

    /** Listens on no TLS address. */
    public WireSettings(
            List<ListenAddress> listen,
            int datagramMaxBytes,
            int sourceRate,
            int sourceBurst,
            int sources,
            int flowsMax,
            int flowIdleMs,
            int frameMs,
            int connectMs,
            int writeQueueBytes) {
        this(
                listen,
                datagramMaxBytes,
                sourceRate,
                sourceBurst,
                sources,
                flowsMax,
                flowIdleMs,
                frameMs,
                connectMs,
                writeQueueBytes,
                null);
    }

    private static void range(List<String> faults, String key, int value, int from, int to) {
        if (value < from || value > to) {
            faults.add(key + ": " + value + " is not " + from + ".." + to);
        }
    }

    /** @return the defaults of the reference configuration for these addresses. */
    public static WireSettings of(ListenAddress... listen) {
        return new WireSettings(List.of(listen), 8192, 3_000, 6_000, 65_536, 10_000, 3_600_000, 32_000, 4_000, 262_144);
    }

    /** @return the same with another budget of new requests per second and source; 0 = unlimited. */
    public WireSettings sourceBudget(int rate, int burst) {
        return new WireSettings(
                listen,
                datagramMaxBytes,
                rate,
                burst,
                sources,
                flowsMax,
                flowIdleMs,
                frameMs,
                connectMs,
                writeQueueBytes,
                tls);
    }

    /** @return the same with this for its TLS addresses. */
    public WireSettings tls(TlsSettings other) {
        return new WireSettings(
                listen,
                datagramMaxBytes,
                sourceRate,
                sourceBurst,
                sources,
                flowsMax,
                flowIdleMs,
                frameMs,
                connectMs,
                writeQueueBytes,
                other);
    }
}
