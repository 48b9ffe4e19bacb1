package io.hookswitch.systemtests.hook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The application: answers hooks by script, writes down each request, checks each signature.
 *
 * <p>As a process: {@code HookServer --port 0 --secret S [--script FILE]}. The script is a JSON object: path to an
 * array of
 * {@code {status, contentType, body, delayMs}} (a body that is not text is sent as JSON); replies are used up in order,
 * the
 * last one stays. A path without a script answers an empty array. Control: {@code PUT /_script} adds to the script,
 * {@code GET /_record?from=N} gives the record, {@code POST /_reset} forgets both.
 */
public final class HookServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private final HttpServer http;
    private final String secret;
    private final Object monitor = new Object();
    private final Map<String, Deque<HookReply>> script = new HashMap<>();
    private final List<HookRequest> record = new ArrayList<>();
    private Consumer<HookRequest> watcher = _ -> {};

    /** Listens on 127.0.0.1; {@code port} 0 = any free one. */
    public HookServer(int port, String secret) throws IOException {
        this.secret = secret;
        http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 1024);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::onRequest);
        http.createContext("/_script", this::onScript);
        http.createContext("/_record", this::onRecord);
        http.createContext("/_reset", this::onReset);
        http.start();
    }

    /** @return the port it listens on. */
    public int port() {
        return http.getAddress().getPort();
    }

    /** Adds a reply for a path. */
    public void reply(String path, HookReply reply) {
        synchronized (monitor) {
            script.computeIfAbsent(path, _ -> new ArrayDeque<>()).add(reply);
        }
    }

    /** Forgets script and record. */
    public void forget() {
        synchronized (monitor) {
            script.clear();
            record.clear();
        }
    }

    /** Shows every request to somebody at once. */
    public void watch(Consumer<HookRequest> eye) {
        synchronized (monitor) {
            watcher = eye;
        }
    }

    /** @return what was asked so far. */
    public List<HookRequest> record() {
        synchronized (monitor) {
            return List.copyOf(record);
        }
    }

    private void onRequest(HttpExchange exchange) throws IOException {
        long nowNs = System.nanoTime();
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getRawPath();
        String query = exchange.getRequestURI().getRawQuery();
        String verdict = SignatureCheck.verdict(secret, headers.get(SignatureCheck.HEADER), method, body);
        HookReply reply;
        synchronized (monitor) {
            HookRequest request =
                    new HookRequest(nowNs, method, path, query == null ? "" : query, headers, body, verdict);
            record.add(request);
            watcher.accept(request);
            Deque<HookReply> replies = script.get(path);
            reply = replies == null ? HookReply.NOTHING : replies.size() > 1 ? replies.remove() : replies.element();
        }
        answer(exchange, reply);
    }

    private static void answer(HttpExchange exchange, HookReply reply) throws IOException {
        try (exchange) {
            Thread.sleep(reply.delayMs());
            if (reply.status() == 0) {
                return;
            }
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", reply.contentType());
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void onScript(HttpExchange exchange) throws IOException {
        read(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        answer(exchange, HookReply.NOTHING);
    }

    /** Adds what a script file says. */
    void read(String text) {
        for (Map.Entry<String, JsonNode> path : JSON.readTree(text).properties()) {
            for (JsonNode reply : path.getValue()) {
                JsonNode body = reply.path("body");
                reply(
                        path.getKey(),
                        new HookReply(
                                reply.path("status").asInt(200),
                                reply.path("contentType").asString("application/json"),
                                body.isString() || body.isMissingNode() ? body.asString("") : body.toString(),
                                reply.path("delayMs").asLong(0)));
            }
        }
    }

    private void onRecord(HttpExchange exchange) throws IOException {
        int from = Integer.parseInt(exchange.getRequestURI().getQuery().replace("from=", ""));
        List<HookRequest> all = record();
        List<HookRequest> tail = all.subList(Math.min(from, all.size()), all.size());
        answer(exchange, HookReply.verbs(JSON.writeValueAsString(tail)));
    }

    private void onReset(HttpExchange exchange) throws IOException {
        forget();
        answer(exchange, HookReply.NOTHING);
    }

    @Override
    public void close() {
        http.stop(0);
    }

    /** Runs until it is killed; the first line on standard output tells the port. */
    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        HookServer server = new HookServer(
                Integer.parseInt(options.getOrDefault("--port", "0")), options.getOrDefault("--secret", "secret"));
        if (options.containsKey("--script")) {
            server.read(Files.readString(Path.of(options.get("--script"))));
        }
        System.out.println("hook server listens on port " + server.port());
    }
}
