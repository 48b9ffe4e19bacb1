package io.hookswitch.systemtests.engine;

import io.hookswitch.systemtests.process.Child;
import io.hookswitch.systemtests.process.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The server in a process of its own, started with the command that a user types. One thread, the test's. */
public final class EngineProcess implements AutoCloseable {
    /** Ends the name of the empty file beside the journals of an engine that was started. */
    public static final String STARTED_SUFFIX = ".started";

    private static final Duration START = Duration.ofSeconds(30);
    private static final String READY = "ready, ";
    private final EngineConfig config;
    private final Path file;
    private final Child child;

    /** Starts it and waits for the line that says it is ready. */
    public EngineProcess(EngineConfig config) {
        this.config = config;
        try {
            file = Files.createTempFile("hookswitch", ".yaml");
            Files.writeString(file, config.yaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        child = hookswitch("engine", List.of("run", "--config", file.toString()));
        child.awaitLine(READY, START);
        markStarted();
    }

    /** Within a build, whoever looks at the journals afterwards knows which engines must have left some. */
    private void markStarted() {
        Path journals = config.journals();
        if (journals == null) {
            return;
        }
        try {
            Files.createDirectories(journals.getParent());
            Files.createFile(journals.resolveSibling(journals.getFileName() + STARTED_SUFFIX));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts {@code ./hookswitch} with some words, running the very classes that this JVM has. */
    public static Child hookswitch(String name, List<String> words) {
        Path home = home();
        List<String> command =
                new ArrayList<>(List.of(home.resolve("hookswitch").toString()));
        command.addAll(words);
        Map<String, String> environment = Map.of(
                "JAVA_HOME", System.getProperty("java.home"),
                "HOOKSWITCH_CLASS_PATH", System.getProperty("java.class.path"));
        return Child.start(name, command, environment, home.toFile());
    }

    /** The nearest directory upwards that holds the launcher. */
    private static Path home() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isExecutable(at.resolve("hookswitch"))) {
                return at;
            }
        }
        throw new IllegalStateException(
                "no launcher ./hookswitch in or above " + Path.of("").toAbsolutePath());
    }

    /** @return where SIP listens. */
    public InetSocketAddress sip() {
        return config.sip();
    }

    /** @return where SIP listens over WebSockets. */
    public String webSocketUrl() {
        return config.webSocketUrl();
    }

    /** @return what it printed. */
    public List<String> output() {
        return child.lines();
    }

    /** @return whether it still runs. */
    public boolean isAlive() {
        return child.isAlive();
    }

    /** @return its process number. */
    public long pid() {
        return child.pid();
    }

    /** @return the URL of a path of its HTTP server. */
    public String http(String path) {
        return "http://" + config.http().getAddress().getHostAddress() + ":"
                + config.http().getPort() + path;
    }

    /** @return value of each sample of its metrics, by name and labels as written. */
    public Map<String, Double> metrics() {
        String text = get(http("/metrics"));
        Map<String, Double> samples = new TreeMap<>();
        for (String line : text.split("\n")) {
            int space = line.lastIndexOf(' ');
            if (!line.startsWith("#") && space > 0) {
                samples.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
            }
        }
        return samples;
    }

    private static String get(String url) {
        Http.Reply reply = Http.ask("GET", url, Map.of(), "");
        if (reply.status() != 200) {
            throw new AssertionError(url + " answered " + reply.status());
        }
        return reply.body();
    }

    /** Stops it as a user does. @return its exit code. */
    public int stop() {
        return child.stop(Duration.ofSeconds(10));
    }

    @Override
    public void close() {
        child.close();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
