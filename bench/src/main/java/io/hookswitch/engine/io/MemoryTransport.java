package io.hookswitch.engine.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Datagrams come from {@link #arrive} and go nowhere: what is left is the engine's own work. */
public final class MemoryTransport implements RtpTransport {
    private static final int BUFFER_BYTES = 256;
    private static final int BUFFERS = 1024;

    private final UnsafeBuffer memory =
            new UnsafeBuffer(ByteBuffer.allocateDirect(BUFFERS * BUFFER_BYTES).order(ByteOrder.nativeOrder()));
    private final PacketRing packets = new PacketRing(BUFFERS);
    private final TransportCounters counters = new TransportCounters();
    private final int[] free = new int[BUFFERS];
    private int freeCount = BUFFERS;
    private int sockets;

    /** Makes the buffers, their bytes zero. */
    public MemoryTransport() {
        for (int i = 0; i < BUFFERS; i++) {
            free[i] = i;
        }
    }

    /** Puts a datagram of a given length into the packet ring. @return where its bytes are to be written. */
    public int arrive(int socket, int length, long nowNs, long sourceHigh, long sourceLow, int sourcePort) {
        PacketFlyweight packet = packets.tryClaim();
        int buffer = tryClaim();
        packet.datagram(socket, buffer, offset(buffer), length, nowNs);
        packet.source(sourceHigh, sourceLow, sourcePort);
        packets.publish();
        return offset(buffer);
    }

    @Override
    public TransportKind kind() {
        return TransportKind.AUTO;
    }

    @Override
    public String description() {
        return "memory";
    }

    @Override
    public UnsafeBuffer memory() {
        return memory;
    }

    @Override
    public PacketRing packets() {
        return packets;
    }

    @Override
    public TransportCounters counters() {
        return counters;
    }

    @Override
    public int open(int port) {
        return sockets++;
    }

    @Override
    public int port(int socket) {
        return socket;
    }

    @Override
    public void close(int socket) {
        // Sockets are numbers here; there are enough.
    }

    @Override
    public void mute(int socket, boolean muted) {
        // Nothing arrives that the benchmark does not send.
    }

    @Override
    public boolean isQuiet(int socket, long sinceNs) {
        return true;
    }

    @Override
    public int connect(int socket, long addressHigh, long addressLow, int port) {
        return 0;
    }

    @Override
    public int disconnect(int socket) {
        return 0;
    }

    @Override
    public int send(int socket, int buffer, int offset, int length) {
        counters.increment(TransportCounters.SENT);
        release(buffer);
        return 0;
    }

    @Override
    public int sendTo(int socket, int buffer, int offset, int length, long addressHigh, long addressLow, int port) {
        return send(socket, buffer, offset, length);
    }

    @Override
    public void release(int buffer) {
        free[freeCount++] = buffer;
    }

    @Override
    public int tryClaim() {
        return freeCount == 0 ? -1 : free[--freeCount];
    }

    @Override
    public int offset(int buffer) {
        return buffer * BUFFER_BYTES;
    }

    @Override
    public int payloadBytes() {
        return BUFFER_BYTES;
    }

    @Override
    public int run(long maxWaitNs) {
        return 0;
    }

    @Override
    public void wakeup() {
        // It never waits.
    }

    @Override
    public void close() {
        // Memory goes with the object.
    }
}
