/**
 * Secure RTP and RTCP (RFC 3711) with AES counter mode of 128 bits and HMAC-SHA1, in place.
 *
 * <p>Owning thread: none of its own; a transform and its contexts belong to the one thread that uses them, a core's.
 */
package io.hookswitch.rtp.srtp;
