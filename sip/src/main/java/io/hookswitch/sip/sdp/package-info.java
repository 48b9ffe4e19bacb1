/**
 * Session descriptions (RFC 8866) read and written, and the offer/answer model (RFC 3264) of one leg.
 *
 * <p>Owning thread: the sip thread of the leg; nothing here knows a thread, socket or clock.
 */
package io.hookswitch.sip.sdp;
