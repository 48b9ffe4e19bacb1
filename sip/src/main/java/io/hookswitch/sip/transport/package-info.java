/**
 * SIP bytes on the wire: sockets on Netty, framing, and the guard in front of the stack.
 *
 * <p>Owning thread: the sip thread that drives the loop. Only {@link io.hookswitch.sip.transport.SipCounters} may be
 * read by others.
 */
package io.hookswitch.sip.transport;
