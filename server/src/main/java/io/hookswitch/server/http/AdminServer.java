package io.hookswitch.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers {@code /health}, {@code /metrics} and what it is told to serve; anything else is 404. */
public final class AdminServer implements AutoCloseable {
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Binds and answers from now on.
     *
     * @param counters names in snake case; {@code _total} at the end = a counter, else a gauge
     */
    public AdminServer(InetSocketAddress listen, Supplier<Map<String, Long>> counters) throws IOException {
        server = HttpServer.create(listen, BACKLOG);
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, 404, "text/plain", "not found\n"));
        exact("/health", "application/json", () -> "{\"status\":\"up\"}\n");
        exact("/metrics", "text/plain; version=0.0.4; charset=utf-8", () -> PrometheusText.of(counters.get()));
        server.start();
    }

    private void exact(String path, String type, Supplier<String> body) {
        server.createContext(path, exchange -> {
            if (!exchange.getRequestURI().getPath().equals(path)) {
                answer(exchange, 404, "text/plain", "not found\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                answer(exchange, 405, "text/plain", "GET only\n");
            } else {
                answer(exchange, 200, type, body.get());
            }
        });
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Answers everything below a path by somebody else. */
    public void serve(String path, HttpHandler handler) {
        server.createContext(path, handler);
    }

    /** @return where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
