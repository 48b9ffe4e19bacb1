/**
 * Servers of customers that hear calls: copies of the cores' audio, put on a time line, mixed and sent over WebSockets
 * (media-sockets.md 1 and 2) or, to those that record, as RTP (RFC 7866). Owning thread: {@code taps}, a Netty event
 * loop, which reads the cores' tap rings every 10 ms and owns every tap; {@link io.hookswitch.server.taps.TapAgent}'s
 * public methods may be called by any thread.
 */
package io.hookswitch.server.taps;
