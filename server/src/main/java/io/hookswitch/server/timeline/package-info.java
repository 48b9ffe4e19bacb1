/**
 * What happens, told to a person while it happens: SIP, hooks, decisions, media. Bounded; never slows a call.
 *
 * <p>Owning thread: entries come from control and virtual threads; the listener runs on the thread {@code timeline}.
 */
package io.hookswitch.server.timeline;
