package io.hookswitch.engine.core;

import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.engine.ring.TapRing;

/**
 * The four message rings of one core, the ring of its taps, and the two of its DTLS handshakes.
 *
 * @param sipEvents written by its sip thread, read by the core
 * @param sipCommands written by the core, read by its sip thread
 * @param commands written by control, read by the core
 * @param events written by the core, read by control
 * @param taps written by the core, read by whoever listens; no messages but audio
 * @param dtlsEvents written by the core, read by whoever shakes hands
 * @param dtlsCommands written by whoever shakes hands, read by the core
 */
public record CoreRings(
        SlotRing sipEvents,
        SlotRing sipCommands,
        SlotRing commands,
        SlotRing events,
        TapRing taps,
        SlotRing dtlsEvents,
        SlotRing dtlsCommands) {
    /** Room a leg in the tap ring: 0.4 s of G.711 in packets of 20 ms, as much as its reader may ever be late. */
    private static final int TAP_BYTES_A_LEG = 4096;

    /** Handshakes under way at one time are few, and repeat what finds no room. */
    private static final int DTLS_SLOTS = 256;
    /** A datagram of the usual path's size behind the head. */
    private static final int DTLS_SLOT_BYTES = 2048;

    private static final int FEWEST_TAP_BYTES = 1 << 16;
    private static final int MOST_TAP_BYTES = 1 << 24;

    /** Makes the rings of a core. */
    public static CoreRings of(CoreSettings settings) {
        int core = settings.core();
        return new CoreRings(
                new SlotRing("sip-events-" + core, settings.ringSlots(), settings.slotBytes()),
                new SlotRing("sip-commands-" + core, settings.ringSlots(), settings.slotBytes()),
                new SlotRing("commands-" + core, settings.ringSlots(), settings.slotBytes()),
                new SlotRing("events-" + core, settings.ringSlots(), settings.slotBytes()),
                new TapRing(tapBytes(settings.legs())),
                new SlotRing("dtls-events-" + core, DTLS_SLOTS, DTLS_SLOT_BYTES),
                new SlotRing("dtls-commands-" + core, DTLS_SLOTS, DTLS_SLOT_BYTES));
    }

    private static int tapBytes(int legs) {
        long bytes = Math.clamp((long) legs * TAP_BYTES_A_LEG, FEWEST_TAP_BYTES, MOST_TAP_BYTES);
        return Integer.highestOneBit((int) bytes);
    }
}
