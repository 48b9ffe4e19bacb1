package io.hookswitch.engine.ring;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import io.hookswitch.engine.message.MessageFlyweight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One-way ring of messages between two threads: a Disruptor ring whose slots are cut from one off-heap buffer. One
 * writer, one
 * reader. Full is an answer: {@link #tryClaim} returns null and nothing happened.
 */
public final class SlotRing {
    private static final class Slot {
        private final MessageFlyweight message = new MessageFlyweight();
    }

    /** Reads one message in place; the view is valid during the call only. */
    @FunctionalInterface
    public interface Reader {
        /** Reads one message in place. */
        void onMessage(MessageFlyweight message);
    }

    private final String name;
    private final RingBuffer<Slot> ring;
    private final EventPoller<Slot> poller;
    private final EventPoller.Handler<Slot> handler;
    private Waker waker = Waker.NONE;
    private Reader reader;
    private RuntimeException failure;
    private int budget;
    private int polled;
    private long claimed = -1;
    private boolean published;

    /**
     * @param name for messages about this ring
     * @param slots a power of two
     * @param slotBytes of one slot, a multiple of 8, at least {@link MessageFlyweight#FIELDS_OFFSET}
     */
    public SlotRing(String name, int slots, int slotBytes) {
        this.name = Objects.requireNonNull(name);
        if (slotBytes < MessageFlyweight.FIELDS_OFFSET || (slotBytes & 7) != 0) {
            throw new IllegalArgumentException(name + ": slot bytes " + slotBytes + ", not a multiple of 8 from "
                    + MessageFlyweight.FIELDS_OFFSET);
        }
        ByteBuffer memory =
                ByteBuffer.allocateDirect(Math.multiplyExact(slots, slotBytes)).order(ByteOrder.nativeOrder());
        UnsafeBuffer buffer = new UnsafeBuffer(memory);
        int[] cut = {0};
        ring = RingBuffer.createSingleProducer(
                () -> {
                    Slot slot = new Slot();
                    slot.message.wrap(buffer, cut[0], slotBytes);
                    cut[0] += slotBytes;
                    return slot;
                },
                slots,
                new BusySpinWaitStrategy());
        poller = ring.newPoller();
        ring.addGatingSequences(poller.getSequence());
        handler = (slot, sequence, endOfBatch) -> {
            polled++;
            try {
                reader.onMessage(slot.message);
            } catch (RuntimeException e) {
                // The poller would hand out the same message for ever: note the failure, consume, throw behind it.
                failure = e;
                return false;
            }
            return polled < budget;
        };
    }

    /** Names the reader's waker; at start-up, before the writer's first message. */
    public void wakes(Waker readerWaker) {
        waker = Objects.requireNonNull(readerWaker);
    }

    /** @return what this ring is called. */
    public String name() {
        return name;
    }

    /** @return free slots as the writer sees them; the reader can only make it more. Writer's thread. */
    public int free() {
        return (int) ring.remainingCapacity();
    }

    /** @return number of slots. */
    public int slots() {
        return ring.getBufferSize();
    }

    /**
     * Begins the next message. One that was claimed and never published (its writer failed half-way) is begun anew.
     *
     * @return the next slot begun as a message of this type, or null when the ring is full. Writer's thread.
     */
    public MessageFlyweight tryClaim(int type) {
        if (claimed < 0) {
            if (!ring.hasAvailableCapacity(1)) {
                return null;
            }
            claimed = ring.next();
        }
        return ring.get(claimed).message.begin(type);
    }

    /** Makes the claimed message visible to the reader. Writer's thread. */
    public void publish() {
        assert claimed >= 0 : name + ": nothing claimed";
        long sequence = claimed;
        claimed = -1;
        published = true;
        ring.publish(sequence);
    }

    /** Wakes the reader if something was published since the last call; once per duty cycle. Writer's thread. */
    public void wakeReader() {
        if (published) {
            published = false;
            waker.wake();
        }
    }

    /**
     * Reads up to {@code limit} messages. Reader's thread.
     *
     * @return number read. A reader that throws has consumed the message it threw on.
     */
    public int poll(Reader messageReader, int limit) {
        if (limit <= 0) {
            return 0;
        }
        reader = messageReader;
        budget = limit;
        polled = 0;
        try {
            poller.poll(handler);
        } catch (Exception e) {
            throw new IllegalStateException(name, e);
        }
        if (failure != null) {
            RuntimeException thrown = failure;
            failure = null;
            throw thrown;
        }
        return polled;
    }

    /** @return messages published and not yet read; exact only when both threads rest. */
    public int size() {
        return ring.getBufferSize() - (int) ring.remainingCapacity();
    }
}
