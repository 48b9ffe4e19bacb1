/**
 * Single-writer rings of off-heap slots between the sip, core and control threads.
 *
 * <p>Owning thread: the producing half of a ring belongs to its one writer, the consuming half to its one reader.
 */
package io.hookswitch.engine.ring;
