package io.hookswitch.server.cli;

import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.verb.VerbDocument;
import io.hookswitch.control.verb.VerbParser;
import io.hookswitch.server.json.JavaScriptJson;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.simulate.FarEnds;
import io.hookswitch.server.simulate.FarEndsReader;
import io.hookswitch.server.simulate.Simulation;
import io.hookswitch.server.story.CallStory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a document of verbs against scripted far ends. */
@Command(
        name = "simulate",
        description = "Run a dial document against scripted far ends on a virtual clock, and tell what happened.",
        footer = "Exit code 0: it ran; 1: the document or the script has faults, each named by its path.",
        mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {
    private static final long MAX_BYTES = 1 << 20;

    @Parameters(paramLabel = "DIAL.JSON", description = "what the application answers: verbs, or one verb")
    private Path document;

    @Option(
            names = "--script",
            required = true,
            paramLabel = "FAR-ENDS.YAML",
            description = "who is there and what they do (docs/replay.md)")
    private Path script;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            Object verbs = verbs();
            FarEnds ends = FarEndsReader.read(text(script));
            if (VerbParser.parse(verbs) instanceof VerbDocument.Faulty(List<String> faults)) {
                faults.forEach(fault -> err.println(document + ": " + fault));
                return 1;
            }
            CallJournal call = Simulation.run(verbs, ends);
            CallStory.of(call).forEach(out::println);
            out.flush();
            return 0;
        } catch (SettingsException e) {
            e.faults().forEach(fault -> err.println(script + ": " + fault));
            return 1;
        } catch (JavaScriptJson.NotJson e) {
            err.println(document + ": not JSON: " + e.getMessage());
            return 1;
        } catch (IOException | IllegalStateException e) {
            err.println("hookswitch: " + e.getMessage());
            return 1;
        }
    }

    private Object verbs() throws IOException, JavaScriptJson.NotJson {
        Object json = JavaScriptJson.read(text(document).getBytes(StandardCharsets.UTF_8));
        return json instanceof Map<?, ?> ? List.of(json) : json;
    }

    private static String text(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        }
    }
}
