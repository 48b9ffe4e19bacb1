/**
 * The real server as a user starts it: settings on free loopback ports, the process, its metrics.
 *
 * <p>Owning thread: the test's or the demo's.
 */
package io.hookswitch.systemtests.engine;
