/** STUN as an ICE-lite side needs it: checks answered in place (RFC 8489, RFC 8445). Owning thread: any one. */
package io.hookswitch.rtp.stun;
