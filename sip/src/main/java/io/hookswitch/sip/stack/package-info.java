/**
 * One jain-sip-ri stack per sip thread, without its sockets, its threads and its clock: messages come from
 * {@link io.hookswitch.sip.transport}, timers run on a wheel the thread advances, events are delivered inline.
 *
 * <p>Owning thread: the sip thread that called {@link io.hookswitch.sip.stack.ShardStack#start}.
 */
package io.hookswitch.sip.stack;
