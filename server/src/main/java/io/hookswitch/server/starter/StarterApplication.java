package io.hookswitch.server.starter;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hookswitch.server.json.JavaScriptJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The application of the embedded default: a real HTTP server on loopback that is asked like any customer's. A call to
 * a user
 * rings that user; a call to anything else is answered and stays silent for half a minute.
 */
public final class StarterApplication implements AutoCloseable {
    private static final int SILENCE_S = 30;
    private static final int RING_S = 30;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> users;

    /**
     * Listens on a free loopback port.
     *
     * @param users names that can be called
     */
    public StarterApplication(List<String> users) throws IOException {
        this.users = List.copyOf(users);
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setExecutor(threads);
        server.createContext("/call", exchange -> answer(exchange, call(payload(exchange))));
        server.createContext("/dialled", exchange -> answer(exchange, dialled(payload(exchange))));
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(404, -1);
            }
        });
        server.start();
    }

    /** @return the port to call. */
    public int port() {
        return server.getAddress().getPort();
    }

    private List<Map<String, Object>> call(Map<?, ?> payload) {
        String to = String.valueOf(payload.get("to"));
        if (users.contains(to)) {
            return List.of(Map.of(
                    "verb",
                    "dial",
                    "answerOnBridge",
                    true,
                    "timeout",
                    RING_S,
                    "actionHook",
                    "/dialled",
                    "target",
                    List.of(Map.of("type", "user", "name", to))));
        }
        return List.of(
                Map.of("verb", "answer"), Map.of("verb", "pause", "length", SILENCE_S), Map.of("verb", "hangup"));
    }

    /** The caller is told what became of the other side; after a conversation there is nothing left to do. */
    private static List<Map<String, Object>> dialled(Map<?, ?> payload) {
        if ("completed".equals(payload.get("dial_call_status"))) {
            return List.of(Map.of("verb", "hangup"));
        }
        Object status = payload.get("dial_sip_status");
        boolean isFinal = status instanceof Number number && number.intValue() >= 400 && number.intValue() < 700;
        return List.of(Map.of("verb", "sip:decline", "status", isFinal ? ((Number) status).intValue() : 480));
    }

    private static Map<?, ?> payload(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(JavaScriptJson.MAX_BYTES);
        try {
            return JavaScriptJson.read(body) instanceof Map<?, ?> map ? map : Map.of();
        } catch (JavaScriptJson.NotJson e) {
            return Map.of();
        }
    }

    private static void answer(HttpExchange exchange, List<Map<String, Object>> verbs) throws IOException {
        try (exchange) {
            byte[] body = JavaScriptJson.write(verbs);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
