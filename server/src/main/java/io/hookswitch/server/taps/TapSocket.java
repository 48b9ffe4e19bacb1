package io.hookswitch.server.taps;

import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.server.hooks.SocketRoutes.Route;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Our end of a WebSocket to a customer's server. What the server does not take waits here, bounded; what it sends is
 * metered. Told to its owner: opened once at most, closed exactly once. Thread {@code taps}.
 */
final class TapSocket extends SimpleChannelInboundHandler<Object> {
    /** Longest text frame that is accepted. */
    static final int MAX_FRAME = 1 << 20;

    private static final int MAX_HEAD = 16 << 10;
    private static final int MAX_TEXTS = 200;
    private static final int SEND_BUFFER = 64 << 10;
    private static final int READ_BUFFER = 8 << 10;
    private static final int READS = 4;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(4 << 10, 8 << 10);
    private static final int NORMAL = 1000;

    /** Who is told. */
    interface Owner {
        /** The handshake is done. */
        void onOpen();

        /** The server sent text. */
        void onText(byte[] utf8);

        /** The server sent bytes. */
        void onBinary(int bytes);

        /** It is over. */
        void onClosed(TapEnd why, String detail);
    }

    private enum State {
        CONNECTING,
        OPEN,
        CLOSED
    }

    private final Owner owner;
    private final TapLimits limits;
    private final TapCounters counters;
    private final int maxBacklog;
    private final ArrayDeque<byte[]> audio = new ArrayDeque<>();
    private final ArrayDeque<String> texts = new ArrayDeque<>();
    private State state = State.CONNECTING;
    private Channel channel;
    private Meter meter;
    private WebSocketClientHandshaker handshaker;
    private List<String> subprotocols;
    private long progressNs;

    /** @param maxBacklog frames of audio that may wait */
    TapSocket(Owner owner, TapLimits limits, TapCounters counters, int maxBacklog) {
        this.owner = owner;
        this.limits = limits;
        this.counters = counters;
        this.maxBacklog = maxBacklog;
    }

