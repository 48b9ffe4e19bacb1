package io.hookswitch.sip.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One connection: cuts its stream into messages and keeps what we send until it is connected. Sip thread.
 *
 * <p>A refused message whose length is known costs only itself: a trunk carries other calls. Where the next message
 * begins is unknown after the others, so the connection ends.
 */
public final class StreamFlow extends ChannelInboundHandlerAdapter {
    static final int MESSAGE_MAX = WireGuard.HEAD_MAX + WireGuard.BODY_MAX;
    private static final byte[] PONG = {'\r', '\n'};
    /** Who does not read what it asked for gets no more of it. */
    private static final int PONGS_WAITING_MAX = 16;
    /** A browser is silent for minutes; NATs forget sooner. */
    private static final long PING_NS = TimeUnit.SECONDS.toNanos(25);

    private final StreamEndpoint endpoint;
    private final InetSocketAddress remote;
    private final String name;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private Channel channel;
    private ByteBuf pending;
    private int scanned;
    private int frameLength;
    private int lineEnds;
    private int queuedBytes;
    private int waitingPongs;
    private boolean unflushed;
    private boolean closed;
    private long lastByteNs;
    private long pingedNs;
    private long frameBeganNs;
    private boolean inFrame;

    /** @param name that the far end's certificate is for; "" = accepted, or nobody asks */
    StreamFlow(StreamEndpoint endpoint, InetSocketAddress remote, String name) {
        this.name = name;
        this.endpoint = endpoint;
        this.remote = remote;
        lastByteNs = endpoint.clock().nanoTime();
    }

    /** @return how its messages travel. */
    public Transport transport() {
        return endpoint.transport();
    }

    /** @return the far end's address. */
    public InetSocketAddress remote() {
        return remote;
    }

    String name() {
        return name;
    }

    /** @return the endpoint that owns this flow. */
    public StreamEndpoint endpoint() {
        return endpoint;
    }

    /** @return whether nothing can be sent any more. */
    public boolean isClosed() {
        return closed;
    }

    void onOpen(Channel opened) {
        channel = opened;
        lastByteNs = endpoint.clock().nanoTime();
        if (closed) {
            channel.close();
            return;
        }
        // A WebSocket's opening request has as much time as a message.
        inFrame = endpoint.isWebSocket();
        frameBeganNs = lastByteNs;
        while (!waiting.isEmpty()) {
            byte[] message = waiting.poll();
            queuedBytes -= message.length;
            write(message);
        }
    }

    void onRefused() {
        closed = true;
        endpoint.forget(this);
        while (!waiting.isEmpty()) {
            failed(waiting.poll());
        }
    }

    private void failed(byte[] message) {
        endpoint.counters().increment(SipCounters.SEND_FAILED);
        endpoint.listener().onSendFailed(message);
    }

    /** Sends one message, now or when the connection stands. @return false: closed, or too much waits already. */
    public boolean trySend(byte[] message) {
        if (closed || queuedBytes + message.length > endpoint.settings().writeQueueBytes()) {
            endpoint.counters().increment(SipCounters.SEND_FAILED);
            return false;
        }
        endpoint.counters().increment(SipCounters.SENT);
        if (channel == null) {
            queuedBytes += message.length;
            waiting.add(message);
        } else {
            write(message);
        }
        return true;
    }

    /** Sends the first bytes of a buffer. @return false: closed, or too much waits already. */
    public boolean trySend(DirectBuffer message, int length) {
        byte[] copy = new byte[length];
        message.getBytes(0, copy);
        return trySend(copy);
    }

    private ChannelFuture write(byte[] message) {
        queuedBytes += message.length;
        ByteBuf bytes = channel.alloc().directBuffer(message.length).writeBytes(message);
        ChannelFuture written = channel.write(bytes);
        written.addListener(done -> {
            queuedBytes -= message.length;
            if (!done.isSuccess()) {
                failed(message);
            }
        });
        if (!unflushed) {
            unflushed = true;
            endpoint.unflushed(this);
        }
        return written;
    }

    void flush() {
        unflushed = false;
        channel.flush();
    }

    boolean isStale(long nowNs) {
        long idleNs = TimeUnit.MILLISECONDS.toNanos(endpoint.settings().flowIdleMs());
        long frameNs = TimeUnit.MILLISECONDS.toNanos(endpoint.settings().frameMs());
        return channel != null && (nowNs - lastByteNs > idleNs || inFrame && nowNs - frameBeganNs > frameNs);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        lastByteNs = endpoint.clock().nanoTime();
        if (closed) {
            bytes.release();
            return;
        }
        if (endpoint.isWebSocket()) {
            try {
                onWebSocketMessage(bytes);
            } finally {
                bytes.release();
            }
            return;
        }
        if (pending == null) {
            pending = bytes;
        } else {
            // A frame is bounded (head and body), so is what is copied here.
            if (pending.writableBytes() < bytes.readableBytes()) {
                pending.discardReadBytes();
            }
            pending.writeBytes(bytes);
            bytes.release();
        }
        while (!closed && nextFrame()) {
            scanned = 0;
            frameLength = 0;
        }
        tidy();
    }

