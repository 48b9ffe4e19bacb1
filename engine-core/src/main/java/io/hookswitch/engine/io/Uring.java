package io.hookswitch.engine.io;

import java.lang.foreign.Arena;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One io_uring of the calling thread, spoken to in its shared memory: operations are written there, handed over with
 * the next {@link #enter}, which may also wait, and their completions read there: one system call a pass, and no
 * object.
 * io_uring(7).
 *
 * <pre>
 *  operation (struct io_uring_sqe, 64 bytes)
 *   0 byte opcode   1 byte flags   2 short priority   4 int descriptor   8 long offset   16 long address
 *  24 int length   28 int operation's own flags   32 long user data   40 short buffer group   42..63 zero here
 *  completion (struct io_uring_cqe, 16 bytes)
 *   0 long user data   8 int result   12 int flags
 * </pre>
 */
final class Uring {
    /** Flag of an operation: its descriptor is a place in the table of {@link #setFile}. */
    static final byte FIXED_FILE = 1;
    /** Flag of a completion: it has a provided buffer, whose number is in the upper 16 bits. */
    static final int HAS_BUFFER = 1;
    /** Flag of a completion: more of the same operation will come. */
    static final int HAS_MORE = 2;

    private static final byte OP_RECVMSG = 10;
    private static final byte OP_TIMEOUT = 11;
    private static final byte OP_TIMEOUT_REMOVE = 12;
    private static final byte OP_ASYNC_CANCEL = 14;
    private static final byte OP_READ = 22;
    private static final byte OP_SEND = 26;
    private static final byte OP_RECV = 27;
    private static final int BUFFER_SELECT = 1 << 5;
    private static final int SKIP_SUCCESS = 1 << 6;
    private static final int MULTISHOT = 1 << 1;
    private static final int TIMEOUT_ABSOLUTE = 1;
    private static final int TIMEOUT_UPDATE = 1 << 1;
    private static final int SEND_FLAGS = LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL;

    private static final int SETUP_COMPLETION_SIZE = 1 << 3;
    private static final int SETUP_SUBMIT_ALL = 1 << 7;
    private static final int SETUP_TASKRUN_FLAG = 1 << 9;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int SETUP_FLAGS =
            SETUP_COMPLETION_SIZE | SETUP_SUBMIT_ALL | SETUP_TASKRUN_FLAG | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN;
    private static final int FEATURE_SINGLE_MMAP = 1;
    private static final int FEATURE_CQE_SKIP = 1 << 11;
    private static final int FEATURES = FEATURE_SINGLE_MMAP | FEATURE_CQE_SKIP;
    private static final long MAP_OPERATIONS = 0x10000000L;
    /** In the submission ring's flags: completions did not fit; work of ours is to be done inside the kernel. */
    private static final int NEEDS_ENTER = (1 << 1) | (1 << 2);

    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_REGISTERED_RING = 1 << 4;
    private static final int REGISTER_FILES_UPDATE = 6;
    private static final int REGISTER_FILES = 13;
    private static final int REGISTER_RING_FD = 20;
    private static final int SPARSE = 1;

    /** struct io_uring_params: sizes at 0 and 4, flags at 8, features at 20, offsets at 40 and 80. */
    private static final int PARAMETERS_LENGTH = 120;

    private static final int COMPLETION_ENTRIES_OFFSET = 4;
    private static final int FLAGS_OFFSET = 8;
    private static final int FEATURES_OFFSET = 20;
    private static final int SUBMISSION_OFFSETS = 40;
    private static final int COMPLETION_OFFSETS = 80;
    private static final int OPERATION_LENGTH = 64;
    private static final int COMPLETION_LENGTH = 16;

    /** Takes one completion. */
    @FunctionalInterface
    interface Completions {
        void onCompletion(long userData, int result, int flags);
    }

    private final LibC libc;
    private final int fd;
    private final int enterFd;
    private final int enterFlags;
    private final UnsafeBuffer ring;
    private final UnsafeBuffer operations;
    private final UnsafeBuffer argument;
    private final int entries;
    private final boolean spins;
    private final int headOffset;
    private final int tailOffset;
    private final int flagsOffset;
    private final int completionHeadOffset;
    private final int completionTailOffset;
    private final int completionMask;
    private final int completionsOffset;
    /** Next operation to write, and the first the kernel has not taken; both count on for ever. */
    private int tail;

    private int taken;

    /**
     * Opens a ring that only the calling thread may use.
     *
     * @param memory lives at least as long as this ring
     * @param entries operations that can wait to be handed over, a power of two
     * @param completions that can wait to be read, a power of two
     * @param spins whether {@link #needsEnter} is to know of work in the kernel, which costs the kernel a little a
     * packet;
     *     without, it must be entered to know
     * @throws UnavailableException when the kernel refuses (6.1 does not, unless it is told to)
     */
    Uring(LibC libc, Arena memory, int entries, int completions, boolean spins) throws UnavailableException {
        this.libc = libc;
        this.entries = entries;
        UnsafeBuffer parameters =
                new UnsafeBuffer(memory.allocate(PARAMETERS_LENGTH, Long.BYTES).address(), PARAMETERS_LENGTH);
        argument = parameters;
        parameters.setMemory(0, PARAMETERS_LENGTH, (byte) 0);
        parameters.putInt(COMPLETION_ENTRIES_OFFSET, completions);
        parameters.putInt(FLAGS_OFFSET, spins ? SETUP_FLAGS | SETUP_TASKRUN_FLAG : SETUP_FLAGS);
        this.spins = spins;
        fd = libc.ringSetup(entries, parameters.addressOffset());
        if (fd < 0) {
            throw new UnavailableException("the kernel refused a ring (errno " + -fd + "); 6.1 has what we need");
        }
        int array = parameters.getInt(SUBMISSION_OFFSETS + 24);
        completionsOffset = parameters.getInt(COMPLETION_OFFSETS + 20);
        int length = Math.max(
                array + entries * Integer.BYTES,
                completionsOffset + parameters.getInt(COMPLETION_ENTRIES_OFFSET) * COMPLETION_LENGTH);
        long ringAddress = libc.map(fd, 0, length);
        long operationsAddress = libc.map(fd, MAP_OPERATIONS, (long) entries * OPERATION_LENGTH);
        if ((parameters.getInt(FEATURES_OFFSET) & FEATURES) != FEATURES || ringAddress < 0 || operationsAddress < 0) {
            libc.close(fd);
            throw new UnavailableException("the kernel's ring lacks what we need, or cannot be mapped");
        }
        ring = new UnsafeBuffer(ringAddress, length);
        operations = new UnsafeBuffer(operationsAddress, entries * OPERATION_LENGTH);
        headOffset = parameters.getInt(SUBMISSION_OFFSETS);
        tailOffset = parameters.getInt(SUBMISSION_OFFSETS + 4);
        flagsOffset = parameters.getInt(SUBMISSION_OFFSETS + 16);
        completionHeadOffset = parameters.getInt(COMPLETION_OFFSETS);
        completionTailOffset = parameters.getInt(COMPLETION_OFFSETS + 4);
        completionMask = ring.getInt(parameters.getInt(COMPLETION_OFFSETS + 8));
        for (int i = 0; i < entries; i++) {
            ring.putInt(array + i * Integer.BYTES, i);
        }
        int registered = registerRing();
        enterFd = registered < 0 ? fd : registered;
        enterFlags = ENTER_GETEVENTS | (registered < 0 ? 0 : ENTER_REGISTERED_RING);
    }

    /** Spares the kernel a look into the process's descriptors on each call. @return its number or negative. */
    private int registerRing() {
        argument.setMemory(0, PARAMETERS_LENGTH, (byte) 0);
        argument.putInt(0, -1);
        argument.putLong(Long.BYTES, fd);
        return libc.ringRegister(fd, REGISTER_RING_FD, argument.addressOffset(), 1) == 1 ? argument.getInt(0) : -1;
    }

    /** @return the ring's descriptor. */
    int fd() {
        return fd;
    }

    /**
     * Makes a table of descriptors that operations name by place, which spares the kernel the look into the process's
     * own. @return whether the kernel did; it refuses more places than the process may have descriptors.
     */
    boolean openFiles(int places) {
        argument.setMemory(0, PARAMETERS_LENGTH, (byte) 0);
        argument.putInt(0, places);
        argument.putInt(4, SPARSE);
        return libc.ringRegister(fd, REGISTER_FILES, argument.addressOffset(), 32) == 0;
    }

    /** Puts a descriptor into the table, -1 = none. @return 0 or a negative errno. */
    int setFile(int place, int file) {
        argument.putInt(64, file);
        argument.putInt(0, place);
        argument.putInt(4, 0);
        argument.putLong(8, argument.addressOffset() + 64);
        int answer = libc.ringRegister(fd, REGISTER_FILES_UPDATE, argument.addressOffset(), 1);
        return Math.min(answer, 0);
    }

    /** @return whether {@link #enter} must be called before another operation is written. */
    boolean isFull() {
        return tail - taken == entries;
    }

    /** Writes: receive datagrams of a socket, each into a provided buffer, until told otherwise. */
    void receive(int file, byte flags, short group, long userData) {
        // The length wanted back is the datagram's, also when it did not fit.
        write(
                head(OP_RECV, flags | BUFFER_SELECT, MULTISHOT, file),
                0,
                0,
                (long) LibC.MSG_TRUNC << 32,
                userData,
                group);
    }

    /** As {@link #receive}, with the source's address and more in front of each datagram. */
    void receiveMessages(int file, byte flags, long messageHeader, short group, long userData) {
        write(head(OP_RECVMSG, flags | BUFFER_SELECT, MULTISHOT, file), 0, messageHeader, 1, userData, group);
    }

    /**
     * Writes: send a datagram to the far end the socket is connected to, now or never; through when the operation is
     * taken, reported when it fails.
     */
    void send(int file, byte flags, long address, int length, long userData) {
        long lengthAndFlags = length | (long) SEND_FLAGS << 32;
        write(head(OP_SEND, flags | SKIP_SUCCESS, 0, file), 0, address, lengthAndFlags, userData, 0);
    }

    /** Writes: read a descriptor once. */
    void read(int file, long address, int length, long userData) {
        write(head(OP_READ, 0, 0, file), 0, address, length, userData, 0);
    }

    /** Writes: complete at a point in time. @param time a struct timespec on the monotonic clock */
    void timeout(long time, long userData) {
        write(head(OP_TIMEOUT, 0, 0, -1), 0, time, 1 | (long) TIMEOUT_ABSOLUTE << 32, userData, 0);
    }

    /** Writes: complete a {@link #timeout} at another time; only a failure is reported. */
    void moveTimeout(long userDataToMove, long time, long userData) {
        long flags = (long) (TIMEOUT_UPDATE | TIMEOUT_ABSOLUTE) << 32;
        write(head(OP_TIMEOUT_REMOVE, SKIP_SUCCESS, 0, -1), time, userDataToMove, flags, userData, 0);
    }

    /** Writes: end the operation that has this user data; how that went is told under another. */
    void cancel(long userDataToCancel, long userData) {
        write(head(OP_ASYNC_CANCEL, 0, 0, -1), 0, userDataToCancel, 0, userData, 0);
    }

    private static long head(byte opcode, int flags, int priority, int file) {
        return opcode & 0xFFL | (flags & 0xFFL) << 8 | (priority & 0xFFFFL) << 16 | (long) file << 32;
    }

    private void write(long head, long offset, long address, long lengthAndFlags, long userData, long group) {
        assert !isFull();
        int at = nextPlace() * OPERATION_LENGTH;
        operations.putLong(at, head);
        operations.putLong(at + 8, offset);
        operations.putLong(at + 16, address);
        operations.putLong(at + 24, lengthAndFlags);
        operations.putLong(at + 32, userData);
        operations.putLong(at + 40, group & 0xFFFFL);
        operations.putLong(at + 48, 0);
        operations.putLong(at + 56, 0);
        tail++;
    }

    /**
     * Hands over what was written and lets the kernel finish what has arrived.
     *
     * @param waitFor completions to wait for, 0 = do not wait. A signal may end the wait.
     */
    void enter(int waitFor) {
        ring.putIntOrdered(tailOffset, tail);
        libc.ringEnter(enterFd, tail - taken, waitFor, enterFlags);
        // After an error or a signal too: the head tells what was taken.
        taken = ring.getIntVolatile(headOffset);
    }

    /** @return the place the next operation will have. */
    int nextPlace() {
        return tail & (entries - 1);
    }

    /** @return operations written so far; it counts on for ever. */
    int written() {
        return tail;
    }

    /** @return operations taken by the kernel so far; it counts on for ever, like places modulo the entries. */
    int taken() {
        return taken;
    }

    /** @return whether operations wait to be handed over, or the kernel has something for us that needs a call. */
    boolean needsEnter() {
        return !spins || tail != taken || (ring.getIntVolatile(flagsOffset) & NEEDS_ENTER) != 0;
    }

    /** @return whether completions can be read. */
    boolean hasCompletions() {
        return ring.getInt(completionHeadOffset) != ring.getIntVolatile(completionTailOffset);
    }

    /** Hands out the completions that are there. */
    void poll(Completions reader) {
        int head = ring.getInt(completionHeadOffset);
        int end = ring.getIntVolatile(completionTailOffset);
        for (; head != end; head++) {
            int at = completionsOffset + (head & completionMask) * COMPLETION_LENGTH;
            long userData = ring.getLong(at);
            int result = ring.getInt(at + 8);
            int flags = ring.getInt(at + 12);
            reader.onCompletion(userData, result, flags);
        }
        ring.putIntOrdered(completionHeadOffset, head);
    }

    /** @return why this machine has no such ring, or null. */
    static String unavailable() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "only Linux has it";
        }
        try (Arena memory = Arena.ofConfined()) {
            new Uring(new LibC(), memory, 8, 16, false).close();
            return null;
        } catch (UnavailableException e) {
            return e.getMessage();
        }
    }

    void close() {
        libc.unmap(ring.addressOffset(), ring.capacity());
        libc.unmap(operations.addressOffset(), operations.capacity());
        libc.close(fd);
    }
}
