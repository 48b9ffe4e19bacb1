package io.hookswitch.sip.transport;

import io.hookswitch.engine.ring.Waker;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Netty's I/O driven by our own thread: epoll where the kernel has it. The thread that calls {@link #start} owns it;
 * only the waker is for others.
 */
public final class SipLoop {
    private static final long BIND_MAX_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final boolean epoll;
    private final ManualIoEventLoop loop;

    /** Makes the loop; nothing is open yet. */
    public SipLoop() {
        epoll = Epoll.isAvailable();
        loop = new ManualIoEventLoop(null, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** Makes the calling thread the owner. */
    public void start() {
        loop.setOwningThread(Thread.currentThread());
    }

    /** @return wakes the owner out of {@link #run}. */
    public Waker waker() {
        return loop::wakeup;
    }

    /** @return how packets are waited for. */
    public String kind() {
        return epoll ? "epoll" : "nio";
    }

    /** Waits in the kernel for a packet, the waker or the time. @return work done. */
    public int run(long waitNs) {
        return loop.run(waitNs, 0);
    }

    /** Handles what is there. @return work done. */
    public int runNow() {
        return loop.runNow(0);
    }

    Bootstrap datagram() {
        return new Bootstrap().group(loop).channel(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class);
    }

    Bootstrap client() {
        return new Bootstrap().group(loop).channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class);
    }

    ServerBootstrap server() {
        return new ServerBootstrap()
                .group(loop, loop)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    }

    /** Runs the loop until a bind or close is done. */
    void await(ChannelFuture future, String what) throws IOException {
        long began = System.nanoTime();
        while (!future.isDone() && System.nanoTime() - began < BIND_MAX_NS) {
            loop.run(STEP_NS, 0);
        }
        if (!future.isSuccess()) {
            Throwable cause = future.cause();
            throw new IOException(
                    what + ": " + (cause == null ? "no answer from the kernel" : cause.getMessage()), cause);
        }
    }

    /** Ends the loop; every channel must be closed. */
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        long began = System.nanoTime();
        while (!loop.isTerminated() && System.nanoTime() - began < BIND_MAX_NS) {
            loop.run(STEP_NS, 0);
        }
    }
}
