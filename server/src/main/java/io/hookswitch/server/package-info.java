/**
 * The executable's entry.
 *
 * <p>Owning thread: main.
 */
package io.hookswitch.server;
