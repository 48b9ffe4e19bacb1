package io.hookswitch.server.journal;

import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.JournalDecoder;
import io.hookswitch.control.journal.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads journals back from the disk. */
public final class JournalReader {
    /** No file that was written is larger. */
    private static final long MAX_FILE_BYTES = 1L << 30;

    private JournalReader() {}

    /**
     * Reads a file, or all files of a directory.
     *
     * @return the calls in the order of their first events
     * @throws IOException that names the file
     */
    public static List<CallJournal> read(Path fileOrDirectory) throws IOException {
        if (Files.notExists(fileOrDirectory)) {
            throw new IOException("there is no " + fileOrDirectory);
        }
        List<Path> files =
                Files.isDirectory(fileOrDirectory) ? JournalFiles.inOrder(fileOrDirectory) : List.of(fileOrDirectory);
        JournalDecoder decoder = new JournalDecoder();
        for (Path file : files) {
            try {
                if (Files.size(file) > MAX_FILE_BYTES) {
                    throw new IOException(file + " is larger than a journal's file can be");
                }
                decoder.read(Files.readAllBytes(file));
            } catch (NoSuchFileException e) {
                // Removed meanwhile, to make room.
                continue;
            } catch (JournalException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
        return decoder.calls();
    }
}
