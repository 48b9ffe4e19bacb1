package io.hookswitch.server.agent;

import io.hookswitch.engine.ring.SlotRing;

/**
 * Control's two ends towards one core.
 *
 * @param events read by control
 * @param commands written by control
 * @param commandSlotBytes of one slot of {@code commands}
 */
public record CoreLink(SlotRing events, SlotRing commands, int commandSlotBytes) {}
