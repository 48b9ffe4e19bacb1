package io.hookswitch.engine.io;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One received datagram, described: its bytes stay in the transport's memory where the kernel put them. Valid during
 * {@link PacketRing.Reader#onPacket} only. Core thread.
 *
 * <pre>
 *   0 int socket      4 int buffer     8 int offset    12 int length
 *  16 long arrival, ns                24 long source address, bytes 0-7
 *  32 long source address, bytes 8-15 40 int source port
 * </pre>
 */
public final class PacketFlyweight {
    static final int LENGTH = 64;

    private static final int BUFFER_OFFSET = 4;
    private static final int OFFSET_OFFSET = 8;
    private static final int LENGTH_OFFSET = 12;
    private static final int ARRIVAL_OFFSET = 16;
    private static final int SOURCE_HIGH_OFFSET = 24;
    private static final int SOURCE_LOW_OFFSET = 32;
    private static final int SOURCE_PORT_OFFSET = 40;

    private final UnsafeBuffer slot = new UnsafeBuffer(0, 0);

    PacketFlyweight(UnsafeBuffer memory, int offset) {
        slot.wrap(memory, offset, LENGTH);
    }

    /** A description in memory of its own, for a datagram that was kept. Start-up. */
    public PacketFlyweight() {
        this(new UnsafeBuffer(BufferUtil.allocateDirectAligned(LENGTH, BitUtil.CACHE_LINE_LENGTH)), 0);
    }

    /** Describes a datagram as another one, with its bytes in another buffer and another time of arrival. */
    public PacketFlyweight like(PacketFlyweight other, int buffer, int offset, long arrivalNs) {
        slot.putBytes(0, other.slot, 0, LENGTH);
        slot.putInt(BUFFER_OFFSET, buffer);
        slot.putInt(OFFSET_OFFSET, offset);
        slot.putLong(ARRIVAL_OFFSET, arrivalNs);
        return this;
    }

    /** @return number of the socket it arrived on, as {@link RtpTransport#open} gave it. */
    public int socket() {
        return slot.getInt(0);
    }

    /** @return index of its buffer, to hand to exactly one {@code send} or {@link RtpTransport#release}. */
    public int buffer() {
        return slot.getInt(BUFFER_OFFSET);
    }

    /** @return where its first byte is in {@link RtpTransport#memory()}. */
    public int offset() {
        return slot.getInt(OFFSET_OFFSET);
    }

    /** @return bytes of the UDP payload; 0 is possible. */
    public int length() {
        return slot.getInt(LENGTH_OFFSET);
    }

    /** Shortens the datagram: what was behind its first bytes has been read. */
    public void trim(int length) {
        slot.putInt(LENGTH_OFFSET, length);
    }

    /** @return time of the pass that took it from the kernel, ns of the transport's clock. */
    public long arrivalNs() {
        return slot.getLong(ARRIVAL_OFFSET);
    }

    /** @return bytes 0-7 of the source address, see {@link IpAddress}. */
    public long sourceHigh() {
        return slot.getLong(SOURCE_HIGH_OFFSET);
    }

    /** @return bytes 8-15 of the source address, see {@link IpAddress}. */
    public long sourceLow() {
        return slot.getLong(SOURCE_LOW_OFFSET);
    }

    /** @return UDP port it was sent from. */
    public int sourcePort() {
        return slot.getInt(SOURCE_PORT_OFFSET);
    }

    void datagram(int socket, int buffer, int offset, int length, long arrivalNs) {
        slot.putInt(0, socket);
        slot.putInt(BUFFER_OFFSET, buffer);
        slot.putInt(OFFSET_OFFSET, offset);
        slot.putInt(LENGTH_OFFSET, length);
        slot.putLong(ARRIVAL_OFFSET, arrivalNs);
    }

    void source(long high, long low, int port) {
        slot.putLong(SOURCE_HIGH_OFFSET, high);
        slot.putLong(SOURCE_LOW_OFFSET, low);
        slot.putInt(SOURCE_PORT_OFFSET, port);
    }
}
