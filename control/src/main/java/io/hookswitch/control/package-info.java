/**
 * The brain: calls, verbs, the dial and its fork. Events in, commands out; no I/O, no threads, no clock, no randomness
 * of its own.
 *
 * <p>Owning thread: control (one thread runs everything here; a test is as good a thread as any).
 */
package io.hookswitch.control;
