package io.hookswitch.engine.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sockets without a kernel, for a core whose clock is the test's: datagrams arrive when the test says so, what is sent
 * is kept. Connected and muted sockets drop what a kernel would. Every buffer has one owner at a time, or the test
 * fails.
 */
public final class ScriptedTransport implements RtpTransport {
    /** A datagram that was sent. */
    public record Sent(int fromPort, InetSocketAddress to, byte[] bytes) {
        /** @return its bytes, to read numbers from. */
        public ByteBuffer packet() {
            return ByteBuffer.wrap(bytes);
        }
    }

    private record Arrival(int port, byte[] bytes, InetSocketAddress from) {}

    private static final class Socket {
        private final int port;
        private boolean muted;
        private boolean hasStrays;
        private long strayNs;
        private InetSocketAddress connectedTo;

        private Socket(int port) {
            this.port = port;
        }
    }

    private static final int BUFFER_BYTES = 2048;
    private static final int BUFFERS = 64;

    /** Ports that somebody else holds. */
    public final Set<Integer> taken = new HashSet<>();

    private final NanoClock clock;
    private final UnsafeBuffer memory =
            new UnsafeBuffer(ByteBuffer.allocateDirect(BUFFERS * BUFFER_BYTES).order(ByteOrder.nativeOrder()));
    private final PacketRing packets = new PacketRing(BUFFERS);
    private final TransportCounters counters = new TransportCounters();
    private final boolean[] lent = new boolean[BUFFERS];
    private final List<Socket> sockets = new ArrayList<>();
    private final Queue<Arrival> arrivals = new ArrayDeque<>();
    private final Queue<Sent> sent = new ArrayDeque<>();
    private RuntimeException failureOfConnect;
    private long lastWaitNs;
    private boolean closed;

    /** @param clock arrival times */
    public ScriptedTransport(NanoClock clock) {
        this.clock = clock;
    }

    /** A datagram reaches a port of ours with the next pass. */
    public void arrive(int port, byte[] bytes, InetSocketAddress from) {
        arrivals.add(new Arrival(port, bytes, from));
    }

    /** @return the next datagram sent, or null. */
    public Sent takeSent() {
        return sent.poll();
    }

    /** Forgets what was sent. */
    public void forgetSent() {
        sent.clear();
    }

    /** @return buffers that somebody owns now. */
    public int lentBuffers() {
        int count = 0;
        for (boolean isLent : lent) {
            count += isLent ? 1 : 0;
        }
        return count;
    }

    /** @return how long the last pass was allowed to wait. */
    public long lastWaitNs() {
        return lastWaitNs;
    }

    /** The next call of {@link #connect} fails as only a bug does. */
    public void breakConnect(RuntimeException failure) {
        failureOfConnect = failure;
    }

    /** @return the far end that the socket of a port is tied to, or null. */
    public InetSocketAddress connectedTo(int port) {
        Socket socket = socket(port);
        return socket == null ? null : socket.connectedTo;
    }

    private Socket socket(int port) {
        for (Socket socket : sockets) {
            if (socket != null && socket.port == port) {
                return socket;
            }
        }
        return null;
    }

    @Override
    public int run(long maxWaitNs) {
        lastWaitNs = maxWaitNs;
        int count = 0;
        while (!arrivals.isEmpty() && lentBuffers() < BUFFERS) {
            count += take(arrivals.remove());
        }
        return count;
    }

    private int take(Arrival arrival) {
        Socket socket = socket(arrival.port());
        boolean isDropped = socket == null
                || socket.muted
                || socket.connectedTo != null && !socket.connectedTo.equals(arrival.from());
        if (isDropped) {
            counters.increment(TransportCounters.DROPPED_MUTED);
            if (socket != null) {
                socket.hasStrays = true;
                socket.strayNs = clock.nanoTime();
            }
            return 0;
        }
        int buffer = tryClaim();
        memory.putBytes(offset(buffer), arrival.bytes());
        PacketFlyweight packet = packets.tryClaim();
        packet.datagram(sockets.indexOf(socket), buffer, offset(buffer), arrival.bytes().length, clock.nanoTime());
        InetAddress from = arrival.from().getAddress();
        packet.source(IpAddress.high(from), IpAddress.low(from), arrival.from().getPort());
        packets.publish();
        return 1;
    }

    @Override
    public int send(int socket, int buffer, int offset, int length) {
        assertThat(sockets.get(socket).connectedTo).as("send on a tied socket").isNotNull();
        return send(sockets.get(socket), buffer, offset, length, sockets.get(socket).connectedTo);
    }

    @Override
    public int sendTo(int socket, int buffer, int offset, int length, long high, long low, int port) {
        assertThat(sockets.get(socket).connectedTo)
                .as("sendTo on a free socket")
                .isNull();
        return send(sockets.get(socket), buffer, offset, length, address(high, low, port));
    }

    private int send(Socket from, int buffer, int offset, int length, InetSocketAddress to) {
        assertThat(offset).isBetween(offset(buffer), offset(buffer) + BUFFER_BYTES - length);
        byte[] bytes = new byte[length];
        memory.getBytes(offset, bytes);
        release(buffer);
        sent.add(new Sent(from.port, to, bytes));
        return 0;
    }

    private static InetSocketAddress address(long high, long low, int port) {
        byte[] bytes = new byte[16];
        int length = IpAddress.bytes(high, low, bytes);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(java.util.Arrays.copyOf(bytes, length)), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void release(int buffer) {
        assertThat(lent[buffer]).as("buffer %d is given back once", buffer).isTrue();
        lent[buffer] = false;
        memory.setMemory(buffer * BUFFER_BYTES, BUFFER_BYTES, (byte) 0x5A);
    }

    @Override
    public int tryClaim() {
        for (int buffer = 0; buffer < BUFFERS; buffer++) {
            if (!lent[buffer]) {
                lent[buffer] = true;
                return buffer;
            }
        }
        return -1;
    }

    @Override
    public int open(int port) {
        if (taken.contains(port)) {
            return -98;
        }
        sockets.add(new Socket(port));
        return sockets.size() - 1;
    }

    @Override
    public int connect(int socket, long high, long low, int port) {
        if (failureOfConnect != null) {
            RuntimeException failure = failureOfConnect;
            failureOfConnect = null;
            throw failure;
        }
        sockets.get(socket).connectedTo = address(high, low, port);
        return 0;
    }

    @Override
    public int disconnect(int socket) {
        sockets.get(socket).connectedTo = null;
        return 0;
    }

    @Override
    public void mute(int socket, boolean muted) {
        sockets.get(socket).muted = muted;
        sockets.get(socket).hasStrays = false;
    }

    @Override
    public boolean isQuiet(int socket, long sinceNs) {
        return !sockets.get(socket).hasStrays || sockets.get(socket).strayNs < sinceNs;
    }

    @Override
    public int port(int socket) {
        return sockets.get(socket).port;
    }

    @Override
    public void close(int socket) {
        sockets.set(socket, null);
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
    public TransportKind kind() {
        return TransportKind.AUTO;
    }

    @Override
    public String description() {
        return "scripted";
    }

    @Override
    public void wakeup() {
        assertThat(closed).as("woken after it was closed").isFalse();
    }

    @Override
    public void close() {
        closed = true;
    }
}
