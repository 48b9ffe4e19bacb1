package io.hookswitch.server.dtls;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ErrorHandler;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;

/**
 * One far end's handshake, and what comes behind it: a far end that has not heard our last flight repeats its own
 * (RFC 6347 section 4.2.4). The dtls thread begins, feeds and ends it; a virtual thread does the rest and is gone with
 * it.
 */
final class Association {
    /** Datagrams of one far end that wait at a time: a flight in small parts, twice. */
    static final int DATAGRAMS_MAX = 32;

    private static final long ROOM_WAIT_NS = 1_000_000L;

    /** Whose it is, and which of that leg's by the core's number. */
    record Key(long leg, long number) {}

    private final Key key;
    private final DtlsLink link;
    private final DtlsCounters counters;
    private final ErrorHandler errors;
    private final DatagramPipe pipe;
    private final Thread thread;
    /** Dtls thread: when its time is up, on the agent's clock. */
    private long deadlineNs;

    private volatile boolean isExpired;
    private volatile boolean isOver;
    /** Virtual thread; null when it is gone: what a handshake leaves is larger than what is kept. */
    private DtlsServer server;
    /** Virtual thread: whether the core will be told how the handshake went. */
    private boolean hasResult;

    /** @param deadlineNs when the handshake has to be done, on the agent's clock */
    Association(
            Key key, long deadlineNs, DtlsServer server, DtlsLink link, DtlsCounters counters, ErrorHandler errors) {
        this.key = key;
        this.deadlineNs = deadlineNs;
        this.server = server;
        this.link = link;
        this.counters = counters;
        this.errors = errors;
        pipe = new DatagramPipe(DATAGRAMS_MAX, this::send);
        thread = Thread.ofVirtual().name("dtls-" + Long.toHexString(key.leg())).unstarted(this::run);
    }

    Key key() {
        return key;
    }

    /** Dtls thread. @return whether its time is up */
    boolean isLate(long nowNs) {
        return nowNs - deadlineNs >= 0;
    }

    /** The handshake is done: the far end may repeat its last flight until then. Dtls thread. */
    void lingersUntil(long endNs) {
        deadlineNs = endNs;
    }

    /** @return whether nothing that it says counts any more. */
    boolean isOver() {
        return isOver;
    }

    /** Dtls thread. */
    void begin() {
        counters.associations.increment();
        thread.start();
    }

    /** A datagram of the far end; dtls thread. @return false when it was dropped */
    boolean offer(byte[] datagram) {
        return pipe.offer(datagram);
    }

    /** Its time is up: a handshake fails, one that is done ends its thread. Dtls thread. */
    void expire() {
        isExpired = true;
        pipe.close();
    }

    /** The core has forgotten it: its thread ends, and says nothing. Dtls thread. */
    void end() {
        isOver = true;
        pipe.close();
    }

    /** Waits until the virtual thread is gone. @return false when it is not by then */
    boolean join(long mostMs) throws InterruptedException {
        thread.join(Math.max(1, mostMs));
        return !thread.isAlive();
    }

    private void send(byte[] datagram) {
        if (!link.tryTell(new Told.Send(this, datagram))) {
            counters.sendsDropped.increment();
        }
    }

    private void run() {
        try {
            shakeHands();
        } catch (RuntimeException | Error e) {
            errors.onError(e);
            fail(DtlsFailure.BROKEN, e.getClass().getSimpleName());
        } finally {
            pipe.close();
            server = null;
            counters.associations.decrement();
        }
    }

    private void shakeHands() {
        DTLSTransport transport;
        try {
            transport = new DTLSServerProtocol().accept(server, new CipherGate(pipe));
        } catch (IOException e) {
            fail(e);
            return;
        }
        tell(new Told.Keyed(this, server.keys()));
        linger(transport);
    }

    /** Answers what is repeated until the far end closes, its time is up, or the core has forgotten it. */
    private void linger(DTLSTransport transport) {
        try {
            byte[] ignored = new byte[transport.getReceiveLimit()];
            while (!isOver) {
                transport.receive(ignored, 0, ignored.length, 0);
            }
        } catch (IOException _) {
            // Closed by the far end, or by us: the keys stay what they are.
            if (!isOver && !isExpired) {
                counters.closed.increment();
            }
        }
    }

    private void fail(IOException failure) {
        if (isExpired) {
            fail(DtlsFailure.TIMEOUT, "");
        } else if (server.failure() != null) {
            fail(server.failure(), "");
        } else if (failure instanceof TlsFatalAlertReceived received) {
            fail(DtlsFailure.ALERT, AlertDescription.getText(received.getAlertDescription()));
        } else if (failure.getCause() instanceof RuntimeException broken) {
            if (!isOver) {
                errors.onError(broken);
            }
            fail(DtlsFailure.BROKEN, broken.getClass().getSimpleName());
        } else if (failure instanceof TlsFatalAlert raised) {
            fail(DtlsFailure.PROTOCOL, AlertDescription.getText(raised.getAlertDescription()));
        } else {
            fail(DtlsFailure.PROTOCOL, String.valueOf(failure.getMessage()));
        }
    }

    private void fail(DtlsFailure kind, String detail) {
        tell(new Told.Failed(this, kind, detail.isEmpty() ? kind.text() : kind.text() + ": " + detail));
    }

    /** A result is never lost: it waits for room until nobody asks for it any more. */
    private void tell(Told result) {
        if (hasResult) {
            return;
        }
        hasResult = true;
        while (!isOver && !link.tryTell(result)) {
            LockSupport.parkNanos(ROOM_WAIT_NS);
        }
    }
}
