/**
 * A journaled or simulated call told in words.
 *
 * <p>Owning thread: whoever tells it.
 */
package io.hookswitch.server.story;
