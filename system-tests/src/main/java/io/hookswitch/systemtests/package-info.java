/**
 * The demo: one call over real sockets, told live and checked.
 *
 * <p>Owning thread: main; lines come from far ends, hook server and engine through one printer that is guarded by its
 * own
 * monitor.
 */
package io.hookswitch.systemtests;
