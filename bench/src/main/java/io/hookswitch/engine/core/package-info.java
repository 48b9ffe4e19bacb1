/**
 * A core under benchmark; here because a core over another transport is made in this package only.
 *
 * <p>Owning thread: the benchmark's, which is the core's.
 */
package io.hookswitch.engine.core;