    /** RFC 7118 section 5: a WebSocket message is a SIP message, no more and no less; or line ends to keep it alive. */
    private void onWebSocketMessage(ByteBuf bytes) {
        int length = bytes.readableBytes();
        UdpEndpoint.point(endpoint.view(), bytes, bytes.readerIndex(), length);
        int verdict = endpoint.guard().checkDatagram(endpoint.view(), 0, length, MESSAGE_MAX);
        if (verdict == Verdict.KEEP_ALIVE) {
            pong();
        }
        endpoint.listener().onFrame(this, verdict, endpoint.view(), 0, length);
    }

    /** The far end of a WebSocket has sent something that is no message. */
    void alive() {
        lastByteNs = endpoint.clock().nanoTime();
    }

    /** Keeps a silent WebSocket alive, and finds out whether it is. */
    void ping(long nowNs) {
        if (channel != null && nowNs - lastByteNs > PING_NS && nowNs - pingedNs > PING_NS) {
            pingedNs = nowNs;
            channel.writeAndFlush(new PingWebSocketFrame());
        }
    }

    private void tidy() {
        boolean rest = !closed && pending.isReadable();
        if (rest && !inFrame) {
            frameBeganNs = lastByteNs;
        }
        inFrame = rest;
        if (!rest && pending != null) {
            pending.release();
            pending = null;
        }
    }

    /** @return whether a whole message was taken off the stream. */
    private boolean nextFrame() {
        if (frameLength == 0) {
            skipKeepAlives();
            int headLength = headLength();
            if (headLength < 0) {
                if (pending.readableBytes() > WireGuard.HEAD_MAX) {
                    unframed(endpoint.guard().checkStream(point(pending.readableBytes()), 0, pending.readableBytes()));
                }
                return false;
            }
            int verdict = endpoint.guard().checkStream(point(headLength), 0, headLength);
            if (!endpoint.guard().framed()) {
                unframed(verdict);
                return false;
            }
            frameLength = endpoint.guard().messageAt() + endpoint.guard().messageLength();
        }
        if (pending.readableBytes() < frameLength) {
            return false;
        }
        int length = frameLength;
        UnsafeBuffer view = point(length);
        int verdict = endpoint.guard().checkStream(view, 0, length);
        pending.skipBytes(length);
        inFrame = false;
        endpoint.listener().onFrame(this, verdict, view, 0, length);
        return true;
    }

    private UnsafeBuffer point(int length) {
        UdpEndpoint.point(endpoint.view(), pending, pending.readerIndex(), length);
        return endpoint.view();
    }

    /** The far end hears why, then the connection ends. */
    private void unframed(int verdict) {
        endpoint.counters().increment(SipCounters.FLOWS_UNFRAMED);
        int length = pending.readableBytes();
        endpoint.listener().onFrame(this, verdict, point(length), 0, length);
        closeAfterSends();
    }

    /** RFC 5626 section 4.4.1: two line ends between messages are a ping, one is the pong. */
    private void skipKeepAlives() {
        while (pending.readableBytes() >= 2
                && pending.getByte(pending.readerIndex()) == '\r'
                && pending.getByte(pending.readerIndex() + 1) == '\n') {
            pending.skipBytes(2);
            scanned = 0;
            if (++lineEnds == 2) {
                lineEnds = 0;
                pong();
            }
        }
        if (pending.readableBytes() > 1) {
            lineEnds = 0;
        }
    }

    private void pong() {
        if (waitingPongs < PONGS_WAITING_MAX) {
            waitingPongs++;
            endpoint.counters().increment(SipCounters.PONGS);
            write(PONG).addListener(_ -> waitingPongs--);
        }
    }

    /** @return bytes up to and with the empty line, or -1; goes on where the last search ended. */
    private int headLength() {
        int from = pending.readerIndex();
        int length = Math.min(pending.readableBytes(), WireGuard.HEAD_MAX);
        for (int i = Math.max(scanned - 3, 0); i + 3 < length; i++) {
            if (pending.getByte(from + i + 3) == '\n'
                    && pending.getByte(from + i + 2) == '\r'
                    && pending.getByte(from + i + 1) == '\n'
                    && pending.getByte(from + i) == '\r') {
                return i + 4;
            }
        }
        scanned = length;
        return -1;
    }

    private void closeAfterSends() {
        closed = true;
        endpoint.forget(this);
        channel.flush();
        channel.close();
    }

    /** Ends the connection; what still waits to be sent is reported as failed. */
    public void close() {
        if (closed) {
            return;
        }
        if (channel == null) {
            onRefused();
        } else {
            closeAfterSends();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        endpoint.forget(this);
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
            inFrame = false;
        }
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            endpoint.counters().increment(SipCounters.TLS_FAILED);
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
