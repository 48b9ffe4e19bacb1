package io.hookswitch.engine.io;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringIoOps;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.agrona.collections.IntArrayQueue;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sockets on io_uring: one armed multishot receive a socket, all of them filling one ring of provided buffers, driven
 * by Netty's loop; sends are collected and handed over with the next pass, one system call for all, through a
 * {@link SendRing} of our own. Nothing is allocated per datagram; Netty's loop makes one small object a pass.
 *
 * <p>The number of a socket travels in 16 bits of the operation; it is used again only after its last completion.
 */
final class UringRtpTransport extends SocketTransport {
    private static final byte OP_RECVMSG = 10;
    private static final byte OP_ASYNC_CANCEL = 14;
    private static final byte BUFFER_SELECT = 1 << 5;
    private static final short RECV_MULTISHOT = 1 << 1;
    private static final int COMPLETION_HAS_BUFFER = 1;
    private static final int COMPLETION_HAS_MORE = 2;

    /** In front of each datagram the kernel writes: int name length, int control length, int length, int flags. */
    private static final int RECEIVED_HEADER = 16;

    private static final int RECEIVED_FLAGS_OFFSET = 12;
    /** struct msghdr: only the room for the source address matters, at 8. */
    private static final int MESSAGE_HEADER_LENGTH = 56;

    private static final int SUBMISSIONS = 4096;
    private static final int COMPLETIONS = 32768;
    /** A receive that fails so often in a row for an unknown reason is given up: the socket is deaf, and counted. */
    private static final int MAX_FAILURES = 64;

    private static final int SETTLE_PASSES = 100;

    /** All sockets as Netty's loop sees them. */
    private final class Handle implements IoUringIoHandle {
        @Override
        public void handle(IoRegistration source, IoEvent event) {
            IoUringIoEvent completion = (IoUringIoEvent) event;
            onCompletion(completion.opcode(), completion.res(), completion.flags(), (int) completion.userData());
        }

        @Override
        public void close() {
            // Sockets are closed by the transport before its loop is.
        }
    }

    private final ProvidedBuffers provided;
    private final SendRing sends;
    private final RingTimer timer;
    private final UnsafeBuffer messageHeader;
    private final IoRegistration registration;
    /** Column, row = socket: its receive, made once and armed as often as needed. */
    private final IoUringIoOps[] receives;
    /** Column, row = socket: what the kernel knows its armed receive by. */
    private final long[] tokens;

    private final boolean[] armed;
    private final boolean[] cancelling;
    private final byte[] failures;
    /** Sockets whose receive ended and must be armed again. */
    private final IntArrayQueue unarmed;

    private int closing;

    /** @throws UnavailableException when the kernel has no such thing for us after all */
    UringRtpTransport(TransportSettings settings, NanoClock clock) throws UnavailableException {
        super(settings, clock);
        provided = new ProvidedBuffers(this);
        timer = new RingTimer(this);
        messageHeader = new UnsafeBuffer(
                arena.allocate(MESSAGE_HEADER_LENGTH, Long.BYTES).address(), MESSAGE_HEADER_LENGTH);
        messageHeader.putInt(Long.BYTES, SocketAddressFlyweight.MAX_LENGTH);
        receives = new IoUringIoOps[settings.maxSockets()];
        tokens = new long[settings.maxSockets()];
        armed = new boolean[settings.maxSockets()];
        cancelling = new boolean[settings.maxSockets()];
        failures = new byte[settings.maxSockets()];
        unarmed = new IntArrayQueue(Math.max(8, settings.maxSockets()), -1);
        IoUringIoHandlerConfig config =
                new IoUringIoHandlerConfig().setRingSize(SUBMISSIONS).setCqSize(COMPLETIONS);
        // Before the descriptors are counted: this ring is known.
        try {
            sends = new SendRing(this);
        } catch (UnavailableException e) {
            arena.close();
            throw e;
        }
        RingDescriptors descriptors = new RingDescriptors();
        drives(new WakeableLoop(owner, IoUringIoHandler.newFactory(config)));
        // The ring is created disabled; the first pass enables it for this thread and no other.
        loop().runNow(-1);
        Future<IoRegistration> registered = loop().register(new Handle());
        registration = registered.getNow();
        registerBuffers(descriptors.added());
    }

    private void registerBuffers(List<Integer> candidates) throws UnavailableException {
        String why = "the ring's descriptor was not found";
        for (int fd : candidates) {
            // Another thread's ring refuses: it has its own single submitter.
            int answer = provided.register(fd);
            if (answer == 0) {
                return;
            }
            why = "the kernel refused the buffer ring (errno " + -answer + ")";
        }
        close();
        throw new UnavailableException(why);
    }

    @Override
    public TransportKind kind() {
        return TransportKind.IO_URING;
    }

    @Override
    public String description() {
        String waits =
                switch (settings.idle()) {
                    case BALANCED -> "waits in the kernel";
                    case LATENCY -> "waits in the kernel (cannot spin without garbage: epoll can)";
                    case QUIET -> "naps 100 us, then waits in the kernel";
                };
        return "io_uring (kernel " + System.getProperty("os.version") + ", ring descriptor " + provided.ringFd() + "), "
                + waits + "; " + sizes();
    }

