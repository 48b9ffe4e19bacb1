package io.hookswitch.systemtests.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that we started: its lines, its end. Ends with this JVM at the latest. */
public final class Child implements AutoCloseable {
    private final String name;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread endWithUs;

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        this.endWithUs = Thread.ofPlatform().unstarted(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(endWithUs);
    }

    /** Starts a program in the working directory. */
    public static Child start(String name, List<String> command, Map<String, String> environment) {
        return start(name, command, environment, new File("."));
    }

    /** Starts a program in a directory. */
    public static Child start(String name, List<String> command, Map<String, String> environment, File directory) {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).directory(directory);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            Child child = new Child(name, process);
            Thread.ofVirtual().name("output-of-" + name).start(child::copy);
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not start: " + String.join(" ", command), e);
        }
    }

    /**
     * Finds a program that the tests need.
     *
     * @throws AssertionError with a line that says what to install
     */
    public static String program(String program, String debianPackage) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
            Path path = Path.of(directory, program);
            if (Files.isExecutable(path)) {
                return path.toString();
            }
        }
        throw new AssertionError("the program " + program + " is missing: install the package " + debianPackage
                + " (Debian: apt install " + debianPackage + "), or run ./hookswitch test as root");
    }

    private void copy() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException e) {
            // The pipe breaks when the program is killed; what it said until then stays.
            synchronized (lines) {
                lines.add("(output ended: " + e.getMessage() + ")");
            }
        }
    }

    /** @return process number. */
    public long pid() {
        return process.pid();
    }

    /** @return whether it still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** @return what it printed so far. */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Waits for a line that contains a text. */
    public String awaitLine(String part, Duration patience) {
        long endNs = System.nanoTime() + patience.toNanos();
        synchronized (lines) {
            while (true) {
                for (String line : lines) {
                    if (line.contains(part)) {
                        return line;
                    }
                }
                long leftMs = (endNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0 || !process.isAlive()) {
                    throw new AssertionError(
                            name + (process.isAlive() ? " did not print '" : " ended before it printed '") + part
                                    + "'; it printed:\n" + String.join("\n", lines));
                }
                waitForLine(Math.min(leftMs, 100));
            }
        }
    }

    private void waitForLine(long ms) {
        try {
            lines.wait(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits for its end. @return exit code. */
    public int awaitEnd(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " did not end in " + patience.toSeconds() + " s; it printed:\n"
                        + String.join("\n", lines()));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Sleeps; for things outside that tell nobody when they are ready. */
    public static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Kills it as a crash would. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(Duration.ofSeconds(5));
    }

    /** Asks it to end, and insists. @return exit code. */
    public int stop(Duration patience) {
        process.destroy();
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        stop(Duration.ofSeconds(5));
        Runtime.getRuntime().removeShutdownHook(endWithUs);
    }
}
