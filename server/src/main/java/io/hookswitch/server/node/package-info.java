/**
 * One running node: sip, core and control threads wired together, started and stopped in order.
 *
 * <p>Owning thread: whoever starts it; what it starts runs on {@code sip-0}, {@code core-0} and {@code control}.
 */
package io.hookswitch.server.node;
