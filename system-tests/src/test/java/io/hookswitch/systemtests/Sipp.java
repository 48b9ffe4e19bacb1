package io.hookswitch.systemtests;

import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.process.Child;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One SIPp with a scenario of ours: it plays its part by the book, fails when the engine does not, and keeps a trace.
 */
final class Sipp implements AutoCloseable {
    private static final Pattern HEAD = Pattern.compile(
            "(?m)^-{20,} (\\d{4}-\\d\\d-\\d\\d)[ T\\t]+([\\d:.]+)\\s*\\R(?:UDP|TCP) message (sent|received) .*\\R\\R");
    private static final LocalDateTime ORIGIN = LocalDateTime.of(2020, 1, 1, 0, 0);

    private final String name;
    private final Path directory;
    private final InetSocketAddress local;
    private final Child child;

    /**
     * One message of the trace.
     *
     * @param micros of the machine's clock: comparable between SIPps
     */
    record Traced(long micros, boolean sent, SipMessage message) {
        boolean isRequest(String method) {
            return message.isRequest() && message.method().equals(method);
        }

        boolean isResponse(int status, String method) {
            return message.status() == status && message.cseqMethod().equals(method);
        }
    }

    private Sipp(String name, String scenario, String address, int port, List<String> more) {
        this.name = name;
        try {
            directory = Files.createTempDirectory("sipp-" + name);
            Path file = directory.resolve(scenario + ".xml");
            List<String> options = new ArrayList<>(more);
            Files.writeString(file, filledIn(scenario, options));
            local = new InetSocketAddress(InetAddress.getByName(address), port);
            List<String> command = new ArrayList<>(List.of(
                    Child.program("sipp", "sip-tester"),
                    "-sf",
                    file.toString(),
                    "-i",
                    address,
                    "-p",
                    Integer.toString(port),
                    "-m",
                    "1",
                    "-nostdin",
                    "-trace_msg",
                    "-message_file",
                    directory.resolve("messages").toString(),
                    "-trace_err",
                    "-error_file",
                    directory.resolve("errors").toString(),
                    "-timeout",
                    "40s",
                    "-timeout_error"));
            command.addAll(options);
            child = Child.start(name, command, Map.of("TERM", "dumb"), directory.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes {@code name=value} options out and puts the values where the scenario says {@code {name}}. */
    private static String filledIn(String scenario, List<String> options) throws IOException {
        String text;
        try (InputStream in = Sipp.class.getResourceAsStream("/sipp/" + scenario + ".xml")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (String option : List.copyOf(options)) {
            String[] pair = option.split("=", 2);
            if (pair.length == 2 && text.contains("{" + pair[0] + "}")) {
                text = text.replace("{" + pair[0] + "}", pair[1]);
                options.remove(option);
            }
        }
        return text;
    }

    /** Starts a target that waits for one call. */
    static Sipp target(String name, String scenario, int port, String... more) {
        Sipp target = new Sipp(name, scenario, "127.0.0.1", port, List.of(more));
        // SIPp says nothing when it listens; its socket does.
        long endNs = System.nanoTime() + 5_000_000_000L;
        while (!isBound(port) && System.nanoTime() < endNs) {
            Child.pause(5);
        }
        return target;
    }

    private static boolean isBound(int port) {
        String hex = ":%04X ".formatted(port);
        try {
            return Files.readString(Path.of("/proc/net/udp")).contains(hex);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a carrier that calls a number. */
    static Sipp carrier(String scenario, InetSocketAddress engine, int port, String number, String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        options.addAll(List.of("-s", number, engine.getAddress().getHostAddress() + ":" + engine.getPort()));
        return new Sipp("carrier", scenario, "127.0.0.1", port, options);
    }

    /** @return a SIP URI that leads to it. */
    String uri() {
        return "sip:" + name + "@" + local.getAddress().getHostAddress() + ":" + local.getPort();
    }

    /** Waits until the scenario is over and fails when it was not followed. */
    Sipp awaitSuccess() {
        int exit = child.awaitEnd(Duration.ofSeconds(45));
        if (exit != 0) {
            throw new AssertionError(
                    "SIPp " + name + " ended with " + exit + ": " + read("errors") + "\nits trace:\n" + describe());
        }
        return this;
    }

    /** @return its messages in order, repeats left out. */
    List<Traced> trace() {
        List<Traced> trace = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        String text = read("messages");
        Matcher head = HEAD.matcher(text);
        List<int[]> ends = new ArrayList<>();
        while (head.find()) {
            ends.add(new int[] {head.start(), head.end()});
        }
        for (int i = 0; i < ends.size(); i++) {
            int end = i + 1 < ends.size() ? ends.get(i + 1)[0] : text.length();
            head.find(ends.get(i)[0]);
            SipMessage message = SipMessage.of(text.substring(head.end(), end));
            if (message != null) {
                String identity = message.startLine() + message.branch() + message.cseqMethod() + message.toTag();
                if (!seen.contains(identity)) {
                    seen.add(identity);
                    trace.add(new Traced(
                            micros(head.group(1) + "T" + head.group(2)),
                            head.group(3).equals("sent"),
                            message));
                }
            }
        }
        return trace;
    }

    private static long micros(String time) {
        return ORIGIN.until(LocalDateTime.parse(time), ChronoUnit.MICROS);
    }

    /** @return the first message that fits; fails when none does. */
    Traced first(Predicate<Traced> wanted) {
        return trace().stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " has no such message; its trace:\n" + describe()));
    }

    /** @return how many messages fit. */
    long count(Predicate<Traced> wanted) {
        return trace().stream().filter(wanted).count();
    }

    /** @return its trace, a line a message. */
    String describe() {
        StringBuilder text = new StringBuilder();
        for (Traced traced : trace()) {
            text.append(traced.micros()).append(traced.sent() ? " -> " : " <- ");
            text.append(traced.message().startLine()).append('\n');
        }
        return text.toString();
    }

    private String read(String file) {
        try {
            Path path = directory.resolve(file);
            return Files.exists(path) ? Files.readString(path, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        child.close();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
