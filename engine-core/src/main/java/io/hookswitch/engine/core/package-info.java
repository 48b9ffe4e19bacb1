/**
 * One core: the single writer of its legs, bridges and timers, and the steps of its duty cycle.
 *
 * <p>Owning thread: the core's own, which runs {@link io.hookswitch.engine.core.CoreAgent}. Other threads read
 * {@link io.hookswitch.engine.core.CoreCounters} and the latency histogram, and reach the core through its rings only.
 */
package io.hookswitch.engine.core;
