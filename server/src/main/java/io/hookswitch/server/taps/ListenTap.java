package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.server.json.JavaScriptJson;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A server that listens (media-sockets.md 1). Thread {@code taps}. */
final class ListenTap extends Tap {
    /** Longest first frame. */
    private static final int MAX_GREETING = 64 << 10;

    private static final List<String> SUBPROTOCOLS = List.of("audio.jambonz.org", "audio.drachtio.org");

    private final TapSpec.Listener spec;
    private final String greeting;

    ListenTap(
            StartTap start,
            TapSpec.Listener spec,
            TapLimits limits,
            TapCounters counters,
            Consumer<ControlEvent> heard) {
        super(start.tap(), new TapMix(start.leg(), spec.mix(), spec.sampleRate()), limits, counters, heard);
        this.spec = spec;
        greeting = JavaScriptJson.text(spec.greeting());
    }

    @Override
    String url() {
        if (greeting.getBytes(StandardCharsets.UTF_8).length > MAX_GREETING) {
            throw new IllegalStateException("metadata of more than " + MAX_GREETING + " bytes");
        }
        return spec.url();
    }

    @Override
    HttpHeaders headers() {
        HttpHeaders headers = new DefaultHttpHeaders();
        if (spec.username() != null) {
            String pair = spec.username() + ":" + spec.password();
            headers.set(
                    HttpHeaderNames.AUTHORIZATION,
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return headers;
    }

    @Override
    List<String> subprotocols() {
        return SUBPROTOCOLS;
    }

    @Override
    void greet() {
        socket.text(greeting);
    }

    @Override
    long maxLengthNs() {
        return spec.maxLengthNs();
    }

    @Override
    public void tell(Map<String, Object> message) {
        socket.text(JavaScriptJson.text(message));
    }

    @Override
    void onMessage(Map<String, Object> message) {
        switch (TapMessages.type(message)) {
            case "disconnect" -> socket.close(TapEnd.CLOSED, "the server asked to be let go");
            case "error" -> socket.close(TapEnd.CLOSED, "the server reported an error");
            // Nothing is ever waiting to be played: a mark is reached at once.
            case "mark" -> {
                if (message.get("data") instanceof Map<?, ?> mark && mark.get("name") instanceof String name) {
                    Map<String, Object> reached = Map.of("name", name, "event", "playout");
                    socket.text(JavaScriptJson.text(Map.of("type", "mark", "data", reached)));
                }
            }
            default -> counters.messagesDropped.increment();
        }
    }

    @Override
    public void stop() {
        socket.close(TapEnd.DONE, "");
    }
}
