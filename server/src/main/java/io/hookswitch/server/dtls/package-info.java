/**
 * Handshakes of far ends whose SRTP keys come from DTLS (RFC 5763, RFC 5764): we are the server, the core carries the
 * datagrams, the keys go back to it.
 *
 * <p>Owning thread: {@code dtls} ({@link io.hookswitch.server.dtls.DtlsAgent}), which alone reads the cores' rings of
 * datagrams and writes those of commands; each handshake runs on a virtual thread of its own, which gets datagrams
 * through one bounded queue and is heard through another.
 */
package io.hookswitch.server.dtls;
