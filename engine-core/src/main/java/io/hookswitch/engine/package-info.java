/**
 * The media engine for programs that bring their own signalling: one core behind plain method calls.
 *
 * <p>Owning thread: the one that called {@link io.hookswitch.engine.MediaEngine#start}; it is the only writer of the
 * core's rings and hears of its digits.
 */
package io.hookswitch.engine;
