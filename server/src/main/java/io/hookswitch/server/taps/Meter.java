package io.hookswitch.server.taps;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * What a server may send: little at a time, so that the other taps of the thread get their turn, and no more than an
 * allowance for ever. Reading stops until the next tick when a tick's share is used up. Thread {@code taps}.
 */
final class Meter extends ChannelInboundHandlerAdapter {
    private static final int BYTES_A_TICK = 32 << 10;
    private static final double NS_PER_SECOND = 1e9;

    private final long burstBytes;
    private final long bytesPerSecond;
    private final Runnable onFlood;
    private double allowed;
    private long lastNs;
    private long tickBytes;
    private boolean paused;

    /** @param onFlood called once when the allowance is used up */
    Meter(TapLimits limits, long nowNs, Runnable onFlood) {
        burstBytes = limits.burstBytes();
        bytesPerSecond = limits.bytesPerSecond();
        this.onFlood = onFlood;
        allowed = burstBytes;
        lastNs = nowNs;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        long bytes = message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
        boolean wasAllowed = allowed >= 0;
        allowed -= bytes;
        tickBytes += bytes;
        if (tickBytes > BYTES_A_TICK && !paused) {
            paused = true;
            context.channel().config().setAutoRead(false);
        }
        if (wasAllowed && allowed < 0) {
            onFlood.run();
        }
        context.fireChannelRead(message);
    }

    /** @return whether reading may go on, after a pause. */
    boolean tick(long nowNs) {
        allowed = Math.min(burstBytes, allowed + (nowNs - lastNs) / NS_PER_SECOND * bytesPerSecond);
        lastNs = nowNs;
        tickBytes = 0;
        boolean resume = paused;
        paused = false;
        return resume;
    }
}
