package io.hookswitch.server.settings;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Our own HTTP server: health and metrics.
 *
 * @param listen empty = none; port 0 lets the kernel choose
 */
public record HttpSettings(Optional<InetSocketAddress> listen) {}
