package io.hookswitch.server.cli;

import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a configuration file and lists every fault in it. */
@Command(
        name = "config",
        description = "Work with configuration files.",
        mixinStandardHelpOptions = true,
        subcommands = ConfigCommand.Check.class)
public final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** {@code config check FILE}. */
    @Command(
            name = "check",
            description = "Read a configuration file and list every fault in it. Exit code 0: none, 1: some.",
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "the YAML file")
        private Path file;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            try {
                Settings settings = SettingsReader.read(file);
                out.println(file + ": no fault");
                out.println(summary(settings));
                return 0;
            } catch (SettingsException e) {
                e.faults().forEach(fault -> out.println(fault));
                out.println(file + ": " + e.faults().size() + (e.faults().size() == 1 ? " fault" : " faults"));
                return 1;
            }
        }

        private static String summary(Settings settings) {
            StringBuilder text =
                    new StringBuilder("  listens on ").append(settings.sip().listen());
            for (AccountSettings account : settings.accounts()) {
                text.append("\n  account ")
                        .append(account.name())
                        .append(": ")
                        .append(account.applications().size())
                        .append(" applications, ")
                        .append(account.users().size())
                        .append(" users, ")
                        .append(account.carriers().size())
                        .append(" carriers, ")
                        .append(account.numbers().size())
                        .append(" numbers");
            }
            return text.toString();
        }
    }
}
