/**
 * RTP and RTCP sockets of one core: two transports (io_uring, epoll) behind one interface, the ring of received
 * datagrams and the pool of port pairs.
 *
 * <p>Owning thread: the core that drives {@link io.hookswitch.engine.io.RtpTransport#run}. Other threads may only call
 * {@code wakeup()} and read {@link io.hookswitch.engine.io.TransportCounters}.
 */
package io.hookswitch.engine.io;
