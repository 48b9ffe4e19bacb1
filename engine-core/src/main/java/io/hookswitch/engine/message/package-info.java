/**
 * Slot layouts of the rings between the sip, core and control threads: what one thread tells another, as bytes.
 *
 * <p>Owning thread: none. A flyweight is a view; whoever wrapped it owns it.
 */
package io.hookswitch.engine.message;
