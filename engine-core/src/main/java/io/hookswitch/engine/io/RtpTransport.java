package io.hookswitch.engine.io;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * The UDP sockets of one core. Owned by the core's thread: every method except {@link #wakeup()} is called there only.
 * Nothing here throws on what the network does, and receive, send and release allocate nothing.
 *
 * <p>Buffers: all datagrams live in one memory, cut into numbered buffers. A received one belongs to the reader of the
 * packet ring until it hands the number to exactly one {@code send} or {@link #release}; one claimed with
 * {@link #tryClaim} likewise. What was handed over must not be touched any more: the kernel may still read it until
 * the send has completed, and fills it again afterwards.
 *
 * <p>Addresses are two longs, see {@link IpAddress}; ports are 0..65535.
 */
public interface RtpTransport extends AutoCloseable {
    /** @return which kernel interface this is. */
    TransportKind kind();

    /** @return one line for the start: which kernel interface, why, how it waits, how many buffers. */
    String description();

    /** @return the memory of all buffers. */
    UnsafeBuffer memory();

    /** @return the ring that {@link #run} fills; the core polls it after each pass. */
    PacketRing packets();

    /** @return what happened since start. */
    TransportCounters counters();

    /**
     * Opens a socket on the media address and starts receiving on it.
     *
     * @param port to bind, 0 = any free one.
     * @return the socket's number (small and dense, reused after {@link #close(int)}), or a negative errno
     *     ({@link Errno}).
     */
    int open(int port);

    /** @return the port a socket is bound to. */
    int port(int socket);

    /** Closes a socket. Datagrams of it that already are in the packet ring are still handed out. */
    void close(int socket);

    /**
     * Drops what arrives on a socket from now on (counted, never in the packet ring) or stops doing so. A new socket is
     * not muted.
     */
    void mute(int socket, boolean muted);

    /** @return whether nothing has arrived on a muted socket since a time, ns, or since it was muted. */
    boolean isQuiet(int socket, long sinceNs);

    /**
     * Ties a socket to one far end: {@link #send} goes there and the kernel drops what comes from elsewhere. May be
     * called again with another far end. Datagrams that were queued before may still come from elsewhere.
     *
     * @return 0 or a negative errno.
     */
    int connect(int socket, long addressHigh, long addressLow, int port);

    /** Unties a socket. @return 0 or a negative errno. */
    int disconnect(int socket);

    /**
     * Sends bytes of a buffer to the far end of a connected socket and gives the buffer back when the kernel is done
     * with it, whatever the outcome. io_uring sends with the next {@link #run}, epoll at once.
     *
     * @param offset in {@link #memory()}, inside the buffer; it need not be where the datagram began.
     * @return 0 or, when already known, a negative errno. Failures are counted; the buffer is given back in any case.
     */
    int send(int socket, int buffer, int offset, int length);

    /** As {@link #send}, to the given far end, on a socket that is not connected. Sent at once. */
    int sendTo(int socket, int buffer, int offset, int length, long addressHigh, long addressLow, int port);

    /** Gives a received or claimed buffer back unsent. */
    void release(int buffer);

    /** @return a buffer for a datagram of our own, or -1: none free now (counted). Write from {@link #offset} on. */
    int tryClaim();

    /** @return where the payload of a buffer begins in {@link #memory()}. */
    int offset(int buffer);

    /** @return most bytes a datagram can have, counted from {@link #offset}. */
    int payloadBytes();

    /**
     * One I/O pass: hands pending sends to the kernel, takes arrived datagrams into the packet ring, and waits for the
     * first of them when there is nothing to do.
     *
     * @param maxWaitNs longest wait, ns; 0 or less = do not wait. A pass may end earlier with nothing.
     * @return datagrams put into the packet ring.
     */
    int run(long maxWaitNs);

    /** Ends a wait in {@link #run}, or makes the next one not wait. Any thread; does not block or allocate. */
    void wakeup();

    /** Closes all sockets and frees the memory, which must not be touched any more. */
    @Override
    void close();
}
