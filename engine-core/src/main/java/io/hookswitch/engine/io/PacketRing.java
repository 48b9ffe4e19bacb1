package io.hookswitch.engine.io;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Received datagrams between the I/O step and the media step of one core: both run on the core's thread, writer and
 * reader of this ring. It has a slot for every receive buffer, so it is never full before the buffers are used up.
 */
public final class PacketRing {
    private static final class Slot {
        private final PacketFlyweight packet;

        private Slot(PacketFlyweight packet) {
            this.packet = packet;
        }
    }

    /** Takes one datagram: it must hand the buffer to one {@code send} or to {@link RtpTransport#release}. */
    @FunctionalInterface
    public interface Reader {
        /** Takes one datagram; the view is valid during the call only. */
        void onPacket(PacketFlyweight packet);
    }

    private final RingBuffer<Slot> ring;
    private final EventPoller<Slot> poller;
    private final EventPoller.Handler<Slot> handler;
    private Reader reader;
    private RuntimeException failure;
    private int budget;
    private int polled;
    private long claimed;

    /** @param slots a power of two, at least the number of receive buffers */
    PacketRing(int slots) {
        UnsafeBuffer memory = new UnsafeBuffer(
                ByteBuffer.allocateDirect(slots * PacketFlyweight.LENGTH).order(ByteOrder.nativeOrder()));
        int[] cut = {0};
        ring = RingBuffer.createSingleProducer(
                () -> new Slot(new PacketFlyweight(memory, PacketFlyweight.LENGTH * cut[0]++)),
                slots,
                new BusySpinWaitStrategy());
        poller = ring.newPoller();
        ring.addGatingSequences(poller.getSequence());
        handler = (slot, sequence, endOfBatch) -> {
            polled++;
            try {
                reader.onPacket(slot.packet);
            } catch (RuntimeException e) {
                // The poller would hand out the same datagram for ever: note the failure, consume, throw behind it.
                failure = e;
                return false;
            }
            return polled < budget;
        };
    }

    /** @return the next slot, or null when the ring is full. */
    PacketFlyweight tryClaim() {
        if (!ring.hasAvailableCapacity(1)) {
            return null;
        }
        claimed = ring.next();
        return ring.get(claimed).packet;
    }

    void publish() {
        ring.publish(claimed);
    }

    /**
     * Hands out up to {@code limit} datagrams.
     *
     * @return number handed out. A reader that throws has consumed the datagram it threw on.
     */
    public int poll(Reader packetReader, int limit) {
        if (limit <= 0) {
            return 0;
        }
        reader = packetReader;
        budget = limit;
        polled = 0;
        try {
            poller.poll(handler);
        } catch (Exception e) {
            throw new IllegalStateException("packet ring", e);
        }
        if (failure != null) {
            RuntimeException thrown = failure;
            failure = null;
            throw thrown;
        }
        return polled;
    }

    /** @return datagrams received and not yet polled. */
    public int size() {
        return ring.getBufferSize() - (int) ring.remainingCapacity();
    }
}
