package io.hookswitch.server.node;

import io.hookswitch.control.Directory;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.call.ControlSettings;
import io.hookswitch.control.journal.AskedDirectory;
import io.hookswitch.control.journal.JournalHeader;
import io.hookswitch.server.agent.Brain;
import io.hookswitch.server.build.Build;
import io.hookswitch.server.journal.JournalAgent;
import io.hookswitch.server.journal.JournalFiles;
import io.hookswitch.server.journal.JournaledBrain;
import io.hookswitch.server.settings.JournalSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.ErrorHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Control and, when there is one, the thread that journals it. Opened and closed by the node's starter. */
final class JournaledControl implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournaledControl.class);
    private static final long MB = 1L << 20;

    private final Brain brain;
    private final JournalAgent journal;
    private final StartedAgent thread;

    private JournaledControl(Brain brain, JournalAgent journal, StartedAgent thread) {
        this.brain = brain;
        this.journal = journal;
        this.thread = thread;
    }

    /**
     * Makes control and opens its journal. A directory that the settings name must be there or be made; without the
     * default one the node runs all the same, unjournaled, and the log says so.
     */
    static JournaledControl open(
            JournalSettings settings, ControlSettings control, Directory directory, ErrorHandler errors)
            throws IOException {
        JournalFiles files =
                settings.dir().isEmpty() ? null : files(settings, settings.dir().get(), control);
        if (files == null) {
            return new JournaledControl(new Control(control, directory)::on, null, null);
        }
        JournalAgent journal = new JournalAgent(files, settings.keysOf(), errors);
        AskedDirectory asked = AskedDirectory.of(directory);
        JournaledBrain brain =
                new JournaledBrain(new Control(control, asked.directory()), asked, journal, settings.callsPerSecond());
        StartedAgent thread = new StartedAgent(journal, errors);
        thread.await();
        return new JournaledControl(brain, journal, thread);
    }

    private static JournalFiles files(JournalSettings settings, Path dir, ControlSettings control) throws IOException {
        long nowEpochMs = System.currentTimeMillis();
        String run = "%d-%d-%04x"
                .formatted(
                        nowEpochMs,
                        ProcessHandle.current().pid(),
                        ThreadLocalRandom.current().nextInt(1 << 16));
        JournalHeader header = new JournalHeader(run, Build.version(), nowEpochMs, control);
        try {
            return new JournalFiles(dir, header, settings.maxMb() * MB);
        } catch (IOException e) {
            String text = "journal.dir " + dir + " cannot be made: " + e;
            if (settings.isNamed()) {
                throw new IOException(text, e);
            }
            LOG.warn("{}: calls are not journaled", text);
            return null;
        }
    }

    Brain brain() {
        return brain;
    }

    /** @return none without a journal. */
    Map<String, Long> counters() {
        return journal == null ? Map.of() : journal.counters();
    }

    /** Writes what control handed over; behind the control thread's end. */
    @Override
    public void close() {
        if (thread != null) {
            thread.close();
        }
    }
}
