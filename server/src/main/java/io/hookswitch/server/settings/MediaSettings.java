package io.hookswitch.server.settings;

import java.net.InetAddress;

/**
 * Where media goes in and out.
 *
 * @param address written into our SDP and bound
 * @param firstPort first port of the range; a leg takes an even port and the one behind it
 * @param lastPort last port of the range
 */
public record MediaSettings(InetAddress address, int firstPort, int lastPort) {}
