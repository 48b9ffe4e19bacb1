package io.hookswitch.engine.io;

/** Which kernel interface moves the datagrams. */
public enum TransportKind {
    /** io_uring where the kernel has all that is needed, else epoll. */
    AUTO,
    /** io_uring or a start-up failure. */
    IO_URING,
    /** epoll or a start-up failure. */
    EPOLL
}
