/**
 * What {@code run} does without a configuration file: two users and a small application that a softphone can call at
 * once.
 *
 * <p>Owning thread: requests run on virtual threads; the application keeps no state.
 */
package io.hookswitch.server.starter;
