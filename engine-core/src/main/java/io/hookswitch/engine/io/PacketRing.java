package io.hookswitch.engine.io;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Received datagrams between the I/O step and the media step of one core: both run on the core's thread, writer and
 * reader of this ring, so it needs no fence. It has a slot for every receive buffer, so it is never full before the
 * buffers are used up.
 */
public final class PacketRing {
    /** Takes one datagram: it must hand the buffer to one {@code send} or to {@link RtpTransport#release}. */
    @FunctionalInterface
    public interface Reader {
        /** Takes one datagram; the view is valid during the call only. */
        void onPacket(PacketFlyweight packet);
    }

    private final PacketFlyweight[] slots;
    private final int mask;
    /** Next slot to read and next to write; both count on for ever. */
    private int head;

    private int tail;

    /** @param slots a power of two, at least the number of receive buffers */
    PacketRing(int slots) {
        this.slots = new PacketFlyweight[slots];
        mask = slots - 1;
        UnsafeBuffer memory = new UnsafeBuffer(
                BufferUtil.allocateDirectAligned(slots * PacketFlyweight.LENGTH, BitUtil.CACHE_LINE_LENGTH));
        for (int i = 0; i < slots; i++) {
            this.slots[i] = new PacketFlyweight(memory, i * PacketFlyweight.LENGTH);
        }
    }

    /** @return the next slot, or null when the ring is full. */
    PacketFlyweight tryClaim() {
        return tail - head > mask ? null : slots[tail & mask];
    }

    void publish() {
        tail++;
    }

    /**
     * Hands out up to {@code limit} datagrams.
     *
     * @return number handed out. A reader that throws has consumed the datagram it threw on.
     */
    public int poll(Reader reader, int limit) {
        int polled = 0;
        while (polled < limit && head != tail) {
            PacketFlyweight packet = slots[head & mask];
            head++;
            polled++;
            reader.onPacket(packet);
        }
        return polled;
    }

    /** @return datagrams received and not yet polled. */
    public int size() {
        return tail - head;
    }
}