    @Override
    int arm(int socket) {
        receives[socket] = new IoUringIoOps(
                OP_RECVMSG,
                BUFFER_SELECT,
                RECV_MULTISHOT,
                fds[socket],
                0,
                messageHeader.addressOffset(),
                1,
                0,
                (long) (short) socket,
                ProvidedBuffers.GROUP,
                (short) 0,
                0,
                0);
        failures[socket] = 0;
        submitReceive(socket);
        return 0;
    }

    private void submitReceive(int socket) {
        tokens[socket] = registration.submit(receives[socket]);
        armed[socket] = true;
    }

    @Override
    void disarm(int socket) {
        closing++;
        cancelling[socket] = true;
        // Behind every send of this socket in the queue: only when this is through may the descriptor be closed.
        registration.submit(new IoUringIoOps(
                OP_ASYNC_CANCEL,
                (byte) 0,
                (short) 0,
                -1,
                0,
                tokens[socket],
                0,
                0,
                (long) (short) socket,
                (short) 0,
                (short) 0,
                0,
                0));
    }

    private void closeIfDone(int socket) {
        if (!isOpen(socket) && !armed[socket] && !cancelling[socket]) {
            closing--;
            libc.close(fds[socket]);
            forget(socket);
        }
    }

    @Override
    boolean settle() {
        if (closing == 0) {
            return false;
        }
        loop().runNow(-1);
        return true;
    }

    @Override
    void refill(int buffer) {
        provided.add(buffer);
    }

    @Override
    public int send(int socket, int buffer, int offset, int length) {
        assert isSendable(socket, buffer, offset, length) && isConnected(socket);
        unhold(buffer);
        sends.add(socket, buffer, offset, length);
        return 0;
    }

    @Override
    void flush() {
        sends.submit();
    }

    @Override
    void pass(long maxWaitNs) {
        sends.submit();
        armAgain();
        if (maxWaitNs <= 0) {
            loop().runNow(-1);
        } else if (timer.tryArm(registration, System.nanoTime() + maxWaitNs)) {
            loop().run(0, -1);
        } else {
            loop().run(maxWaitNs, -1);
        }
    }

    /** Arms what ended, as far as there are buffers: a receive armed on none ends at once. */
    private void armAgain() {
        int budget = Math.min(unarmed.size(), provided.available());
        for (int i = 0; i < budget; i++) {
            int socket = unarmed.pollInt();
            if (isOpen(socket) && !armed[socket]) {
                counters.increment(TransportCounters.REARMED);
                submitReceive(socket);
            }
        }
    }

    private void onCompletion(byte opcode, int result, int flags, int number) {
        switch (opcode) {
            case OP_RECVMSG -> onReceive(number & 0xFFFF, result, flags);
            case OP_ASYNC_CANCEL -> {
                cancelling[number & 0xFFFF] = false;
                closeIfDone(number & 0xFFFF);
            }
            case RingTimer.OPCODE -> timer.onExpired(number);
            default -> counters.increment(TransportCounters.RECEIVE_ERRORS);
        }
    }

    private void onReceive(int socket, int result, int flags) {
        if ((flags & COMPLETION_HAS_BUFFER) != 0) {
            provided.taken();
            onFilled(socket, flags >>> 16, result);
        }
        if ((flags & COMPLETION_HAS_MORE) != 0) {
            return;
        }
        armed[socket] = false;
        if (!isOpen(socket)) {
            closeIfDone(socket);
            return;
        }
        if (result == -Errno.ENOBUFS) {
            counters.increment(TransportCounters.NO_BUFFER);
        } else if (result == -Errno.ECONNREFUSED) {
            counters.increment(TransportCounters.REFUSED);
        } else if (result < 0) {
            counters.increment(TransportCounters.RECEIVE_ERRORS);
            if (++failures[socket] == MAX_FAILURES) {
                return;
            }
        }
        unarmed.addInt(socket);
    }

    private void onFilled(int socket, int buffer, int result) {
        int begin = buffer * settings.bufferBytes();
        int length = result - TransportSettings.HEADROOM;
        if (length < 0) {
            counters.increment(TransportCounters.RECEIVE_ERRORS);
            giveBack(buffer);
        } else if ((memory.getInt(begin + RECEIVED_FLAGS_OFFSET) & LibC.MSG_TRUNC) != 0) {
            counters.increment(TransportCounters.DROPPED_TOO_LONG);
            giveBack(buffer);
        } else {
            failures[socket] = 0;
            onDatagram(socket, buffer, length, begin + RECEIVED_HEADER);
        }
    }

    @Override
    boolean canSpin() {
        return false;
    }

    @Override
    boolean destroy() {
        for (int i = 0; i < SETTLE_PASSES && closing > 0; i++) {
            loop().run(1_000_000, -1);
        }
        boolean quiet = closing == 0;
        provided.unregister();
        sends.close();
        stopLoop();
        return quiet;
    }
}
