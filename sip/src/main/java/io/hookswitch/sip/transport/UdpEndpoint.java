package io.hookswitch.sip.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One UDP socket: every datagram goes to the listener, sends are gathered until {@link #flush}. Sip thread. */
public final class UdpEndpoint extends ChannelInboundHandlerAdapter {
    /** Room for the largest datagram there is: what is too long is seen as too long, not as cut. */
    private static final int RECEIVE_BYTES = 65_536;

    private static final int SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;
    private static final int READS_PER_PASS = 64;

    private final SipLoop loop;
    private final ListenAddress listen;
    private final WireListener listener;
    private final SipCounters counters;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private Channel channel;
    private boolean unflushed;

    /** Names what it will bind. */
    public UdpEndpoint(SipLoop loop, ListenAddress listen, WireListener listener, SipCounters counters) {
        this.loop = loop;
        this.listen = listen;
        this.listener = listener;
        this.counters = counters;
    }

    /** Binds the socket. @throws IOException that names the address. */
    public void open() throws IOException {
        ChannelFuture bound = loop.datagram()
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(READS_PER_PASS))
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .handler(this)
                .bind(listen.address());
        loop.await(bound, "cannot listen on " + listen);
        channel = bound.channel();
    }

    /** @return the address bound, with its real port. */
    public InetSocketAddress bound() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof DatagramPacket packet) {
                ByteBuf content = packet.content();
                int length = content.readableBytes();
                point(view, content, content.readerIndex(), length);
                listener.onDatagram(this, view, 0, length, packet.sender());
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Points a view at the readable bytes of a Netty buffer. */
    static void point(UnsafeBuffer view, ByteBuf content, int index, int length) {
        if (length == 0) {
            view.wrap(0, 0);
        } else if (content.hasMemoryAddress()) {
            view.wrap(content.memoryAddress() + index, length);
        } else {
            view.wrap(content.nioBuffer(index, length));
        }
    }

    /** Sends one message; when the kernel refuses it the listener is told later. */
    public void send(byte[] message, InetSocketAddress to) {
        ByteBuf content = channel.alloc().directBuffer(message.length).writeBytes(message);
        channel.write(new DatagramPacket(content, to)).addListener(done -> {
            if (!done.isSuccess()) {
                counters.increment(SipCounters.SEND_FAILED);
                listener.onSendFailed(message);
            }
        });
        counters.increment(SipCounters.SENT);
        unflushed = true;
    }

    /** Sends bytes that nobody will ask about. */
    public void send(DirectBuffer message, int length, InetSocketAddress to) {
        byte[] copy = new byte[length];
        message.getBytes(0, copy);
        channel.write(
                new DatagramPacket(channel.alloc().directBuffer(length).writeBytes(copy), to), channel.voidPromise());
        counters.increment(SipCounters.SENT);
        unflushed = true;
    }

    /** Gives the kernel what was sent since the last call. */
    public void flush() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // ICMP errors of earlier sends come up here; the transaction timers deal with a silent far end.
        counters.increment(SipCounters.SEND_FAILED);
    }

    /** Closes the socket. */
    public void close() throws IOException {
        if (channel != null) {
            flush();
            loop.await(channel.close(), "cannot close " + listen);
        }
    }
}
