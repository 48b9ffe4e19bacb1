/**
 * JSON as JavaScript writes it, and a bounded reader of it.
 *
 * <p>Owning thread: none; everything here is stateless.
 */
package io.hookswitch.server.json;
