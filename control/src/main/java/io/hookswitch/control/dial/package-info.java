/**
 * The rules of a fork as pure functions: what a branch does on each event, which failure counts, when the next way is
 * tried. No commands, no payloads, nothing that remembers.
 *
 * <p>Owning thread: control.
 */
package io.hookswitch.control.dial;
