package io.hookswitch.systemtests.browser;

import io.hookswitch.systemtests.process.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium with one page, and JavaScript run in it. */
final class Chromium implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> OPTIONS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--autoplay-policy=no-user-gesture-required",
            "--allow-loopback-in-peer-connection",
            "--remote-debugging-port=0");

    private final JsonMapper json = new JsonMapper();
    private final Path profile;
    private final Child child;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final String page;

    /** Opens a page and waits until it is there. */
    Chromium(String url) {
        try {
            profile = Files.createTempDirectory("chromium");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new java.util.ArrayList<>(List.of(Child.program("chromium", "chromium")));
        command.addAll(OPTIONS);
        command.add("--user-data-dir=" + profile);
        command.add("about:blank");
        child = Child.start("chromium", command, Map.of("HOME", profile.toString()));
        String line = child.awaitLine("DevTools listening on ", PATIENCE);
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(line.substring(line.indexOf("ws://"))), new Listener())
                .join();
        String target = ask("Target.createTarget", Map.of("url", url), null)
                .path("targetId")
                .asString();
        page = ask("Target.attachToTarget", Map.of("targetId", target, "flatten", true), null)
                .path("sessionId")
                .asString();
        await("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /** Collects the parts of a message; answers go to whoever asked. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                JsonNode message = json.readTree(parts.toString());
                parts.setLength(0);
                CompletableFuture<JsonNode> asked =
                        message.has("id") ? waiting.remove(message.path("id").asInt()) : null;
                if (asked != null) {
                    asked.complete(message);
                }
            }
            from.request(1);
            return null;
        }
    }

    private JsonNode ask(String method, Map<String, Object> parameters, String session) {
        int number = numbers.incrementAndGet();
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", number);
        message.put("method", method);
        message.put("params", parameters);
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(number, answer);
        socket.sendText(json.writeValueAsString(message), true).join();
        try {
            JsonNode reply = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (reply.has("error")) {
                throw new AssertionError(method + ": " + reply.path("error"));
            }
            return reply.path("result");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(method + " was not answered", e);
        }
    }

    /** Runs JavaScript in the page; a promise is waited for. @return its value */
    JsonNode run(String script) {
        JsonNode result = ask(
                "Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true), page);
        if (result.has("exceptionDetails")) {
            throw new AssertionError(script + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** Waits until a JavaScript condition holds. */
    void await(String condition) {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        while (!run("Boolean(" + condition + ")").asBoolean()) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError("not in " + PATIENCE.toSeconds() + " s: " + condition);
            }
            Child.pause(20);
        }
    }

    @Override
    public void close() {
        socket.abort();
        client.close();
        child.close();
        try {
            Files.walkFileTree(profile, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("the browser's profile cannot be removed", e);
        }
    }
}
