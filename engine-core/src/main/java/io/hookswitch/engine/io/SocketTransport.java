package io.hookswitch.engine.io;

import java.lang.foreign.Arena;
import java.net.Inet6Address;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What both transports have in common: the memory and its buffers, the columns of the sockets, the packet ring, how a
 * pass waits. All of it belongs to the core's thread.
 */
abstract class SocketTransport implements RtpTransport {
    private static final int PAGE = 4096;
    private static final long NAP_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final int SEND_FLAGS = LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL;
    /** Behind the last buffer: one address we write, one the kernel writes, and its length. */
    private static final int SCRATCH = 128;

    private static final int SCRATCH_LENGTH_OFFSET = 96;
    private static final byte OPEN = 1;
    private static final byte MUTED = 2;
    private static final byte CONNECTED = 4;
    private static final byte STRAYS = 8;
    private static final int UNSPECIFIED_LENGTH = 16;

    final TransportSettings settings;
    final TransportCounters counters = new TransportCounters();
    final LibC libc = new LibC();
    final Thread owner = Thread.currentThread();
    final Doorbell doorbell = new Doorbell();
    /** Off-heap memory that lives until the kernel is done with it. */
    final Arena arena = Arena.ofShared();

    final UnsafeBuffer memory;
    /** Raw address of {@link #memory}'s first byte. */
    final long memoryAddress;
    /** Column, row = socket: its descriptor, -1 = none. */
    final int[] fds;

    private final NanoClock clock;
    private final PacketRing packets;
    private final SocketAddressFlyweight far;
    private final int scratchOffset;
    private final boolean ipv6;
    private final int[] ports;
    private final byte[] state;
    /** Column, row = socket: when the last datagram was dropped because it was muted; with {@link #STRAYS} only. */
    private final long[] strayNs;
    /** Columns, row = socket: the far end it is tied to. */
    private final long[] farHigh;

    private final long[] farLow;
    private final int[] farPorts;
    private final int[] freeSockets;
    private final int[] freeSendBuffers;
    /** Who has a buffer, for assertions only: true = the core. */
    private final boolean[] held;

    private int usedSockets;
    private int freeSocketCount;
    private int freeSendBufferCount;
    private int received;
    private boolean arrivalKnown;
    private long arrivalNs;
    private boolean closed;

    SocketTransport(TransportSettings settings, NanoClock clock) {
        this.settings = settings;
        this.clock = clock;
        int buffers = settings.receiveBuffers() + settings.sendBuffers();
        scratchOffset = buffers * settings.bufferBytes();
        memoryAddress = arena.allocate(scratchOffset + SCRATCH, PAGE).address();
        memory = new UnsafeBuffer(memoryAddress, scratchOffset + SCRATCH);
        packets = new PacketRing(settings.receiveBuffers());
        ipv6 = settings.address() instanceof Inet6Address;
        int scope = settings.address() instanceof Inet6Address six ? six.getScopeId() : 0;
        far = new SocketAddressFlyweight(ipv6, scope);
        fds = new int[settings.maxSockets()];
        Arrays.fill(fds, -1);
        ports = new int[settings.maxSockets()];
        state = new byte[settings.maxSockets()];
        strayNs = new long[settings.maxSockets()];
        farHigh = new long[settings.maxSockets()];
        farLow = new long[settings.maxSockets()];
        farPorts = new int[settings.maxSockets()];
        freeSockets = new int[settings.maxSockets()];
        held = new boolean[buffers];
        freeSendBuffers = new int[settings.sendBuffers()];
        for (int i = settings.sendBuffers() - 1; i >= 0; i--) {
            freeSendBuffers[freeSendBufferCount++] = settings.receiveBuffers() + i;
        }
    }

    /** Starts receiving on a new socket. @return 0 or a negative errno: the socket is closed again. */
    abstract int arm(int socket);

    /** Stops receiving and closes the descriptor, at once or later; calls {@link #forget} when that is done. */
    abstract void disarm(int socket);

    /** Hands sends that were collected to the kernel, before their socket changes. */
    abstract void flush();

    /** Gives a receive buffer back to be filled again. */
    abstract void refill(int buffer);

    /** One pass of the loop. */
    abstract void pass(long maxWaitNs);

    /** Ends a wait in {@link #pass}, or makes the next one not wait. Any thread. */
    abstract void endWait();

