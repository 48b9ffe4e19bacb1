/**
 * The command line: {@code run}, {@code config check}.
 *
 * <p>Owning thread: main.
 */
package io.hookswitch.server.cli;
