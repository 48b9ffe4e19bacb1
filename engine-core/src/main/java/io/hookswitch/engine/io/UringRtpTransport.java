package io.hookswitch.engine.io;

import java.util.Arrays;
import org.agrona.collections.IntArrayQueue;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sockets on io_uring: one armed multishot receive a socket, all of them filling one ring of provided buffers; sends
 * are collected and handed over with the next pass. One system call a pass does both and waits; nothing is allocated.
 *
 * <p>A socket's receive names the source of each datagram until the socket has been tied to one far end for a while;
 * from then on the kernel lets nobody else through, and a receive that names no source costs it less.
 */
final class UringRtpTransport extends SocketTransport {
    /** In front of each datagram with its source the kernel writes: int name length, control length, length, flags. */
    private static final int RECEIVED_HEADER = 16;

    private static final int RECEIVED_FLAGS_OFFSET = 12;
    /** struct msghdr: only the room for the source address matters, at 8. */
    private static final int MESSAGE_HEADER_LENGTH = 56;

    private static final int SUBMISSIONS = 4096;
    private static final int MASK = SUBMISSIONS - 1;
    private static final int COMPLETIONS = 32768;
    /** A receive that fails so often in a row for an unknown reason is given up: the socket is deaf, and counted. */
    private static final int MAX_FAILURES = 64;
    /**
     * Datagrams from the far end a socket is tied to before its receive stops naming sources: whatever was on its way
     * when the socket was tied has arrived by then.
     */
    private static final byte SETTLED = 32;

    private static final int SETTLE_PASSES = 100;

    /** What a completion is of: the upper half of its user data; the lower one is a socket or a place. */
    private static final int NAMED_RECEIVE = 1;

    private static final int RECEIVE = 2;
    private static final int CLOSING_CANCEL = 3;
    private static final int SEND = 4;
    private static final int TIMER = 5;
    private static final int WAKE = 6;
    private static final int NOTHING = 7;

    private final Uring ring;
    private final Uring.Completions onCompletion = this::onCompletion;
    private final ProvidedBuffers provided;
    private final RingTimer timer;
    private final WakeCounter wake;
    private final UnsafeBuffer messageHeader;
    /** Where the kernel writes what it read from the wake counter. */
    private final long wakeAddress;
    /** Sockets below this number are named by it, the others by their descriptor. */
    private final int files;

    private final boolean[] armed;
    private final boolean[] cancelling;
    /** Column, row = socket: whether its armed receive names no source. */
    private final boolean[] unnamed;
    /** Column, row = socket: what its receive without names still brings is of a far end it is no longer tied to. */
    private final boolean[] stale;

    private final byte[] failures;
    /** Column, row = socket: datagrams since it was tied to its far end, up to {@link #SETTLED}. */
    private final byte[] settled;
    /** Sockets whose receive must be armed again, or ended. */
    private final IntArrayQueue due;

    /** Columns, row = place of an operation: the send it is, buffer -1 = none. */
    private final int[] sockets = new int[SUBMISSIONS];

    private final int[] buffers = new int[SUBMISSIONS];
    private final int[] offsets = new int[SUBMISSIONS];
    private final int[] lengths = new int[SUBMISSIONS];
    private int done;
    private int failedSends;
    private int closing;
    private boolean wakeArmed;
    private volatile boolean waiting;

    /** @throws UnavailableException when the kernel has no such thing for us after all */
    UringRtpTransport(TransportSettings settings, NanoClock clock) throws UnavailableException {
        super(settings, clock);
        int max = settings.maxSockets();
        messageHeader = new UnsafeBuffer(
                arena.allocate(MESSAGE_HEADER_LENGTH, Long.BYTES).address(), MESSAGE_HEADER_LENGTH);
        messageHeader.putInt(Long.BYTES, SocketAddressFlyweight.MAX_LENGTH);
        wakeAddress = arena.allocate(WakeCounter.LENGTH, Long.BYTES).address();
        armed = new boolean[max];
        cancelling = new boolean[max];
        unnamed = new boolean[max];
        stale = new boolean[max];
        failures = new byte[max];
        settled = new byte[max];
        due = new IntArrayQueue(Math.max(8, max), -1);
        Arrays.fill(buffers, -1);
        try {
            wake = new WakeCounter(libc);
            ring = new Uring(libc, arena, SUBMISSIONS, COMPLETIONS, settings.idle() == IdleMode.LATENCY);
        } catch (UnavailableException e) {
            arena.close();
            throw e;
        }
        files = openFiles(max);
        timer = new RingTimer(ring, this, (long) TIMER << 32, (long) NOTHING << 32);
        provided = new ProvidedBuffers(this, ring.fd());
        int answer = provided.register();
        if (answer < 0) {
            close();
            throw new UnavailableException("the kernel refused the buffer ring (errno " + -answer + ")");
        }
    }

