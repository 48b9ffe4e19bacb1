package io.hookswitch.server;

import io.hookswitch.server.cli.ConfigCommand;
import io.hookswitch.server.cli.ExplainCommand;
import io.hookswitch.server.cli.ReplayCommand;
import io.hookswitch.server.cli.RunCommand;
import io.hookswitch.server.cli.SimulateCommand;
import io.hookswitch.server.cli.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line's entry. */
@Command(
        name = "hookswitch",
        description = "Answers SIP calls, asks your application, dials, moves the media.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            ConfigCommand.class,
            ReplayCommand.class,
            ExplainCommand.class,
            SimulateCommand.class
        })
public final class Launcher implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** @return the exit code: 0 = done, 1 = it could not, 2 = wrong usage. */
    public static int execute(String... args) {
        return new CommandLine(new Launcher()).execute(args);
    }

    /** Runs a command and exits with its code. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }
}
