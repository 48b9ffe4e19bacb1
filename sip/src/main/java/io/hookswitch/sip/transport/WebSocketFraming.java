package io.hookswitch.sip.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.CharsetUtil;
import java.util.List;

/**
 * What lies between the socket and the flow of a SIP WebSocket (RFC 7118): the HTTP request that opens it, which must
 * ask for the subprotocol {@code sip}, and frames, of which a message of the flow is made. Sip thread.
 */
final class WebSocketFraming extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    private static final String SUBPROTOCOL = "sip";
    private static final int REQUEST_MAX = 8 * 1024;

    private WebSocketFraming() {
        super(WebSocketFrame.class, ByteBuf.class);
    }

    /** Appends all of it; the flow comes behind. */
    static void prepare(ChannelPipeline pipeline, WireSettings settings, SipCounters counters) {
        WebSocketServerProtocolConfig protocol = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath("/")
                .checkStartsWith(true)
                .subprotocols(SUBPROTOCOL)
                .handshakeTimeoutMillis(settings.connectMs())
                .dropPongFrames(false)
                .sendCloseFrame(WebSocketCloseStatus.NORMAL_CLOSURE)
                .decoderConfig(WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(StreamFlow.MESSAGE_MAX)
                        .allowExtensions(false)
                        .build())
                .build();
        pipeline.addLast(
                new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(REQUEST_MAX / 2)
                        .setMaxHeaderSize(REQUEST_MAX)),
                new HttpObjectAggregator(REQUEST_MAX),
                new Gate(counters),
                new WebSocketServerProtocolHandler(protocol),
                new WebSocketFrameAggregator(StreamFlow.MESSAGE_MAX),
                new WebSocketFraming());
    }

    /** Lets nobody through who does not want to speak SIP. */
    private static final class Gate extends ChannelInboundHandlerAdapter {
        private final SipCounters counters;

        private Gate(SipCounters counters) {
            this.counters = counters;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof FullHttpRequest request && !asksForSip(request)) {
                request.release();
                counters.increment(SipCounters.WEBSOCKETS_REFUSED);
                ByteBuf why = context.alloc().buffer();
                why.writeCharSequence(
                        "a WebSocket with the subprotocol sip (RFC 7118) is all there is here\n", CharsetUtil.US_ASCII);
                DefaultFullHttpResponse response =
                        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, why);
                response.headers()
                        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                        .set(HttpHeaderNames.CONTENT_LENGTH, why.readableBytes());
                context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            context.fireChannelRead(message);
        }

        private static boolean asksForSip(FullHttpRequest request) {
            return request.decoderResult().isSuccess()
                    && request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true)
                    && request.headers().containsValue(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL, true);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
        switch (frame) {
            case TextWebSocketFrame text -> out.add(text.content().retain());
            case BinaryWebSocketFrame binary -> out.add(binary.content().retain());
            case PongWebSocketFrame _ ->
                context.pipeline().get(StreamFlow.class).alive();
            default -> {
                // Pings and closes are answered before they come here.
            }
        }
    }

    @Override
    protected void encode(ChannelHandlerContext context, ByteBuf message, List<Object> out) {
        boolean isText = ByteBufUtil.isText(message, CharsetUtil.UTF_8);
        out.add(isText ? new TextWebSocketFrame(message.retain()) : new BinaryWebSocketFrame(message.retain()));
    }
}