    /** The table may have as many places as the process may have descriptors, which we are not told. */
    private int openFiles(int most) {
        for (int places = most; places > 0; places /= 2) {
            if (ring.openFiles(places)) {
                return places;
            }
        }
        return 0;
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
                    case LATENCY -> "never waits (a whole processor)";
                    case QUIET -> "naps 100 us, then waits in the kernel";
                };
        return "io_uring (kernel " + System.getProperty("os.version") + "), " + waits + "; " + sizes();
    }

    private int file(int socket) {
        return socket < files ? socket : fds[socket];
    }

    private byte fileFlags(int socket) {
        return socket < files ? Uring.FIXED_FILE : 0;
    }

    private static long userData(int kind, int number) {
        return (long) kind << 32 | number;
    }

    /** @return whether an operation can be written; hands over what was written before when there is no room. */
    private boolean hasRoom() {
        if (ring.isFull()) {
            handOver();
        }
        return !ring.isFull();
    }

    @Override
    int arm(int socket) {
        if (socket < files) {
            int answer = ring.setFile(socket, fds[socket]);
            if (answer < 0) {
                return answer;
            }
        }
        failures[socket] = 0;
        settled[socket] = 0;
        receive(socket);
        return 0;
    }

    private void receive(int socket) {
        if (!hasRoom()) {
            due.addInt(socket);
            return;
        }
        boolean withoutNames = isConnected(socket) && settled[socket] == SETTLED;
        if (withoutNames) {
            ring.receive(file(socket), fileFlags(socket), ProvidedBuffers.GROUP, userData(RECEIVE, socket));
        } else {
            ring.receiveMessages(
                    file(socket),
                    fileFlags(socket),
                    messageHeader.addressOffset(),
                    ProvidedBuffers.GROUP,
                    userData(NAMED_RECEIVE, socket));
        }
        unnamed[socket] = withoutNames;
        stale[socket] = false;
        armed[socket] = true;
    }

    private long receiveUserData(int socket) {
        return userData(unnamed[socket] ? RECEIVE : NAMED_RECEIVE, socket);
    }

    @Override
    void disarm(int socket) {
        closing++;
        cancelling[socket] = true;
        cancelForClose(socket);
    }

    private void cancelForClose(int socket) {
        if (hasRoom()) {
            // Behind every send of this socket: only when this is through may the descriptor be closed.
            ring.cancel(receiveUserData(socket), userData(CLOSING_CANCEL, socket));
        } else {
            due.addInt(socket);
        }
    }

    private void closeIfDone(int socket) {
        if (!isOpen(socket) && !armed[socket] && !cancelling[socket]) {
            closing--;
            if (socket < files) {
                ring.setFile(socket, -1);
            }
            libc.close(fds[socket]);
            forget(socket);
        }
    }

    @Override
    void onConnection(int socket) {
        settled[socket] = 0;
        if (armed[socket] && unnamed[socket]) {
            stale[socket] = true;
            rearm(socket);
        }
    }

    /** Ends the receive of a socket, so that it begins again in the form that fits now. Also amid completions. */
    private void rearm(int socket) {
        if (ring.isFull()) {
            due.addInt(socket);
        } else {
            ring.cancel(receiveUserData(socket), userData(NOTHING, socket));
        }
    }

    @Override
    boolean settle() {
        if (closing == 0) {
            return false;
        }
        pass(0);
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
        if (!hasRoom()) {
            giveBack(buffer);
            return onSent(-Errno.EAGAIN);
        }
        int place = ring.nextPlace();
        sockets[place] = socket;
        buffers[place] = buffer;
        offsets[place] = offset;
        lengths[place] = length;
        ring.send(file(socket), fileFlags(socket), memoryAddress + offset, length, userData(SEND, place));
        return 0;
    }

    @Override
    void flush() {
        if (done != ring.written()) {
            handOver();
        }
    }

    private void handOver() {
        ring.enter(0);
        ring.poll(onCompletion);
        finishSends();
    }

    @Override
    void pass(long maxWaitNs) {
        settleDue();
        if (!wakeArmed && hasRoom()) {
            ring.read(wake.fd(), wakeAddress, WakeCounter.LENGTH, userData(WAKE, 0));
            wakeArmed = true;
        }
        // With no buffer left nobody receives before the sends under way have given theirs back.
        boolean wait = maxWaitNs > 0 && (provided.available() > 0 || done == ring.written()) && hasRoom();
        if (wait) {
            timer.arm(System.nanoTime() + maxWaitNs);
            waiting = true;
            // Announced before the last look: who rings from now on signals.
            wait = !doorbell.isRung();
        }
        if (wait || ring.needsEnter()) {
            ring.enter(wait ? 1 : 0);
        }
        waiting = false;
        ring.poll(onCompletion);
        finishSends();
    }

    @Override
    void endWait() {
        if (waiting) {
            wake.signal();
        }
    }

    /** Arms what ended, as far as there are buffers: a receive armed on none ends at once. */
    private void settleDue() {
        int budget = Math.min(due.size(), provided.available());
        for (int i = 0; i < budget; i++) {
            int socket = due.pollInt();
            if (!isOpen(socket)) {
                if (cancelling[socket]) {
                    cancelForClose(socket);
                }
            } else if (!armed[socket]) {
                counters.increment(TransportCounters.REARMED);
                receive(socket);
            } else if (unnamed[socket] != mayBeUnnamed(socket)) {
                rearm(socket);
            }
        }
    }

    private boolean mayBeUnnamed(int socket) {
        return isConnected(socket) && settled[socket] == SETTLED;
    }

    private void onCompletion(long userData, int result, int flags) {
        int number = (int) userData;
        switch ((int) (userData >>> 32)) {
            case NAMED_RECEIVE, RECEIVE -> onReceive(number, result, flags);
            case SEND -> onSendFailed(number, result);
            case CLOSING_CANCEL -> {
                cancelling[number] = false;
                closeIfDone(number);
            }
            case TIMER -> timer.onExpired();
            case WAKE -> wakeArmed = false;
            case NOTHING -> {}
            default -> counters.increment(TransportCounters.RECEIVE_ERRORS);
        }
    }

    private void onReceive(int socket, int result, int flags) {
        if ((flags & Uring.HAS_BUFFER) != 0) {
            provided.taken();
            int buffer = flags >>> 16;
            if (unnamed[socket]) {
                onUnnamed(socket, buffer, result);
            } else {
                onNamed(socket, buffer, result);
            }
        }
        if ((flags & Uring.HAS_MORE) != 0) {
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
        } else if (result < 0 && result != -Errno.ECANCELED) {
            counters.increment(TransportCounters.RECEIVE_ERRORS);
            if (++failures[socket] == MAX_FAILURES) {
                return;
            }
        }
        due.addInt(socket);
    }

    private void onNamed(int socket, int buffer, int result) {
        int begin = buffer * settings.bufferBytes();
        int length = result - TransportSettings.HEADROOM;
        if (length < 0) {
            counters.increment(TransportCounters.RECEIVE_ERRORS);
            giveBack(buffer);
            return;
        }
        if ((memory.getInt(begin + RECEIVED_FLAGS_OFFSET) & LibC.MSG_TRUNC) != 0) {
            counters.increment(TransportCounters.DROPPED_TOO_LONG);
            giveBack(buffer);
            return;
        }
        failures[socket] = 0;
        onDatagram(socket, buffer, offset(buffer), length, begin + RECEIVED_HEADER);
        if (isOpen(socket) && isConnected(socket) && settled[socket] < SETTLED && ++settled[socket] == SETTLED) {
            rearm(socket);
        }
    }

    private void onUnnamed(int socket, int buffer, int result) {
        if (stale[socket]) {
            counters.increment(TransportCounters.DROPPED_STALE);
            giveBack(buffer);
        } else if (result > settings.payloadBytes()) {
            counters.increment(TransportCounters.DROPPED_TOO_LONG);
            giveBack(buffer);
        } else {
            failures[socket] = 0;
            onDatagramOfFarEnd(socket, buffer, buffer * settings.bufferBytes(), result);
        }
    }

    /** Its buffer is still ours: sends are finished behind the completions of their pass. */
    private void onSendFailed(int place, int result) {
        failedSends++;
        onSent(result);
        int length = lengths[place];
        lengths[place] = 0;
        if (result == -Errno.ECONNREFUSED && isOpen(sockets[place])) {
            // Told on behalf of an earlier datagram, which took this one's place: once more.
            sendNow(sockets[place], offsets[place], length, 0, 0);
        }
    }

    /** Takes back the buffers of the sends the kernel has taken: a send that must not wait is through by then. */
    private void finishSends() {
        int sent = -failedSends;
        long bytes = 0;
        failedSends = 0;
        for (int taken = ring.taken(); done != taken; done++) {
            int place = done & MASK;
            int buffer = buffers[place];
            if (buffer >= 0) {
                buffers[place] = -1;
                sent++;
                bytes += lengths[place];
                giveBack(buffer);
            }
        }
        counters.add(TransportCounters.SENT, sent);
        counters.add(TransportCounters.SENT_BYTES, bytes);
    }

    @Override
    boolean destroy() {
        for (int i = 0; i < SETTLE_PASSES && closing > 0; i++) {
            pass(1_000_000);
        }
        boolean quiet = closing == 0;
        provided.unregister();
        ring.close();
        return quiet;
    }
}
