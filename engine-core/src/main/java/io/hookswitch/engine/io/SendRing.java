package io.hookswitch.engine.io;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Datagrams to send, collected and handed to the kernel by one system call: an io_uring of our own, beside Netty's,
 * which makes an object of each operation and a completion of each success. Here a send takes 64 bytes of shared memory
 * and nothing else, and only failures are reported. A send that must not wait is through when the call returns, so all
 * buffers of a batch come back at once.
 *
 * <pre>
 *  one operation (struct io_uring_sqe)
 *   0 byte opcode   1 byte flags   4 int descriptor   16 long address   24 int length   28 int message flags
 *  32 long user data: place in this ring
 *  one completion (struct io_uring_cqe)
 *   0 long user data   8 int result
 * </pre>
 */
final class SendRing {
    private static final int ENTRIES = 1024;
    private static final int MASK = ENTRIES - 1;

    private static final int SETUP_SUBMIT_ALL = 1 << 7;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int FEATURE_SINGLE_MMAP = 1;
    private static final int FEATURE_CQE_SKIP = 1 << 11;
    private static final long MAP_OPERATIONS = 0x10000000L;

    /** struct io_uring_params: flags at 8, features at 20, offsets of the submission ring at 40, of the other at 80. */
    private static final int PARAMETERS_LENGTH = 120;

    private static final int FLAGS_OFFSET = 8;
    private static final int FEATURES_OFFSET = 20;
    private static final int COMPLETION_ENTRIES_OFFSET = 4;
    private static final int SUBMISSION_OFFSETS = 40;
    private static final int COMPLETION_OFFSETS = 80;

    private static final int OPERATION_LENGTH = 64;
    private static final int COMPLETION_LENGTH = 16;
    private static final byte OP_SEND = 26;
    private static final byte SKIP_SUCCESS = 1 << 6;
    private static final int SEND_FLAGS = LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL;
    private static final int EINTR = 4;

    private final SocketTransport transport;
    private final int fd;
    private final UnsafeBuffer ring;
    private final UnsafeBuffer operations;
    private final int headOffset;
    private final int tailOffset;
    private final int completionHeadOffset;
    private final int completionTailOffset;
    private final int completionMask;
    private final int completionsOffset;
    /** Columns, row = place in the ring. */
    private final int[] sockets = new int[ENTRIES];

    private final int[] buffers = new int[ENTRIES];
    private final int[] offsets = new int[ENTRIES];
    private final int[] lengths = new int[ENTRIES];
    /** Next operation to write, and the first whose buffer is not given back; both count on for ever. */
    private int tail;

    private int done;

    /** @throws UnavailableException when the kernel refuses such a ring */
    SendRing(SocketTransport transport) throws UnavailableException {
        this.transport = transport;
        LibC libc = transport.libc;
        UnsafeBuffer parameters = new UnsafeBuffer(
                transport.arena.allocate(PARAMETERS_LENGTH, Long.BYTES).address(), PARAMETERS_LENGTH);
        parameters.setMemory(0, PARAMETERS_LENGTH, (byte) 0);
        parameters.putInt(FLAGS_OFFSET, SETUP_SUBMIT_ALL | SETUP_SINGLE_ISSUER);
        fd = libc.ringSetup(ENTRIES, parameters.addressOffset());
        if (fd < 0) {
            throw new UnavailableException("the kernel refused a ring for sends (errno " + -fd + ")");
        }
        int needed = FEATURE_SINGLE_MMAP | FEATURE_CQE_SKIP;
        int submissions = SUBMISSION_OFFSETS;
        int completions = COMPLETION_OFFSETS;
        int array = parameters.getInt(submissions + 24);
        completionsOffset = parameters.getInt(completions + 20);
        int length = Math.max(
                array + ENTRIES * Integer.BYTES,
                completionsOffset + parameters.getInt(COMPLETION_ENTRIES_OFFSET) * COMPLETION_LENGTH);
        long ringAddress = libc.map(fd, 0, length);
        long operationsAddress = libc.map(fd, MAP_OPERATIONS, ENTRIES * OPERATION_LENGTH);
        if ((parameters.getInt(FEATURES_OFFSET) & needed) != needed || ringAddress < 0 || operationsAddress < 0) {
            libc.close(fd);
            throw new UnavailableException("the kernel's ring for sends lacks what we need");
        }
        ring = new UnsafeBuffer(ringAddress, length);
        operations = new UnsafeBuffer(operationsAddress, ENTRIES * OPERATION_LENGTH);
        headOffset = parameters.getInt(submissions);
        tailOffset = parameters.getInt(submissions + 4);
        completionHeadOffset = parameters.getInt(completions);
        completionTailOffset = parameters.getInt(completions + 4);
        completionMask = ring.getInt(parameters.getInt(completions + 8));
        for (int i = 0; i < ENTRIES; i++) {
            ring.putInt(array + i * Integer.BYTES, i);
        }
        operations.setMemory(0, ENTRIES * OPERATION_LENGTH, (byte) 0);
    }

