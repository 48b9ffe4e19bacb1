/**
 * Calls: the caller's leg, its verbs, the fork of a dial, and what the application is told of them.
 *
 * <p>Owning thread: control.
 */
package io.hookswitch.control.call;
