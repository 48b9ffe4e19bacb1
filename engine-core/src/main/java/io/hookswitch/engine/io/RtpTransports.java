package io.hookswitch.engine.io;

import io.netty.channel.epoll.Epoll;
import org.agrona.concurrent.NanoClock;

/** Opens the transport of a core. */
public final class RtpTransports {
    private RtpTransports() {}

    /** @return why a kind cannot be opened on this machine, or null when nothing is known against it. */
    public static String unavailable(TransportKind kind) {
        return switch (kind) {
            case IO_URING -> "this build has no io_uring transport";
            case EPOLL, AUTO ->
                Epoll.isAvailable()
                        ? null
                        : String.valueOf(Epoll.unavailabilityCause().getMessage());
        };
    }

    /**
     * Opens a transport owned by the calling thread, which must be the core's.
     *
     * @param clock of the arrival times.
     * @throws IllegalStateException when the kernel interface asked for is not available; the message says why.
     */
    public static RtpTransport open(TransportKind kind, TransportSettings settings, NanoClock clock) {
        String reason = unavailable(kind);
        if (reason != null) {
            throw new IllegalStateException("RTP transport " + kind + " is not available: " + reason);
        }
        return new EpollRtpTransport(settings, clock, "asked for");
    }
}
