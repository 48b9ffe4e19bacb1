/**
 * Where calls lead: the application of a call, the carrier of a number, the servers of a SIP URI, the contacts of a
 * user.
 *
 * <p>Owning thread: control asks; answers that need DNS come from virtual threads. The tables are immutable.
 */
package io.hookswitch.server.routing;
