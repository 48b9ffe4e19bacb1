package io.hookswitch.engine.io;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/**
 * Sockets on epoll: one system call a datagram each way, no allocation at all. A socket is read once for each time it
 * is reported ready, so that a flooded socket cannot starve the others.
 */
final class EpollRtpTransport extends SocketTransport {
    private static final int RECEIVE_FLAGS = LibC.MSG_DONTWAIT | LibC.MSG_TRUNC;
    private static final long STARVED_NAP_NS = 100_000;

    /** A socket as Netty's loop sees it. */
    private final class Handle implements EpollIoHandle {
        private final int socket;
        private final FileDescriptor descriptor;

        private Handle(int socket, int fd) {
            this.socket = socket;
            descriptor = new FileDescriptor(fd);
        }

        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            onReady(socket);
        }

        @Override
        public void close() {
            // Sockets are closed by the transport before its loop is.
        }
    }

    private final WakeableLoop loop;
    private final IoRegistration[] registrations;
    /** Receive buffers nobody uses, the latest used on top: its bytes may still be in the cache. */
    private final int[] freeBuffers;

    private final String reason;
    private int freeBufferCount;
    private boolean starved;

    EpollRtpTransport(TransportSettings settings, NanoClock clock, String reason) {
        super(settings, clock);
        this.reason = reason;
        registrations = new IoRegistration[settings.maxSockets()];
        freeBuffers = new int[settings.receiveBuffers()];
        for (int i = settings.receiveBuffers() - 1; i >= 0; i--) {
            freeBuffers[freeBufferCount++] = i;
        }
        loop = new WakeableLoop(owner, EpollIoHandler.newFactory(), doorbell);
    }

    @Override
    public TransportKind kind() {
        return TransportKind.EPOLL;
    }

    @Override
    public String description() {
        String waits =
                switch (settings.idle()) {
                    case BALANCED -> "waits in the kernel";
                    case LATENCY -> "never waits (a whole processor)";
                    case QUIET -> "naps 100 us, then waits in the kernel";
                };
        return "epoll (" + reason + "), " + waits + "; " + sizes();
    }

    @Override
    int arm(int socket) {
        Future<IoRegistration> registered = loop.register(new Handle(socket, fds[socket]));
        if (!registered.isSuccess()) {
            return -Errno.EINVAL;
        }
        registrations[socket] = registered.getNow();
        registrations[socket].submit(EpollIoOps.EPOLLIN);
        return 0;
    }

    @Override
    void disarm(int socket) {
        if (registrations[socket] != null) {
            registrations[socket].cancel();
            registrations[socket] = null;
        }
        libc.close(fds[socket]);
        forget(socket);
    }

    @Override
    boolean settle() {
        return false;
    }

    @Override
    void flush() {
        // Sends are not collected here.
    }

    @Override
    void refill(int buffer) {
        freeBuffers[freeBufferCount++] = buffer;
    }

    @Override
    public int send(int socket, int buffer, int offset, int length) {
        assert isSendable(socket, buffer, offset, length) && isConnected(socket);
        unhold(buffer);
        int answer = sendNow(socket, offset, length, 0, 0);
        giveBack(buffer);
        return answer;
    }

    @Override
    void pass(long maxWaitNs) {
        if (starved && freeBufferCount == 0) {
            // The unread sockets are reported at once, again and again: nothing to gain before buffers come back.
            nap(STARVED_NAP_NS);
            loop.runNow(-1);
            return;
        }
        starved = false;
        if (maxWaitNs > 0) {
            loop.run(maxWaitNs, -1);
        } else {
            loop.runNow(-1);
        }
    }

    private void onReady(int socket) {
        if (freeBufferCount == 0) {
            if (!starved) {
                starved = true;
                counters.increment(TransportCounters.NO_BUFFER);
            }
            return;
        }
        int buffer = freeBuffers[freeBufferCount - 1];
        int source = sourceScratch();
        memory.putInt(sourceLengthScratch(), SocketAddressFlyweight.MAX_LENGTH);
        int length = libc.receive(
                fds[socket],
                memoryAddress + offset(buffer),
                payloadBytes(),
                RECEIVE_FLAGS,
                memoryAddress + source,
                memoryAddress + sourceLengthScratch());
        if (length < 0) {
            onReceiveFailure(length);
        } else if (length > payloadBytes()) {
            counters.increment(TransportCounters.DROPPED_TOO_LONG);
        } else {
            freeBufferCount--;
            onDatagram(socket, buffer, offset(buffer), length, source);
        }
    }

    private void onReceiveFailure(int result) {
        if (result == -Errno.ECONNREFUSED) {
            counters.increment(TransportCounters.REFUSED);
        } else if (result != -Errno.EAGAIN) {
            counters.increment(TransportCounters.RECEIVE_ERRORS);
        }
    }

    @Override
    void endWait() {
        loop.wakeup();
    }

    @Override
    void onConnection(int socket) {
        // Each receive names its source anyway.
    }

    @Override
    boolean destroy() {
        loop.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
        return true;
    }
}
