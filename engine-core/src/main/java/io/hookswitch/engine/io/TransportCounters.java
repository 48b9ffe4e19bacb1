package io.hookswitch.engine.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a transport has done since start, as longs off-heap. The core's thread is the only writer (ordered writes); any
 * thread may read a value at any time, it may be a moment old.
 */
public final class TransportCounters {
    /** Datagrams put into the packet ring. */
    public static final int RECEIVED = 0;
    /** Datagrams the kernel took from us. */
    public static final int SENT = 1;
    /** Bytes of UDP payload received. */
    public static final int RECEIVED_BYTES = 2;
    /** Bytes of UDP payload sent. */
    public static final int SENT_BYTES = 3;
    /** Datagrams dropped because nobody owns the socket's port now. */
    public static final int DROPPED_MUTED = 4;
    /** Datagrams dropped because they are longer than a buffer. */
    public static final int DROPPED_TOO_LONG = 5;
    /** Datagrams dropped because the packet ring was full. */
    public static final int DROPPED_RING_FULL = 6;
    /** Times a socket found no receive buffer free; its datagrams wait in the kernel. */
    public static final int NO_BUFFER = 7;
    /** Sends the kernel refused for another reason than {@link #REFUSED} and {@link #WOULD_BLOCK}. */
    public static final int SEND_ERRORS = 8;
    /** Times the far end's host said that nobody listens there (ICMP port unreachable). */
    public static final int REFUSED = 9;
    /** Sends dropped because the socket's send buffer was full. */
    public static final int WOULD_BLOCK = 10;
    /** Receives that failed for another reason than {@link #REFUSED} and {@link #NO_BUFFER}. */
    public static final int RECEIVE_ERRORS = 11;
    /** Times a receive had to be armed again (io_uring only). */
    public static final int REARMED = 12;
    /** Times no own send buffer was free. */
    public static final int NO_SEND_BUFFER = 13;
    /** Sockets open now. */
    public static final int SOCKETS = 14;
    /** Passes of {@link RtpTransport#run}. */
    public static final int PASSES = 15;
    /** Datagrams dropped because their socket had been tied to another far end meanwhile (io_uring only). */
    public static final int DROPPED_STALE = 16;
    /** How many counters there are. */
    public static final int COUNT = 17;

    private static final String[] NAMES = {
        "received",
        "sent",
        "received_bytes",
        "sent_bytes",
        "dropped_muted",
        "dropped_too_long",
        "dropped_ring_full",
        "no_buffer",
        "send_errors",
        "refused",
        "would_block",
        "receive_errors",
        "rearmed",
        "no_send_buffer",
        "sockets",
        "passes",
        "dropped_stale"
    };

    private final AtomicBuffer values =
            new UnsafeBuffer(ByteBuffer.allocateDirect(COUNT * Long.BYTES).order(ByteOrder.nativeOrder()));

    /** @return a counter's name, lower case with underscores. */
    public static String name(int counter) {
        return NAMES[counter];
    }

    /** @return a counter's value. Any thread. */
    public long value(int counter) {
        return values.getLongVolatile(counter * Long.BYTES);
    }

    /** Forgets a trial at start. */
    void reset() {
        for (int i = 0; i < COUNT; i++) {
            values.putLongOrdered(i * Long.BYTES, 0);
        }
    }

    void increment(int counter) {
        add(counter, 1);
    }

    void add(int counter, long amount) {
        int at = counter * Long.BYTES;
        values.putLongOrdered(at, values.getLong(at) + amount);
    }
}
