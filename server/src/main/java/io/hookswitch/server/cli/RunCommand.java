package io.hookswitch.server.cli;

import ch.qos.logback.classic.LoggerContext;
import io.hookswitch.rtp.codec.OpusLibrary;
import io.hookswitch.server.node.Hookswitch;
import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.settings.SipSettings.Transport;
import io.hookswitch.server.starter.StarterApplication;
import io.hookswitch.server.starter.StarterSettings;
import io.hookswitch.server.timeline.TimelineEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the server until it is told to stop. */
@Command(name = "run", description = "Run the server.", mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    private static final List<String> STARTER_USERS = List.of("alice", "bob");

    @Option(names = "--config", paramLabel = "FILE", description = "settings (docs/configuration.md); none = a default")
    private Path file;

    @Option(names = "--trace", description = "print what happens: SIP, hooks, decisions, media")
    private boolean isTracing;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (StarterApplication starter = file == null ? new StarterApplication(STARTER_USERS) : null) {
            Settings settings = starter == null ? SettingsReader.read(file) : StarterSettings.read(starter.port());
            Consumer<TimelineEntry> listener = isTracing ? entry -> print(out, entry) : null;
            Hookswitch node = Hookswitch.start(settings, listener);
            stopOnSignal(node, starter);
            describe(out, node, settings);
            new CountDownLatch(1).await();
            return 0;
        } catch (SettingsException e) {
            e.faults().forEach(fault -> spec.commandLine().getErr().println(fault));
            return 1;
        } catch (IOException e) {
            spec.commandLine().getErr().println("hookswitch: " + e.getMessage());
            return 1;
        }
    }

    /** SIGTERM and SIGINT are how a server is stopped: that it did so in order is a success, exit code 0. */
    private static void stopOnSignal(Hookswitch node, StarterApplication starter) {
        Thread stopper = new Thread(
                () -> {
                    node.close();
                    if (starter != null) {
                        starter.close();
                    }
                    System.out.flush();
                    // What is still queued for the log is written.
                    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logs) {
                        logs.stop();
                    }
                    Runtime.getRuntime().halt(0);
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(stopper);
    }

    private static void print(PrintWriter out, TimelineEntry entry) {
        long atMs = TimeUnit.NANOSECONDS.toMillis(entry.atNs());
        out.printf("%8d.%03d  %-8s %s%n", atMs / 1000, atMs % 1000, entry.kind(), entry.text());
        out.flush();
    }

    private void describe(PrintWriter out, Hookswitch node, Settings settings) throws IOException {
        out.println("hookswitch " + Version.text());
        out.println("  SIP          " + String.join(", ", node.sipAddresses()));
        out.println("  media        " + settings.media().address().getHostAddress() + ", ports "
                + settings.media().firstPort() + "-" + settings.media().lastPort() + ", " + node.transport());
        out.println("  Opus         " + opus());
        out.println("  speech       " + node.speech());
        node.http()
                .ifPresent(http -> out.println("  HTTP         http://"
                        + Addresses.text(http.getAddress(), http.getPort()) + "/metrics and /health"));
        settings.journal()
                .dir()
                .ifPresent(dir -> out.println("  journal      " + dir + ", read by ./hookswitch explain CALL_SID"));
        for (AccountSettings account : settings.accounts()) {
            for (AccountSettings.Application application : account.applications()) {
                out.println("  application  " + account.name() + "/" + application.name() + " asks "
                        + application.callHook().method() + " "
                        + application.callHook().url());
            }
        }
        if (file == null) {
            howToCall(out, node, settings.accounts().getFirst());
        }
        long sinceStartMs = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        out.println("ready, " + sinceStartMs + " ms after the JVM's start");
        out.flush();
    }

    private static String opus() {
        return OpusLibrary.found() == OpusLibrary.LIBOPUS
                ? "libopus"
                : "in Java, at several times the cost: install libopus (Debian: libopus0)";
    }

    private static void howToCall(PrintWriter out, Hookswitch node, AccountSettings account) {
        String server = node.sipAddresses().stream()
                .filter(address -> address.startsWith(Transport.UDP.wireName() + ":"))
                .findFirst()
                .orElseThrow()
                .substring(Transport.UDP.wireName().length() + 1);
        out.println();
        out.println("  Register a softphone on this machine, then call:");
        for (AccountSettings.User user : account.users()) {
            out.println(
                    "    user " + user.name() + "   password " + user.password().value() + "   domain "
                            + account.sipRealm() + "   proxy " + server + " (UDP or TCP)");
        }
        out.println("    a call to alice or bob rings that user; a call to anything else is answered, 30 s of silence");
        out.println("    your own application: ./hookswitch run --config FILE, see docs/configuration.md");
        out.println();
    }
}
