package io.hookswitch.server.hooks;

import java.time.Duration;

/**
 * Bounds of a hook request.
 *
 * @param headerTimeout to the end of the response's headers
 * @param bodyTimeout from there to the end of the body
 * @param inFlightPerAccount requests of one account at a time; further ones fail at once
 * @param userAgent value of User-Agent
 */
public record HookSettings(Duration headerTimeout, Duration bodyTimeout, int inFlightPerAccount, String userAgent) {
    /** What holds when nothing is configured: 10 s, 10 s, 512 requests. */
    public static final HookSettings DEFAULT =
            new HookSettings(Duration.ofSeconds(10), Duration.ofSeconds(10), 512, "hookswitch");

    /** Of a file's fetch: 10 s to the headers, 20 s for the file. */
    public static final HookSettings FILES =
            new HookSettings(Duration.ofSeconds(10), Duration.ofSeconds(20), 512, "hookswitch");
}
