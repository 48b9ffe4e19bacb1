package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.CallJournal.Ending;
import io.hookswitch.control.journal.JournalLayout;
import io.hookswitch.control.journal.Replay;
import io.hookswitch.server.journal.JournalReader;
import io.hookswitch.server.story.CallStory;
import io.hookswitch.systemtests.engine.EngineProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Runs behind all other tests of the module, in an execution of its own: every call that their engines journaled is
 * decided on again, and every command must be the same, byte for byte.
 */
class JournalsReplayTest {
    private static final Path STATE = Path.of(System.getProperty("hookswitch.test.state", "target/state"));

    private static List<Path> directories() throws IOException {
        TreeSet<Path> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(STATE)) {
            files.filter(file -> file.getFileName().toString().endsWith(JournalLayout.FILE_SUFFIX))
                    .forEach(file -> found.add(file.getParent()));
        }
        return List.copyOf(found);
    }

    /** Engines of this build that did not journal: one that does makes its directory even when nobody calls. */
    private static List<String> silent() throws IOException {
        List<String> silent = new ArrayList<>();
        try (Stream<Path> files = Files.list(STATE)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(EngineProcess.STARTED_SUFFIX)) {
                    String engine = name.substring(0, name.length() - EngineProcess.STARTED_SUFFIX.length());
                    if (!Files.isDirectory(STATE.resolve(engine))) {
                        silent.add(engine);
                    }
                }
            }
        }
        return silent;
    }

    @Test
    void shouldFindThatItJournaledWhenAnEngineWasStarted() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(STATE), "no engine ran");
        assertThat(silent()).as("engines that were started without a journal").isEmpty();
    }

    @Test // design section 6: every call of the whole run
    void shouldRepeatEveryCommandWhenEveryCallOfTheRunIsReplayed() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(STATE), "no engine ran");
        int calls = 0;
        int whole = 0;
        long events = 0;
        long commands = 0;
        List<String> wrong = new ArrayList<>();
        for (Path directory : directories()) {
            for (CallJournal call : JournalReader.read(directory)) {
                calls++;
                switch (call.ending()) {
                    case Ending.Whole() -> whole++;
                    // A process that a test killed leaves calls without an end: they are replayed as far as they went.
                    case Ending.Open() -> {}
                    case Ending.Cut(String reason) -> wrong.add(directory + " has a call that is not whole: " + reason);
                }
                switch (Replay.of(call)) {
                    case Replay.Result.Same same -> {
                        events += same.events();
                        commands += same.commands();
                    }
                    case Replay.Result.Different different -> wrong.add(directory + ": " + different);
                }
                if (CallStory.of(call).size() < 3) {
                    wrong.add(directory + ": a call without a story: " + CallStory.of(call));
                }
            }
        }
        System.out.println("replayed " + calls + " calls, " + whole + " of them whole, " + events + " events, "
                + commands + " commands");
        assertThat(wrong)
                .as("of " + calls + " calls, " + wrong.size() + " differ")
                .isEmpty();
        removeThoseOfOlderBuilds();
    }

    private static void removeThoseOfOlderBuilds() throws IOException {
        try (Stream<Path> builds = Files.list(STATE.getParent())) {
            for (Path build : builds.filter(each -> each.compareTo(STATE) < 0).toList()) {
                try (Stream<Path> files = Files.walk(build)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        }
    }
}
