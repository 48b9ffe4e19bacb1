package io.hookswitch.server.cli;

import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.server.journal.JournalReader;
import io.hookswitch.server.settings.JournalSettings;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.story.CallStory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells a call in words from its journal. */
@Command(
        name = "explain",
        description = "Tell a call in words from its journal: who was rung when, why each branch lost, which timer"
                + " expired, what each hook said and how long it took.",
        footer = "Exit code 0: told; 1: no such call, or the journal cannot be read.",
        mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "CALL",
            description = "call_sid or Call-ID of any leg of the call; or a file of a journal: every call in it")
    private String call;

    @Option(names = "--journal", paramLabel = "DIR", description = "where the journal is; none = as the settings say")
    private Path journal;

    @Option(names = "--config", paramLabel = "FILE", description = "settings that name the journal; none = the default")
    private Path config;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            List<CallJournal> calls = isFile() ? JournalReader.read(Path.of(call)) : named(call);
            for (CallJournal each : calls) {
                CallStory.of(each).forEach(out::println);
            }
            out.flush();
            return 0;
        } catch (SettingsException e) {
            e.faults().forEach(fault -> spec.commandLine().getErr().println(fault));
            return 1;
        } catch (IOException e) {
            spec.commandLine().getErr().println("hookswitch: " + e.getMessage());
            return 1;
        }
    }

    private boolean isFile() {
        try {
            return Files.isRegularFile(Path.of(call));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private List<CallJournal> named(String name) throws IOException, SettingsException {
        Path directory = directory();
        List<CallJournal> found = JournalReader.read(directory).stream()
                .filter(each -> CallStory.names(each).contains(name))
                .toList();
        if (found.isEmpty()) {
            throw new IOException("no call " + name + " in " + directory);
        }
        return found;
    }

    private Path directory() throws IOException, SettingsException {
        if (journal != null) {
            return journal;
        } else if (config == null) {
            return JournalSettings.stateDirectory(System.getenv(), System.getProperty("user.home"));
        }
        return SettingsReader.read(config)
                .journal()
                .dir()
                .orElseThrow(() -> new IOException(config + " says journal.dir: off"));
    }
}
