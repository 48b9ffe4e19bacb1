/**
 * A transport without a kernel, for benchmarks; here because descriptors of datagrams are made in this package only.
 *
 * <p>Owning thread: the benchmark's, which is the core's.
 */
package io.hookswitch.engine.io;
