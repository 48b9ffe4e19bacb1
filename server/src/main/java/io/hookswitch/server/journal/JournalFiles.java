package io.hookswitch.server.journal;

import io.hookswitch.control.journal.JournalEncoder;
import io.hookswitch.control.journal.JournalHeader;
import io.hookswitch.control.journal.JournalLayout;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of one run, one behind the other, and the room that all files of the directory may take. Only the owner may
 * read them. The thread {@code journal}.
 */
public final class JournalFiles {
    /** Files of a full directory: one more or less is an eighth of what is kept. */
    private static final int FILES = 8;

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path directory;
    private final JournalHeader header;
    private final long maxBytes;
    private final JournalEncoder encoder = new JournalEncoder();
    private OutputStream out;
    private long fileBytes;
    private int ordinal;

    /**
     * Makes the directory, readable by its owner only.
     *
     * @param maxBytes that all files of the directory may take together
     */
    public JournalFiles(Path directory, JournalHeader header, long maxBytes) throws IOException {
        this.directory = directory;
        this.header = header;
        this.maxBytes = maxBytes;
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Appends a frame. */
    void append(byte[] bytes, int lengthBytes) throws IOException {
        if (out == null || fileBytes >= maxBytes / FILES) {
            next();
        }
        try {
            out.write(bytes, 0, lengthBytes);
        } catch (IOException e) {
            giveUp(e);
            throw e;
        }
        fileBytes += lengthBytes;
    }

    /** A half-written frame must be the last of its file. */
    private void giveUp(IOException failure) {
        try {
            out.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        out = null;
    }

    private void next() throws IOException {
        close();
        makeRoom();
        Path file = directory.resolve("%s-%04d%s".formatted(header.run(), ++ordinal, JournalLayout.FILE_SUFFIX));
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND), BUFFER_BYTES);
        fileBytes = 0;
        int lengthBytes = encoder.header(header);
        append(encoder.buffer().byteArray(), lengthBytes);
    }

    /** Removes the oldest files until there is room for one more. */
    private void makeRoom() throws IOException {
        List<Path> oldest = inOrder(directory);
        long total = 0;
        List<Long> sizes = new ArrayList<>();
        for (Path file : oldest) {
            long size = size(file);
            sizes.add(size);
            total += size;
        }
        for (int i = 0; i < oldest.size() && total > maxBytes - maxBytes / FILES; i++) {
            Files.deleteIfExists(oldest.get(i));
            total -= sizes.get(i);
        }
    }

    /** Another process of the same directory may be faster. */
    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** @return the files of a directory, oldest first, those of a run in the order in which they were written. */
    static List<Path> inOrder(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(JournalLayout.FILE_SUFFIX))
                    .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                    .toList();
        }
    }

    /** Hands what is buffered to the system. */
    void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    void close() throws IOException {
        if (out != null) {
            out.close();
            out = null;
        }
    }
}
