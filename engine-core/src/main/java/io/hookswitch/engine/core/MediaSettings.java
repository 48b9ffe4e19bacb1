package io.hookswitch.engine.core;

import java.net.InetAddress;
import java.util.Objects;

/**
 * Where a core's media lives.
 *
 * @param address our address in SDP; RTP sockets are bound to it
 * @param firstPort first port of the range, 1024..65534; RTP takes even ports, RTCP the odd one behind
 * @param lastPort last port of the range
 * @param quarantineNs how long a pair of ports rests after a call, up to an hour
 * @param rtcpIntervalNs mean time between our RTCP reports on a leg, 1 ms to an hour; RFC 3550 section 6.2: 5 s
 * @param transcoders most directions that are transcoded at a time on a core, 0..100,000; two for a bridge
 * @param longestSilenceNs how long the far end of an answered leg may send neither RTP nor RTCP before the leg is
 *     ended, 100 ms to a day; 0 = for ever
 */
public record MediaSettings(
        InetAddress address,
        int firstPort,
        int lastPort,
        long quarantineNs,
        long rtcpIntervalNs,
        int transcoders,
        long longestSilenceNs) {
    /** Directions transcoded at a time, unless said otherwise. */
    public static final int USUAL_TRANSCODERS = 512;

    private static final long MAX_QUARANTINE_NS = 3_600_000_000_000L;
    private static final long MAX_RTCP_INTERVAL_NS = 3_600_000_000_000L;
    private static final long MIN_SILENCE_NS = 100_000_000L;
    private static final long MAX_SILENCE_NS = 86_400_000_000_000L;

    /** Checks the ranges. @throws IllegalArgumentException naming every fault */
    public MediaSettings {
        Objects.requireNonNull(address, "address");
        // An RTP port is even, its RTCP port the next: from the first even port on there must be two.
        boolean isRange = firstPort >= 1024 && lastPort <= 65_535 && lastPort > firstPort + (firstPort & 1);
        new Faults()
                .expect(
                        isRange,
                        "ports: " + firstPort + "-" + lastPort + " holds no even port and its next in 1024..65535")
                .range("quarantineNs", quarantineNs, 0, MAX_QUARANTINE_NS)
                .range("rtcpIntervalNs", rtcpIntervalNs, 1_000_000, MAX_RTCP_INTERVAL_NS)
                .range("transcoders", transcoders, 0, 100_000)
                .expect(
                        longestSilenceNs == 0
                                || longestSilenceNs >= MIN_SILENCE_NS && longestSilenceNs <= MAX_SILENCE_NS,
                        "longestSilenceNs: " + longestSilenceNs + " is not 0 nor in " + MIN_SILENCE_NS + ".."
                                + MAX_SILENCE_NS)
                .refuse();
    }

    /** As the other one, with {@link #USUAL_TRANSCODERS}; far ends may be silent for ever. */
    public MediaSettings(InetAddress address, int firstPort, int lastPort, long quarantineNs, long rtcpIntervalNs) {
        this(address, firstPort, lastPort, quarantineNs, rtcpIntervalNs, USUAL_TRANSCODERS, 0);
    }

    /** @return settings with a quarantine of 10 s and reports every 5 s. */
    public static MediaSettings of(InetAddress address, int firstPort, int lastPort) {
        return new MediaSettings(address, firstPort, lastPort, 10_000_000_000L, 5_000_000_000L);
    }

    /** @return these settings with so many transcoders. */
    public MediaSettings withTranscoders(int count) {
        return new MediaSettings(address, firstPort, lastPort, quarantineNs, rtcpIntervalNs, count, longestSilenceNs);
    }

    /** @return these settings with legs ended whose far end is silent for so long, ns. */
    public MediaSettings withLongestSilence(long silenceNs) {
        return new MediaSettings(address, firstPort, lastPort, quarantineNs, rtcpIntervalNs, transcoders, silenceNs);
    }
}
