package io.hookswitch.engine.io;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Finds the descriptor of the io_uring that Netty opened and does not tell: the ones the process has now and did not
 * have before. Start-up only.
 */
final class RingDescriptors {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final String RING = "anon_inode:[io_uring]";

    private final TreeSet<Integer> before = now();

    /** @return rings opened since this object was made, by anybody in the process, in ascending order. */
    List<Integer> added() {
        TreeSet<Integer> added = now();
        added.removeAll(before);
        return new ArrayList<>(added);
    }

    private static TreeSet<Integer> now() {
        TreeSet<Integer> rings = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path entry : entries) {
                if (isRing(entry)) {
                    rings.add(Integer.parseInt(entry.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            // Without a /proc nothing is found, and the caller says so.
            return new TreeSet<>();
        }
        return rings;
    }

    private static boolean isRing(Path entry) {
        try {
            return Files.readSymbolicLink(entry).toString().equals(RING);
        } catch (IOException e) {
            // Closed between listing and reading: not ours.
            return false;
        }
    }
}
