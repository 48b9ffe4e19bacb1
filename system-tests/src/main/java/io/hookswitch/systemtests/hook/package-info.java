/**
 * The customer's side of the hooks: a real HTTP server in a process of its own, what it answers by script, and what it
 * was
 * asked, word for word.
 *
 * <p>Owning thread: the HTTP server's own threads, one virtual thread a request; the record is guarded by its monitor.
 */
package io.hookswitch.systemtests.hook;
