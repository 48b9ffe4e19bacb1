package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.server.json.JavaScriptJson;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A server that recognises speech, with the protocol for custom ones (media-sockets.md 2). Thread {@code taps}. */
final class TranscribeTap extends Tap {
    private static final double MOST_AT_ONCE = 100;
    private static final double RESULTS_PER_NS = 20 / 1e9;
    private static final String CUSTOM = "custom:";

    private final TapSpec.Recogniser spec;
    private final TapLimits limits;
    private boolean stopping;
    private long stopNs;
    private long lastNs;
    private double allowed = MOST_AT_ONCE;

    TranscribeTap(
            StartTap start,
            TapSpec.Recogniser spec,
            TapLimits limits,
            TapCounters counters,
            Consumer<ControlEvent> heard) {
        super(start.tap(), new TapMix(start.leg(), Mix.MONO, spec.sampleRate()), limits, counters, heard);
        this.spec = spec;
        this.limits = limits;
    }

    @Override
    String url() {
        if (!spec.vendor().startsWith(CUSTOM)) {
            throw new IllegalStateException("no speech provider of this name is set up");
        }
        if (spec.uri() == null) {
            throw new IllegalStateException("no speech credential of this name, and no customOptions.uri");
        }
        return spec.uri();
    }

    @Override
    HttpHeaders headers() {
        HttpHeaders headers = new DefaultHttpHeaders();
        if (spec.token() != null) {
            headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + spec.token());
        }
        return headers;
    }

    @Override
    List<String> subprotocols() {
        return List.of();
    }

    @Override
    void greet() {
        socket.text(JavaScriptJson.text(spec.start()));
    }

    @Override
    void onMessage(Map<String, Object> message) {
        switch (TapMessages.type(message)) {
            case "transcription" -> onResult(message);
            case "error" ->
                socket.close(TapEnd.FAILED, message.get("error") instanceof String text ? shortened(text) : "error");
            default -> counters.messagesDropped.increment();
        }
    }

    private static String shortened(String text) {
        return text.length() > 200 ? text.substring(0, 200) : text;
    }

    private void onResult(Map<String, Object> message) {
        boolean isResult = message.get("alternatives") instanceof List<?> alternatives && !alternatives.isEmpty();
        if (!isResult || allowed < 1) {
            counters.messagesDropped.increment();
            return;
        }
        allowed--;
        counters.transcripts.increment();
        tellControl(new ControlEvent.Transcribed(number(), message));
    }

    @Override
    public void tick(long nowNs) {
        allowed = Math.min(MOST_AT_ONCE, allowed + (lastNs == 0 ? 0 : nowNs - lastNs) * RESULTS_PER_NS);
        lastNs = nowNs;
        if (!stopping) {
            super.tick(nowNs);
            return;
        }
        socket.tick(nowNs);
        stopNs = stopNs == 0 ? nowNs : stopNs;
        if (nowNs - stopNs > limits.farewell().toNanos()) {
            socket.close(TapEnd.DONE, "the server did not close");
        }
    }

    /** What was said last may still be recognised: the server closes. */
    @Override
    public void stop() {
        if (!isOpen()) {
            socket.close(TapEnd.DONE, "");
        } else if (!stopping) {
            stopping = true;
            socket.text("{\"type\":\"stop\"}");
        }
    }

    @Override
    public void onClosed(TapEnd why, String detail) {
        super.onClosed(stopping ? TapEnd.DONE : why, detail);
    }
}