    /** A socket was tied to another far end, or to none. */
    abstract void onConnection(int socket);

    /** Waits a little for sockets being closed to free their ports. @return whether any was being closed. */
    abstract boolean settle();

    /** Frees what the transport has besides sockets and memory. @return whether the kernel is done with the memory. */
    abstract boolean destroy();

    @Override
    public final UnsafeBuffer memory() {
        return memory;
    }

    @Override
    public final PacketRing packets() {
        return packets;
    }

    @Override
    public final TransportCounters counters() {
        return counters;
    }

    @Override
    public final int open(int port) {
        assert onOwner();
        int wanted = port == 0 ? freePort() : port;
        if (wanted < 0) {
            return wanted;
        }
        int answer = tryOpen(wanted);
        // A socket closed a moment ago holds its port and number until the kernel has let go of the armed receive.
        for (int tries = 0; mayPass(answer) && tries < 50 && settle(); tries++) {
            answer = tryOpen(wanted);
        }
        return answer;
    }

    private static boolean mayPass(int answer) {
        return answer == -Errno.EADDRINUSE || answer == -Errno.EMFILE;
    }

    /**
     * A port the kernel has just found free: a socket bound to it by number keeps it in {@link #disconnect}, one bound
     * to 0 does not.
     */
    private int freePort() {
        int fd = libc.socket(ipv6 ? LibC.AF_INET6 : LibC.AF_INET);
        if (fd < 0) {
            return fd;
        }
        int port = bind(fd, 0);
        libc.close(fd);
        return port;
    }

    private int tryOpen(int port) {
        if (freeSocketCount == 0 && usedSockets == settings.maxSockets()) {
            return -Errno.EMFILE;
        }
        int fd = libc.socket(ipv6 ? LibC.AF_INET6 : LibC.AF_INET);
        if (fd < 0) {
            return fd;
        }
        int answer = bind(fd, port);
        if (answer < 0) {
            libc.close(fd);
            return answer;
        }
        int socket = freeSocketCount > 0 ? freeSockets[--freeSocketCount] : usedSockets++;
        fds[socket] = fd;
        ports[socket] = answer;
        state[socket] = OPEN;
        counters.increment(TransportCounters.SOCKETS);
        answer = arm(socket);
        if (answer < 0) {
            close(socket);
            return answer;
        }
        return socket;
    }

    /** @return the port bound to or a negative errno. */
    private int bind(int fd, int port) {
        if (ipv6) {
            libc.option(fd, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, 1);
        }
        if (settings.trafficClass() != 0) {
            // Marking is a wish: a system that forbids it still carries the call.
            libc.option(
                    fd,
                    ipv6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP,
                    ipv6 ? LibC.IPV6_TCLASS : LibC.IP_TOS,
                    settings.trafficClass());
        }
        int length = far.wrap(memory, scratchOffset)
                .encode(IpAddress.high(settings.address()), IpAddress.low(settings.address()), port);
        int answer = libc.bind(fd, memoryAddress + scratchOffset, length);
        if (answer < 0) {
            return answer;
        }
        memory.putInt(scratchOffset + SCRATCH_LENGTH_OFFSET, SocketAddressFlyweight.MAX_LENGTH);
        answer = libc.localAddress(
                fd, memoryAddress + scratchOffset, memoryAddress + scratchOffset + SCRATCH_LENGTH_OFFSET);
        return answer < 0 ? answer : far.port();
    }

    @Override
    public final int port(int socket) {
        return ports[socket];
    }

    @Override
    public final void close(int socket) {
        assert onOwner() && isOpen(socket) : "socket " + socket + " is not open";
        flush();
        state[socket] = 0;
        counters.add(TransportCounters.SOCKETS, -1);
        disarm(socket);
    }

    /** The kernel is done with a socket that was closed: its number may be used again. */
    final void forget(int socket) {
        fds[socket] = -1;
        freeSockets[freeSocketCount++] = socket;
    }

    final boolean isOpen(int socket) {
        return (state[socket] & OPEN) != 0;
    }

    @Override
    public final void mute(int socket, boolean muted) {
        assert onOwner() && isOpen(socket);
        int unchanged = state[socket] & ~(MUTED | STRAYS);
        state[socket] = (byte) (muted ? unchanged | MUTED : unchanged);
    }

