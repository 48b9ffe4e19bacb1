package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import java.util.ArrayDeque;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the sip thread tells its core. Events of known legs are never lost: those that find the ring full wait here, in
 * order, and new calls are refused as long as any waits. Sip thread, the writer of the ring.
 */
final class CoreEvents {
    /** Room for a head and a body of the largest size the guard lets in, twice. */
    private static final int SCRATCH_BYTES = 192 * 1024;

    private final SlotRing ring;
    private final NanoClock clock;
    private final MessageFlyweight scratch = new MessageFlyweight();
    private final MessageFlyweight held = new MessageFlyweight();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();

    CoreEvents(SlotRing ring, NanoClock clock) {
        this.ring = ring;
        this.clock = clock;
        scratch.wrap(new UnsafeBuffer(new byte[SCRATCH_BYTES]), 0, SCRATCH_BYTES);
    }

    /** @return a message to fill in and give to {@link #send} or {@link #keep}; one at a time. */
    MessageFlyweight begin(int type) {
        return scratch.begin(type).timeNs(clock.nanoTime());
    }

    /** Sends the message begun. */
    void send() {
        if (!waiting.isEmpty() || !transfer(scratch)) {
            waiting.add(keep());
        }
    }

    /** @return the message begun, to be sent later with {@link #send(byte[], long)}. */
    byte[] keep() {
        byte[] bytes = new byte[scratch.lengthBytes()];
        scratch.buffer().getBytes(scratch.offset(), bytes);
        return bytes;
    }

    /** Sends a message kept, in the name of a leg. */
    void send(byte[] kept, long leg) {
        wrap(kept).leg(leg);
        if (!waiting.isEmpty() || !transfer(held)) {
            waiting.add(kept);
        }
    }

    private MessageFlyweight wrap(byte[] kept) {
        return held.wrap(new UnsafeBuffer(kept), 0, kept.length);
    }

    /** @return whether a new call would find room. */
    boolean hasRoom() {
        return waiting.isEmpty() && ring.free() > 0;
    }

    /** @return events that wait for room. */
    int waiting() {
        return waiting.size();
    }

    /** Moves what waits into the ring, as far as there is room. @return events moved. */
    int drain() {
        int moved = 0;
        while (!waiting.isEmpty() && transfer(wrap(waiting.peek()))) {
            waiting.poll();
            moved++;
        }
        return moved;
    }

    void wakeReader() {
        ring.wakeReader();
    }

    private boolean transfer(MessageFlyweight from) {
        MessageFlyweight slot = ring.tryClaim(from.type());
        if (slot == null) {
            return false;
        }
        slot.leg(from.leg())
                .otherLeg(from.otherLeg())
                .reference(from.reference())
                .timeNs(from.timeNs())
                .durationNs(from.durationNs())
                .status(from.status())
                .cause(from.cause());
        if (from.media().present()) {
            slot.media().copyFrom(from.media());
        }
        if (!slot.copyFields(from)) {
            // Too long for a slot: the fields that fit, in their order; the raw message is the last one.
            for (int field = from.firstField(); field >= 0; field = from.nextField(field)) {
                slot.put(from.fieldTag(field), from.buffer(), from.fieldBytes(field), from.fieldLength(field));
            }
        }
        ring.publish();
        return true;
    }
}
