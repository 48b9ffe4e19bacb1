package io.hookswitch.engine.core;

import java.net.InetAddress;
import java.util.Objects;

/**
 * Where a core's media lives.
 *
 * @param address our address in SDP; RTP sockets are bound to it
 * @param firstPort first port of the range, 1024..65534; RTP takes even ports, RTCP the odd one behind
 * @param lastPort last port of the range
 * @param quarantineNs how long a pair of ports rests after a call
 * @param rtcpIntervalNs mean time between our RTCP reports on a leg, RFC 3550 section 6.2: 5 s
 */
public record MediaSettings(InetAddress address, int firstPort, int lastPort, long quarantineNs, long rtcpIntervalNs) {
    /** Checks the ranges. */
    public MediaSettings {
        Objects.requireNonNull(address, "address");
        if (firstPort < 1024 || lastPort > 65535 || lastPort - firstPort < 1) {
            throw new IllegalArgumentException(
                    "ports: " + firstPort + "-" + lastPort + " is no range of at least 2 ports in 1024..65535");
        }
        if (quarantineNs < 0 || rtcpIntervalNs < 1_000_000) {
            throw new IllegalArgumentException("quarantine and RTCP interval must be positive");
        }
    }

    /** @return settings with a quarantine of 10 s and reports every 5 s. */
    public static MediaSettings of(InetAddress address, int firstPort, int lastPort) {
        return new MediaSettings(address, firstPort, lastPort, 10_000_000_000L, 5_000_000_000L);
    }
}
