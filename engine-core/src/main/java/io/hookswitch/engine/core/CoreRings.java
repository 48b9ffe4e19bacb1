package io.hookswitch.engine.core;

import io.hookswitch.engine.ring.SlotRing;

/**
 * The four message rings of one core.
 *
 * @param sipEvents written by its sip thread, read by the core
 * @param sipCommands written by the core, read by its sip thread
 * @param commands written by control, read by the core
 * @param events written by the core, read by control
 */
public record CoreRings(SlotRing sipEvents, SlotRing sipCommands, SlotRing commands, SlotRing events) {
    /** Makes the rings of a core. */
    public static CoreRings of(CoreSettings settings) {
        int core = settings.core();
        return new CoreRings(
                new SlotRing("sip-events-" + core, settings.ringSlots(), settings.slotBytes()),
                new SlotRing("sip-commands-" + core, settings.ringSlots(), settings.slotBytes()),
                new SlotRing("commands-" + core, settings.ringSlots(), settings.slotBytes()),
                new SlotRing("events-" + core, settings.ringSlots(), settings.slotBytes()));
    }
}
