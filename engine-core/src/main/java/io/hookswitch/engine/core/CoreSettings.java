package io.hookswitch.engine.core;

import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import java.util.Objects;

/**
 * Sizes of one core, fixed at start.
 *
 * @param core number of this core, 0..127
 * @param legs most legs at a time, 2..1,000,000
 * @param timers most call timers armed at a time, 1..4,000,000
 * @param idle how the core waits when there is nothing to do
 * @param transport which kernel interface moves RTP
 * @param ringSlots slots of each message ring, a power of two
 * @param slotBytes bytes of one slot; the longest message between threads
 * @param warmUpPackets packets that a new core moves for itself before the first call, 0 = none
 */
public record CoreSettings(
        int core,
        int legs,
        int timers,
        IdleMode idle,
        TransportKind transport,
        int ringSlots,
        int slotBytes,
        int warmUpPackets) {
    /** Checks the ranges. @throws IllegalArgumentException naming every fault */
    public CoreSettings {
        Objects.requireNonNull(idle, "idle");
        Objects.requireNonNull(transport, "transport");
        new Faults()
                .range("core", core, 0, 127)
                .range("legs", legs, 2, 1_000_000)
                .range("timers", timers, 1, 4_000_000)
                .range("ringSlots", ringSlots, 16, 65_536)
                .expect(Integer.bitCount(ringSlots) == 1, "ringSlots: " + ringSlots + " is no power of two")
                .range("slotBytes", slotBytes, 1024, 1 << 20)
                .expect((slotBytes & 7) == 0, "slotBytes: " + slotBytes + " is no multiple of 8")
                .expect(
                        (long) ringSlots * slotBytes <= Integer.MAX_VALUE,
                        "ringSlots x slotBytes: more than 2 GiB a ring")
                .range("warmUpPackets", warmUpPackets, 0, 1_000_000)
                .refuse();
    }

    /** @return the default sizes for a number of legs: four timers a leg, rings of 1,024 slots of 32 KiB. */
    public static CoreSettings of(int core, int legs, IdleMode idle, TransportKind transport) {
        return new CoreSettings(core, legs, Math.min(4 * legs, 4_000_000), idle, transport, 1024, 32 * 1024, 20_000);
    }
}