    @Override
    public final boolean isQuiet(int socket, long sinceNs) {
        return (state[socket] & STRAYS) == 0 || strayNs[socket] - sinceNs < 0;
    }

    @Override
    public final int connect(int socket, long addressHigh, long addressLow, int port) {
        assert onOwner() && isOpen(socket);
        int length = far.wrap(memory, scratchOffset).encode(addressHigh, addressLow, port);
        if (length < 0) {
            return length;
        }
        flush();
        int answer = libc.connect(fds[socket], memoryAddress + scratchOffset, length);
        if (answer == -Errno.ECONNREFUSED) {
            // What an earlier far end's host said is reported to the next call; it says nothing of the new one.
            answer = libc.connect(fds[socket], memoryAddress + scratchOffset, length);
        }
        if (answer == 0) {
            state[socket] |= CONNECTED;
            farHigh[socket] = addressHigh;
            farLow[socket] = addressLow;
            farPorts[socket] = port;
            onConnection(socket);
        }
        return answer;
    }

    @Override
    public final int disconnect(int socket) {
        assert onOwner() && isOpen(socket);
        if ((state[socket] & CONNECTED) == 0) {
            return 0;
        }
        flush();
        state[socket] &= ~CONNECTED;
        onConnection(socket);
        // Family 0 (AF_UNSPEC) dissolves the association and keeps the port, as it was asked for by number in bind().
        memory.setMemory(scratchOffset, SocketAddressFlyweight.MAX_LENGTH, (byte) 0);
        return libc.connect(fds[socket], memoryAddress + scratchOffset, UNSPECIFIED_LENGTH);
    }

    final boolean isConnected(int socket) {
        return (state[socket] & CONNECTED) != 0;
    }

    @Override
    public final int sendTo(
            int socket, int buffer, int offset, int length, long addressHigh, long addressLow, int port) {
        assert isSendable(socket, buffer, offset, length);
        held[buffer] = false;
        int addressLength = far.wrap(memory, scratchOffset).encode(addressHigh, addressLow, port);
        if (addressLength < 0) {
            counters.increment(TransportCounters.SEND_ERRORS);
            giveBack(buffer);
            return addressLength;
        }
        int answer = sendNow(socket, offset, length, memoryAddress + scratchOffset, addressLength);
        giveBack(buffer);
        return answer;
    }

    /** Hands a datagram to the kernel at once; address 0 = the connected far end. @return 0 or a negative errno. */
    final int sendNow(int socket, int offset, int length, long address, int addressLength) {
        int answer = libc.send(fds[socket], memoryAddress + offset, length, SEND_FLAGS, address, addressLength);
        if (answer == -Errno.ECONNREFUSED) {
            // Told on behalf of an earlier datagram, which took this one's place: once more.
            counters.increment(TransportCounters.REFUSED);
            answer = libc.send(fds[socket], memoryAddress + offset, length, SEND_FLAGS, address, addressLength);
        }
        return onSent(answer);
    }

    /** Counts what became of a send. @return 0 or its negative errno. */
    final int onSent(int result) {
        if (result >= 0) {
            counters.increment(TransportCounters.SENT);
            counters.add(TransportCounters.SENT_BYTES, result);
            return 0;
        }
        counters.increment(
                switch (result) {
                    case -Errno.ECONNREFUSED -> TransportCounters.REFUSED;
                    case -Errno.EAGAIN -> TransportCounters.WOULD_BLOCK;
                    default -> TransportCounters.SEND_ERRORS;
                });
        return result;
    }

    final boolean isSendable(int socket, int buffer, int offset, int length) {
        assert onOwner() && isOpen(socket) : "socket " + socket + " is not open";
        assert held[buffer] : "buffer " + buffer + " was given back before";
        int begin = buffer * settings.bufferBytes();
        return offset >= begin && length >= 0 && offset + length <= begin + settings.bufferBytes();
    }

    /** The core handed a buffer over. */
    final void unhold(int buffer) {
        held[buffer] = false;
    }

    @Override
    public final void release(int buffer) {
        assert onOwner() && held[buffer] : "buffer " + buffer + " was given back before";
        held[buffer] = false;
        giveBack(buffer);
    }

    final void giveBack(int buffer) {
        if (buffer < settings.receiveBuffers()) {
            refill(buffer);
        } else {
            freeSendBuffers[freeSendBufferCount++] = buffer;
        }
    }

