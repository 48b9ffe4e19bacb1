package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.server.hooks.SocketRoutes.Route;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One server that hears a call: its time line, from the opening of its socket to the end. Thread {@code taps}. */
abstract class Tap implements Hearer, TapSocket.Owner {
    static final int FRAME_MS = 20;
    private static final long FRAME_NS = FRAME_MS * 1_000_000L;
    /** Frames that are made up for at once when the thread was held up; what is older is left out. */
    private static final int MOST_DUE = 50;

    final TapSocket socket;
    final TapCounters counters;
    private final long number;
    private final TapMix mix;
    private final Consumer<ControlEvent> heard;
    private TapMode mode = TapMode.LIVE;
    private long openedNs;
    private long frames;
    private boolean isOpen;
    private boolean isOver;

    Tap(long number, TapMix mix, TapLimits limits, TapCounters counters, Consumer<ControlEvent> heard) {
        this.number = number;
        this.mix = mix;
        this.counters = counters;
        this.heard = heard;
        socket = new TapSocket(this, limits, counters, (int) (limits.backlog().toMillis() / FRAME_MS));
    }

    /** URL of the server. @throws IllegalStateException that says why there is none */
    abstract String url();

    /** Headers of the handshake. */
    abstract HttpHeaders headers();

    /** Subprotocols that are offered. */
    abstract List<String> subprotocols();

    /** Says what goes before the audio. */
    abstract void greet();

    /** The server sent a JSON object. */
    abstract void onMessage(Map<String, Object> message);

    @Override
    public void tell(Map<String, Object> message) {}

    @Override
    public void fail(String detail) {
        socket.close(TapEnd.FAILED, detail);
    }

    @Override
    public void shutDown() {
        socket.close(TapEnd.DONE, "shutting down");
    }

    /** Longest life from the opening, ns, 0 = none. */
    long maxLengthNs() {
        return 0;
    }

    void connect(EventLoop loop, Route route, SslContext tls, long nowNs) {
        socket.connect(loop, route, tls, headers(), subprotocols(), nowNs);
    }

    @Override
    public void onOpen() {
        isOpen = true;
        greet();
    }

    @Override
    public void onText(byte[] utf8) {
        Map<String, Object> message = TapMessages.read(utf8);
        if (message == null) {
            counters.bytesIgnored.add(utf8.length);
        } else {
            onMessage(message);
        }
    }

    /** Nothing from a server is played into a call. */
    @Override
    public void onBinary(int bytes) {
        counters.bytesIgnored.add(bytes);
    }

    @Override
    public void onClosed(TapEnd why, String detail) {
        if (!isOver) {
            isOver = true;
            if (why == TapEnd.FAILED) {
                counters.failed.increment();
            }
            heard.accept(new ControlEvent.TapEnded(number, why, detail));
        }
    }

    void tellControl(ControlEvent event) {
        heard.accept(event);
    }

    @Override
    public void steer(TapMode to) {
        mode = to;
    }

    @Override
    public void hear(TapFlyweight record) {
        if (isOpen) {
            mix.hear(record);
        }
    }

    @Override
    public void tick(long nowNs) {
        socket.tick(nowNs);
        if (!isOpen || isOver) {
            return;
        }
        if (openedNs == 0) {
            openedNs = nowNs;
        }
        if (maxLengthNs() > 0 && nowNs - openedNs >= maxLengthNs()) {
            socket.close(TapEnd.DONE, "as long as it may be");
            return;
        }
        long due = (nowNs - openedNs) / FRAME_NS - frames;
        if (due > MOST_DUE) {
            counters.framesDropped.add(due - MOST_DUE);
            frames += due - MOST_DUE;
            due = MOST_DUE;
        }
        for (; due > 0 && !isOver; due--) {
            frames++;
            byte[] frame = mix.next();
            if (mode != TapMode.PAUSED) {
                socket.audio(mode == TapMode.SILENT ? new byte[frame.length] : frame);
            }
        }
    }

    long number() {
        return number;
    }

    /** Whether the server was reached. */
    boolean isOpen() {
        return isOpen;
    }

    boolean isOver() {
        return isOver;
    }
}
