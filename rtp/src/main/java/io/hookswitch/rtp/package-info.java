/**
 * Bytes and maths of media: RTP, RTCP, telephone events, tones and the G.711 laws. The caller passes buffer and time;
 * nothing here owns a thread, a socket, a clock or a log, and nothing allocates or throws on network input.
 *
 * <p>Owning thread: none. A flyweight is a view and a record is bytes; both belong to the core whose leg they describe.
 */
package io.hookswitch.rtp;