    @Override
    public final int tryClaim() {
        assert onOwner();
        if (freeSendBufferCount == 0) {
            counters.increment(TransportCounters.NO_SEND_BUFFER);
            return -1;
        }
        int buffer = freeSendBuffers[--freeSendBufferCount];
        held[buffer] = true;
        return buffer;
    }

    @Override
    public final int offset(int buffer) {
        return buffer * settings.bufferBytes() + TransportSettings.HEADROOM;
    }

    @Override
    public final int payloadBytes() {
        return settings.payloadBytes();
    }

    /**
     * A datagram was received into a buffer.
     *
     * @param offset where it begins, in {@link #memory}.
     * @param source where its source address is, in {@link #memory}.
     */
    final void onDatagram(int socket, int buffer, int offset, int length, int source) {
        PacketFlyweight packet = claim(socket, buffer, offset, length);
        if (packet != null) {
            far.wrap(memory, source);
            packet.source(far.high(), far.low(), far.port());
            packets.publish();
        }
    }

    /** As {@link #onDatagram}, from the far end that the socket is tied to. */
    final void onDatagramOfFarEnd(int socket, int buffer, int offset, int length) {
        PacketFlyweight packet = claim(socket, buffer, offset, length);
        if (packet != null) {
            packet.source(farHigh[socket], farLow[socket], farPorts[socket]);
            packets.publish();
        }
    }

    private PacketFlyweight claim(int socket, int buffer, int offset, int length) {
        if (!arrivalKnown) {
            arrivalKnown = true;
            arrivalNs = clock.nanoTime();
        }
        if ((state[socket] & (OPEN | MUTED)) != OPEN) {
            state[socket] |= STRAYS;
            strayNs[socket] = arrivalNs;
            counters.increment(TransportCounters.DROPPED_MUTED);
            giveBack(buffer);
            return null;
        }
        PacketFlyweight packet = packets.tryClaim();
        if (packet == null) {
            counters.increment(TransportCounters.DROPPED_RING_FULL);
            giveBack(buffer);
            return null;
        }
        packet.datagram(socket, buffer, offset, length, arrivalNs);
        held[buffer] = true;
        received++;
        counters.increment(TransportCounters.RECEIVED);
        counters.add(TransportCounters.RECEIVED_BYTES, length);
        return packet;
    }

    /** @return offset in {@link #memory} where a receive may have its source address written. */
    final int sourceScratch() {
        return scratchOffset + SocketAddressFlyweight.MAX_LENGTH;
    }

    /** @return offset in {@link #memory} of the int that says how long that address may be. */
    final int sourceLengthScratch() {
        return scratchOffset + SCRATCH_LENGTH_OFFSET;
    }

    @Override
    public final int run(long maxWaitNs) {
        assert onOwner();
        received = 0;
        arrivalKnown = false;
        switch (settings.idle()) {
            case BALANCED -> pass(maxWaitNs);
            case LATENCY -> pass(0);
            case QUIET -> quietPass(maxWaitNs);
        }
        doorbell.rest();
        counters.increment(TransportCounters.PASSES);
        return received;
    }

    private void quietPass(long maxWaitNs) {
        pass(0);
        if (received > 0 || maxWaitNs <= 0 || doorbell.isRung()) {
            return;
        }
        nap(Math.min(NAP_NS, maxWaitNs));
        pass(maxWaitNs - NAP_NS);
    }

    final void nap(long ns) {
        LockSupport.parkNanos(this, ns);
    }

    @Override
    public final void wakeup() {
        if (doorbell.ring()) {
            endWait();
            if (settings.idle() == IdleMode.QUIET) {
                LockSupport.unpark(owner);
            }
        }
    }

    @Override
    public final void close() {
        assert onOwner();
        if (closed) {
            return;
        }
        closed = true;
        for (int socket = 0; socket < usedSockets; socket++) {
            if (isOpen(socket)) {
                close(socket);
            }
        }
        if (destroy()) {
            // A late touch fails on bounds instead of reaching memory that is somebody else's by then.
            memory.wrap(0, 0);
            arena.close();
        }
    }

    final String sizes() {
        return settings.receiveBuffers() + " receive and " + settings.sendBuffers() + " send buffers of "
                + settings.bufferBytes() + " bytes, up to " + settings.maxSockets() + " sockets";
    }

    private boolean onOwner() {
        return Thread.currentThread() == owner;
    }
}
