/**
 * Benchmarks of the promises that are figures, and the gates that fail a build when one is broken.
 *
 * <p>Owning thread: whichever JMH gives.
 */
package io.hookswitch.bench;
