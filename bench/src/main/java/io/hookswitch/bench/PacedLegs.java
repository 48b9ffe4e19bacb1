package io.hookswitch.bench;

import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;

/**
 * Answered legs that a core sends a packet each 20 ms: a key held down for hours, which is the steady stream that a
 * core can make by itself. Plays the sip thread and control.
 */
public final class PacedLegs {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final byte[] KEY = {'5'};
    private static final long HOURS_NS = 36_000_000_000_000L;

    private final CoreRings rings;
    private final Runnable step;
    private final SlotRing.Reader onSipCommand = this::onSipCommand;
    private final SlotRing.Reader onEvent = this::onEvent;
    private long bound;
    private long refused;

    /** @param step lets the core work for a moment */
    public PacedLegs(CoreRings rings, Runnable step) {
        this.rings = rings;
        this.step = step;
    }

    /** Makes an answered leg. @return its handle */
    public long answered(int farPort) {
        bound = 0;
        describe(rings.sipEvents().tryClaim(SipEvent.OFFERED), farPort);
        publish(rings.sipEvents());
        while (bound == 0) {
            poll();
        }
        describe(rings.sipEvents().tryClaim(SipEvent.MEDIA_CHANGED).leg(bound), farPort);
        publish(rings.sipEvents());
        poll();
        return bound;
    }

    /** Presses the key: from now on a packet each 20 ms goes to the leg's far end. */
    public void press(long leg) {
        rings.commands()
                .tryClaim(CoreCommand.SEND_DIGITS)
                .leg(leg)
                .reference(leg)
                .durationNs(HOURS_NS)
                .put(Field.DIGITS, KEY, 0, KEY.length);
        publish(rings.commands());
        poll();
    }

    private static void describe(MessageFlyweight message, int farPort) {
        message.media()
                .begin()
                .address(LOOPBACK)
                .ports(farPort, 0)
                .telephoneEvent(101, 8000)
                .addCodec(Codec.PCMA, 8, -1, 8000);
    }

    private static void publish(SlotRing ring) {
        ring.publish();
        ring.wakeReader();
    }

    private void poll() {
        step.run();
        rings.events().poll(onEvent, 64);
        rings.sipCommands().poll(onSipCommand, 64);
        if (refused > 0) {
            throw new IllegalStateException("not enough ports, legs, or room for keys");
        }
    }

    private void onSipCommand(MessageFlyweight command) {
        if (command.type() == SipCommand.BIND) {
            bound = command.leg();
        } else {
            refused++;
        }
    }

    private void onEvent(MessageFlyweight event) {
        refused += event.type() == CoreEvent.OFFERED ? 0 : 1;
    }
}
