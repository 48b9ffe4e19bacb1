package io.hookswitch.server.settings;

import java.net.InetAddress;

/**
 * Where media goes in and out.
 *
 * @param address written into our SDP and bound
 * @param firstPort first port of the range; a leg takes an even port and the one behind it
 * @param lastPort last port of the range
 * @param timeoutS how long an answered far end may send neither RTP nor RTCP before its leg is ended, 0 = for ever
 */
public record MediaSettings(InetAddress address, int firstPort, int lastPort, int timeoutS) {}
