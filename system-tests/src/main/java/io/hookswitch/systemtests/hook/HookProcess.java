package io.hookswitch.systemtests.hook;

import io.hookswitch.systemtests.process.Child;
import io.hookswitch.systemtests.process.Http;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A {@link HookServer} in a process of its own, as a customer's application is. One thread, the test's. */
public final class HookProcess implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private final List<HookRequest> record = new ArrayList<>();
    private final String secret;
    private final int port;
    private Child child;

    /** Starts it on a free port. */
    public HookProcess(String secret) {
        this.secret = secret;
        this.port = start(0);
    }

    private int start(int wantedPort) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        child = Child.start(
                "hook-server",
                List.of(
                        java.toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HookServer.class.getName(),
                        "--port",
                        Integer.toString(wantedPort),
                        "--secret",
                        secret),
                Map.of());
        String line = child.awaitLine("hook server listens on port ", PATIENCE);
        return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** @return the port it listens on. */
    public int port() {
        return port;
    }

    /** @return the URL of a path. */
    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** Adds a reply for a path; replies are used up in order, the last one stays. */
    public HookProcess reply(String path, HookReply reply) {
        ask("PUT", "/_script", JSON.writeValueAsString(Map.of(path, List.of(reply))));
        return this;
    }

    /** Forgets script and record. */
    public void reset() {
        ask("POST", "/_reset", "");
        record.clear();
    }

    /** @return what was asked so far. */
    public List<HookRequest> record() {
        String more = ask("GET", "/_record?from=" + record.size(), "");
        record.addAll(JSON.readValue(more, new TypeReference<List<HookRequest>>() {}));
        return List.copyOf(record);
    }

    /** @return what a path was asked so far. */
    public List<HookRequest> record(String path) {
        return record().stream().filter(request -> request.path().equals(path)).toList();
    }

    /** Waits for a request. */
    public HookRequest await(String path, Predicate<HookRequest> wanted) {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            for (HookRequest request : record()) {
                if (request.path().equals(path) && wanted.test(request)) {
                    return request;
                }
            }
            if (System.nanoTime() > endNs) {
                StringBuilder seen = new StringBuilder();
                record.forEach(request -> seen.append(request.summary()).append('\n'));
                throw new AssertionError("no such request to " + path + " came; these did:\n" + seen);
            }
            Child.pause(20);
        }
    }

    /** Waits for the first request to a path. */
    public HookRequest await(String path) {
        return await(path, _ -> true);
    }

    private String ask(String method, String path, String body) {
        return Http.ask(method, url(path), Map.of(), body).body();
    }

    /** Kills the process as a crash would. */
    public void kill() {
        child.kill();
    }

    /** Starts it again on the same port, with neither script nor record. */
    public void restart() {
        record.clear();
        start(port);
    }

    @Override
    public void close() {
        child.close();
    }
}