    /** Collects one datagram for the connected far end of a socket. */
    void add(int socket, int buffer, int offset, int length) {
        if (tail - done == ENTRIES) {
            submit();
        }
        if (tail - done == ENTRIES) {
            // The kernel takes none: it counts as one of its refusals.
            transport.onSent(-Errno.EAGAIN);
            transport.giveBack(buffer);
            return;
        }
        int place = tail++ & MASK;
        sockets[place] = socket;
        buffers[place] = buffer;
        offsets[place] = offset;
        lengths[place] = length;
        int at = place * OPERATION_LENGTH;
        operations.putByte(at, OP_SEND);
        operations.putByte(at + 1, SKIP_SUCCESS);
        operations.putInt(at + 4, transport.fds[socket]);
        operations.putLong(at + 16, transport.memoryAddress + offset);
        operations.putInt(at + 24, length);
        operations.putInt(at + 28, SEND_FLAGS);
        operations.putLong(at + 32, place);
    }

    /** Hands all collected datagrams to the kernel and takes their buffers back. */
    void submit() {
        if (tail == done) {
            return;
        }
        // The kernel reads the tail first, the operations behind it.
        ring.putIntOrdered(tailOffset, tail);
        int taken = done;
        while (taken != tail) {
            int answer = transport.libc.ringEnter(fd, tail - taken);
            taken = ring.getIntVolatile(headOffset);
            if (answer <= 0 && answer != -EINTR) {
                break;
            }
        }
        int failed = onFailures();
        transport.counters.add(TransportCounters.SENT, taken - done - failed);
        long bytes = 0;
        for (; done != taken; done++) {
            bytes += lengths[done & MASK];
            transport.giveBack(buffers[done & MASK]);
        }
        transport.counters.add(TransportCounters.SENT_BYTES, bytes);
    }

    /** Looks at what failed while its buffer is still ours. @return how many did. */
    private int onFailures() {
        int head = ring.getInt(completionHeadOffset);
        int end = ring.getIntVolatile(completionTailOffset);
        int failed = end - head;
        for (; head != end; head++) {
            int at = completionsOffset + (head & completionMask) * COMPLETION_LENGTH;
            int place = (int) ring.getLong(at);
            int result = ring.getInt(at + Long.BYTES);
            transport.onSent(result);
            int length = lengths[place];
            lengths[place] = 0;
            if (result == -Errno.ECONNREFUSED) {
                // Told on behalf of an earlier datagram, which took this one's place: once more.
                transport.sendNow(sockets[place], offsets[place], length, 0, 0);
            }
        }
        ring.putIntOrdered(completionHeadOffset, head);
        return failed;
    }

    void close() {
        transport.libc.unmap(ring.addressOffset(), ring.capacity());
        transport.libc.unmap(operations.addressOffset(), operations.capacity());
        transport.libc.close(fd);
    }
}