    /**
     * Connects.
     *
     * @param tls used when the route says so
     * @param headers beside those of the handshake
     * @param offered subprotocols in their order; the server may pick one of them, or none
     */
    void connect(EventLoop loop, Route route, SslContext tls, HttpHeaders headers, List<String> offered, long nowNs) {
        if (state == State.CLOSED) {
            return;
        }
        subprotocols = offered;
        if (!offered.isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(", ", offered));
        }
        // The handshaker would insist on an answer to a subprotocol of its own: it is asked for and checked here.
        handshaker = WebSocketClientHandshakerFactory.newHandshaker(
                route.uri(), WebSocketVersion.V13, null, false, headers, MAX_FRAME);
        meter = new Meter(limits, nowNs, this::onFlood);
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        limits.connect().toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_SNDBUF, SEND_BUFFER)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(READ_BUFFER).maxMessagesPerRead(READS))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        if (route.isTls()) {
                            made.pipeline()
                                    .addLast(tls.newHandler(
                                            made.alloc(),
                                            route.host(),
                                            route.address().getPort()));
                        }
                        made.pipeline()
                                .addLast(
                                        meter,
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(MAX_HEAD),
                                        TapSocket.this);
                    }
                })
                .connect(route.address());
        channel = connecting.channel();
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                end(TapEnd.FAILED, "cannot connect: " + done.cause().getMessage());
            }
        });
        loop.schedule(this::onConnectTimeout, limits.connect().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void onConnectTimeout() {
        if (state == State.CONNECTING) {
            end(TapEnd.FAILED, "no WebSocket within " + limits.connect().toMillis() + " ms");
        }
    }

    private void onFlood() {
        counters.flooded.increment();
        end(TapEnd.FAILED, "the server sent too much");
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        handshaker.handshake(context.channel());
        context.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
        switch (message) {
            case FullHttpResponse response when state == State.CONNECTING -> onResponse(response);
            case TextWebSocketFrame text
            when state == State.OPEN -> {
                byte[] utf8 = new byte[text.content().readableBytes()];
                text.content().readBytes(utf8);
                owner.onText(utf8);
            }
            case BinaryWebSocketFrame bytes
            when state == State.OPEN -> owner.onBinary(bytes.content().readableBytes());
            case PingWebSocketFrame ping
            when channel.isWritable() ->
                channel.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
            case CloseWebSocketFrame close -> {
                String said = "closed by the server, " + close.statusCode() + " " + close.reasonText();
                channel.write(new CloseWebSocketFrame(close.statusCode() < NORMAL ? NORMAL : close.statusCode(), ""));
                end(TapEnd.CLOSED, said.strip());
            }
            default -> {
                // Pongs, and what comes behind the end.
            }
        }
    }

    private void onResponse(FullHttpResponse response) {
        String picked = response.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (picked != null && !subprotocols.contains(picked.strip())) {
            end(TapEnd.FAILED, "the server picked a subprotocol that was not offered");
            return;
        }
        response.headers().remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        try {
            handshaker.finishHandshake(channel, response);
        } catch (WebSocketHandshakeException e) {
            end(TapEnd.FAILED, "no WebSocket: the server answered " + response.status());
            return;
        }
        channel.pipeline()
                .addBefore(
                        channel.pipeline().context(this).name(), "aggregator", new WebSocketFrameAggregator(MAX_FRAME));
        state = State.OPEN;
        owner.onOpen();
    }

    /** Sends text, soon. */
    void text(String text) {
        if (state != State.OPEN) {
            return;
        }
        if (texts.size() == MAX_TEXTS) {
            counters.messagesDropped.increment();
            return;
        }
        texts.add(text);
        flush();
    }

    /** Sends audio, or drops the oldest that waits. */
    void audio(byte[] frame) {
        if (state != State.OPEN) {
            return;
        }
        if (audio.size() == maxBacklog) {
            audio.removeFirst();
            counters.framesDropped.increment();
        }
        audio.add(frame);
        flush();
    }

    private void flush() {
        boolean wrote = false;
        while (channel.isWritable() && !(texts.isEmpty() && audio.isEmpty())) {
            if (texts.isEmpty()) {
                channel.write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(audio.removeFirst())));
                counters.framesSent.increment();
            } else {
                channel.write(new TextWebSocketFrame(texts.removeFirst()));
            }
            wrote = true;
        }
        if (wrote) {
            channel.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (state == State.OPEN) {
            flush();
        }
        context.fireChannelWritabilityChanged();
    }

    /** Lets reading go on, and a server go that has taken nothing for too long. */
    void tick(long nowNs) {
        if (channel == null || state == State.CLOSED) {
            return;
        }
        if (meter.tick(nowNs)) {
            channel.config().setAutoRead(true);
        }
        if (state != State.OPEN || texts.isEmpty() && audio.isEmpty() || progressNs == 0) {
            progressNs = nowNs;
        } else if (nowNs - progressNs > limits.stall().toNanos()) {
            counters.stalled.increment();
            end(TapEnd.STALLED, "the server took nothing for " + limits.stall().toSeconds() + " s");
        }
    }

    /** Says goodbye. */
    void close(TapEnd why, String detail) {
        if (state == State.OPEN) {
            channel.write(new CloseWebSocketFrame(NORMAL, ""));
        }
        end(why, detail);
    }

    private void end(TapEnd why, String detail) {
        if (state == State.CLOSED) {
            return;
        }
        boolean wasOpen = state == State.OPEN;
        state = State.CLOSED;
        audio.clear();
        texts.clear();
        if (channel != null) {
            Channel ending = channel;
            if (wasOpen && why != TapEnd.STALLED && why != TapEnd.FAILED) {
                // What was written goes out, if it is taken; then the connection ends whatever the server does.
                ending.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> ending.close());
                ending.eventLoop()
                        .schedule(() -> ending.close(), limits.farewell().toMillis(), TimeUnit.MILLISECONDS);
            } else {
                ending.close();
            }
        }
        owner.onClosed(why, detail);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(
                state == State.OPEN ? TapEnd.CLOSED : TapEnd.FAILED,
                state == State.OPEN ? "the connection broke off" : "the server closed before the WebSocket was there");
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(TapEnd.FAILED, String.valueOf(cause.getMessage()));
    }
}
