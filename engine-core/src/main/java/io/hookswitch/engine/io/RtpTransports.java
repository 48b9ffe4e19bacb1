package io.hookswitch.engine.io;

import io.netty.channel.epoll.Epoll;
import org.agrona.concurrent.NanoClock;

/** Opens the transport of a core. */
public final class RtpTransports {
    /** How long the first datagram of a new ring may take to come back to us. */
    private static final long TRIAL_NS = 500_000_000L;

    private RtpTransports() {}

    /** @return why a kind cannot be opened on this machine, or null when nothing is known against it. */
    public static String unavailable(TransportKind kind) {
        return switch (kind) {
            case IO_URING -> Uring.unavailable();
            case EPOLL -> Epoll.isAvailable() ? null : reason(Epoll.unavailabilityCause());
            case AUTO -> unavailable(TransportKind.IO_URING) == null ? null : unavailable(TransportKind.EPOLL);
        };
    }

    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }

    /**
     * Opens a transport owned by the calling thread, which must be the core's.
     *
     * @param clock of the arrival times.
     * @throws IllegalStateException when the kernel interface asked for is not available; the message says why.
     */
    public static RtpTransport open(TransportKind kind, TransportSettings settings, NanoClock clock) {
        return open(kind, settings, clock, unavailable(TransportKind.IO_URING));
    }

    /** As above, told why io_uring cannot be used, null = it can. */
    static RtpTransport open(TransportKind kind, TransportSettings settings, NanoClock clock, String againstUring) {
        if (kind == TransportKind.EPOLL) {
            return openEpoll(settings, clock, "asked for");
        }
        String why = againstUring;
        if (why == null) {
            try {
                return openUring(settings, clock);
            } catch (UnavailableException e) {
                why = e.getMessage();
            }
        }
        if (kind == TransportKind.IO_URING) {
            throw new IllegalStateException("RTP over io_uring is not available: " + why);
        }
        return openEpoll(settings, clock, "no io_uring: " + why);
    }

    private static RtpTransport openEpoll(TransportSettings settings, NanoClock clock, String why) {
        String obstacle = unavailable(TransportKind.EPOLL);
        if (obstacle != null) {
            throw new IllegalStateException("RTP over epoll (" + why + ") is not available: " + obstacle);
        }
        return new EpollRtpTransport(settings, clock, why);
    }

    private static RtpTransport openUring(TransportSettings settings, NanoClock clock) throws UnavailableException {
        UringRtpTransport transport = new UringRtpTransport(settings, clock);
        if (!isAlive(transport, settings)) {
            transport.close();
            throw new UnavailableException("a datagram to ourselves did not come back");
        }
        transport.counters().reset();
        return transport;
    }

    /** Proves that the ring receives into our buffers, by a datagram to itself. */
    private static boolean isAlive(RtpTransport transport, TransportSettings settings) {
        int socket = transport.open(0);
        if (socket < 0) {
            // The address cannot be bound: not the ring's fault, and the first port will say so.
            return true;
        }
        int buffer = transport.tryClaim();
        int port = transport.port(socket);
        long high = IpAddress.high(settings.address());
        long low = IpAddress.low(settings.address());
        transport.sendTo(socket, buffer, transport.offset(buffer), 4, high, low, port);
        boolean[] came = {false};
        long untilNs = System.nanoTime() + TRIAL_NS;
        while (!came[0] && System.nanoTime() - untilNs < 0) {
            transport.run(TRIAL_NS / 10);
            transport
                    .packets()
                    .poll(
                            packet -> {
                                came[0] |= packet.length() == 4 && packet.sourcePort() == port;
                                transport.release(packet.buffer());
                            },
                            Integer.MAX_VALUE);
        }
        transport.close(socket);
        transport.run(0);
        return came[0];
    }
}
