/** STUN as an ICE-lite side needs it: checks answered in their own bytes (RFC 8489, RFC 8445). Any one thread. */
package io.hookswitch.rtp.stun;
