package io.hookswitch.server.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.DatagramTransport;

/**
 * What one far end has sent and nobody has read yet, and the way back to it. One thread offers, one receives and sends;
 * either may close it, and the one that waits in {@link #receive} is then let go at once.
 */
final class DatagramPipe implements DatagramTransport {
    /** Most bytes of one datagram of ours: fits every path there is behind tunnels and IPv6. */
    static final int SEND_LIMIT = 1200;
    /** Most bytes of one datagram that are read. */
    private static final int RECEIVE_LIMIT = 2048;

    private static final byte[] CLOSED = new byte[0];

    /** Where datagrams go. */
    @FunctionalInterface
    interface Out {
        /** Takes a datagram, or drops it; the array is the taker's. */
        void send(byte[] datagram);
    }

    private final ArrayBlockingQueue<byte[]> queue;
    private final Out out;
    private volatile boolean isClosed;

    /** @param most datagrams that wait at a time */
    DatagramPipe(int most, Out out) {
        queue = new ArrayBlockingQueue<>(most);
        this.out = out;
    }

    /** @return false when it is closed or full: the datagram was not taken. */
    boolean offer(byte[] datagram) {
        return !isClosed && queue.offer(datagram);
    }

    boolean isClosed() {
        return isClosed;
    }

    @Override
    public int getReceiveLimit() {
        return RECEIVE_LIMIT;
    }

    @Override
    public int getSendLimit() {
        return SEND_LIMIT;
    }

    /**
     * Waits for a datagram.
     *
     * @param waitMillis 0 = for ever
     * @return bytes copied, what is longer is cut; -1 = none came
     * @throws IOException when it is closed
     */
    @Override
    public int receive(byte[] into, int from, int length, int waitMillis) throws IOException {
        byte[] datagram;
        try {
            refuseWhenClosed();
            datagram = waitMillis == 0 ? queue.take() : queue.poll(waitMillis, TimeUnit.MILLISECONDS);
            refuseWhenClosed();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (datagram == null) {
            return -1;
        }
        int copied = Math.min(length, datagram.length);
        System.arraycopy(datagram, 0, into, from, copied);
        return copied;
    }

    private void refuseWhenClosed() throws IOException {
        if (isClosed) {
            throw new IOException("closed");
        }
    }

    /** Sends, unless it is closed: whoever is gone need not be told. */
    @Override
    public void send(byte[] bytes, int from, int length) {
        if (isClosed) {
            return;
        }
        byte[] datagram = new byte[length];
        System.arraycopy(bytes, from, datagram, 0, length);
        out.send(datagram);
    }

    @Override
    public void close() {
        isClosed = true;
        // Room for what wakes the receiver; whoever offers sees from now on that it is closed.
        queue.clear();
        queue.offer(CLOSED);
    }
}
