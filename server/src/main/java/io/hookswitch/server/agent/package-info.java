/**
 * The control thread: rings in and out, results of the world, and the carrying out of control's commands.
 *
 * <p>Owning thread: control ({@link io.hookswitch.server.agent.ControlAgent}); results reach it through one bounded
 * queue.
 */
package io.hookswitch.server.agent;
