/**
 * A dial document run against scripted far ends on a virtual clock.
 *
 * <p>Owning thread: whoever runs it.
 */
package io.hookswitch.server.simulate;
