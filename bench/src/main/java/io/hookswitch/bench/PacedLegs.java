package io.hookswitch.bench;

import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.RecordingBuilder;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Answered legs that a core plays a recording to, round and round. Plays the sip thread and control. */
public final class PacedLegs {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    /** A second and a bit: no multiple of a frame, so that frames hold the end of one pass and the next one's begin. */
    private static final int SAMPLES = 8_077;

    private final CoreRings rings;
    private final Runnable step;
    private final MemorySegment recording =
            new RecordingBuilder(SAMPLES).fixed(Codec.PCMA, new byte[SAMPLES]).build(Arena.ofAuto());
    private final PlayFlyweight order = new PlayFlyweight();
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

    /** Plays for ever: from now on a packet each 20 ms goes to the leg's far end. This object must stay reachable. */
    public void play(long leg) {
        while (rings.commands().free() == 0) {
            poll();
        }
        MessageFlyweight command =
                rings.commands().tryClaim(CoreCommand.PLAY).leg(leg).reference(leg);
        order.put(command, recording.address(), recording.byteSize(), PlayFlyweight.FOR_EVER, 0);
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
            throw new IllegalStateException("not enough ports or legs, or a recording that ended");
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
