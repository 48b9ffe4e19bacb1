/**
 * Digest access authentication (RFC 7616 as SIP uses it: RFC 3261 section 22, RFC 8760), both sides.
 *
 * <p>Owning thread: the sip thread; nothing here knows a thread, socket or clock.
 */
package io.hookswitch.sip.digest;
