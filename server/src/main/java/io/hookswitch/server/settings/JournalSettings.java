package io.hookswitch.server.settings;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The journal of calls.
 *
 * @param dir where its files are, empty = nothing is journaled
 * @param isNamed the file names the directory: that it cannot be had is a fault of the start
 * @param maxMb all files together, in units of 2^20 bytes; the oldest are removed
 * @param callsPerSecond of more new calls in a second the rest is not journaled
 * @param keysOf names of accounts whose callers' keys may stand in it
 */
public record JournalSettings(Optional<Path> dir, boolean isNamed, int maxMb, int callsPerSecond, Set<String> keysOf) {
    /** Keeps its own copy. */
    public JournalSettings {
        keysOf = Set.copyOf(keysOf);
    }

    /**
     * The directory for programs' state (XDG base directories).
     *
     * @param environment of the process
     * @param home the user's home directory
     */
    public static Path stateDirectory(Map<String, String> environment, String home) {
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        Path base = state.isEmpty() ? Path.of(home, ".local", "state") : Path.of(state);
        return base.resolve("hookswitch").resolve("journal").toAbsolutePath();
    }
}
