package io.hookswitch.server.taps;

import java.time.Duration;

/**
 * Bounds of taps.
 *
 * @param connect to the end of the handshake, look-up included
 * @param backlog audio that waits while a server does not take it; of more the oldest is dropped
 * @param stall how long a server may take nothing at all before it is let go
 * @param farewell how long a server may take to close behind us, and a recogniser to say its last words
 * @param burstBytes what a server may send at once
 * @param bytesPerSecond what it may send for ever
 * @param taps most of them at a time
 */
public record TapLimits(
        Duration connect,
        Duration backlog,
        Duration stall,
        Duration farewell,
        long burstBytes,
        long bytesPerSecond,
        int taps) {
    /** 5 s, 2 s, 90 s, 5 s, 8 MiB, 256 KiB a second, 10,000 taps. */
    public static final TapLimits DEFAULT = new TapLimits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(90),
            Duration.ofSeconds(5),
            8 << 20,
            256 << 10,
            10_000);
}
