package io.hookswitch.server.registrar;

import io.hookswitch.server.registrar.BindingTable.Binding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.agrona.ErrorHandler;

/**
 * Keeps the contacts of users over a restart: one file, a line for each contact, written anew as a whole when something
 * has changed and moved into place, so that it is never half a file. Contacts over TCP are not kept: their connection
 * ends with the process. Has a virtual thread of its own.
 */
public final class BindingSnapshot implements AutoCloseable {
    /** How much a crash may forget. */
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final String HEAD = "hookswitch contacts 1";
    private static final String FIELD = "\t";
    private static final int FIELDS = 6;
    /** Far more than a table of users has; a larger file is not ours. */
    private static final long FILE_MAX_BYTES = 256L << 20;

    private final Path file;
    private final BindingTable table;
    private final InstantSource wall;
    private final ErrorHandler errors;
    private final Thread writer;
    private long written;

    /**
     * @param file is read now and written from now on; its directory exists
     * @param isKnown whether an address-of-record is still a user's
     * @param errors hears of a file that cannot be written
     * @throws IOException when the file is there and cannot be read, or is not one of ours
     */
    public BindingSnapshot(
            Path file, BindingTable table, Predicate<String> isKnown, InstantSource wall, ErrorHandler errors)
            throws IOException {
        this.file = file;
        this.table = table;
        this.wall = wall;
        this.errors = errors;
        restore(isKnown);
        // Also proves at the start that the place can be written, not in the night.
        save();
        writer = Thread.ofVirtual().name("contacts").start(this::run);
    }

    private void restore(Predicate<String> isKnown) throws IOException {
        List<String> lines;
        try {
            if (Files.size(file) > FILE_MAX_BYTES) {
                throw new IOException(file + " is no file of contacts: too large");
            }
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException _) {
            return;
        }
        if (lines.isEmpty() || !lines.getFirst().equals(HEAD)) {
            throw new IOException(file + " is no file of contacts: its first line is not \"" + HEAD + "\"");
        }
        long nowMs = wall.millis();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(FIELD, -1);
            if (fields.length == FIELDS && isKnown.test(fields[0])) {
                restore(fields, nowMs);
            }
        }
    }

    private void restore(String[] fields, long nowMs) {
        try {
            long leftMs = Math.subtractExact(Long.parseLong(fields[1]), nowMs);
            long cseq = Long.parseLong(fields[2]);
            table.restore(fields[0], leftMs, new Binding(fields[5], fields[4], fields[3], cseq, 0));
        } catch (NumberFormatException | ArithmeticException _) {
            // Not a line of ours. One contact less costs less than a server that does not start.
        }
    }

    private void run() {
        while (true) {
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException _) {
                return;
            }
            saveOrTell();
        }
    }

    private void saveOrTell() {
        try {
            save();
        } catch (IOException e) {
            errors.onError(e);
        }
    }

    /** Writes the file if a contact has come or gone since the last time. */
    synchronized void save() throws IOException {
        long changes = table.changes();
        if (written == changes && Files.exists(file)) {
            return;
        }
        List<String> lines = new ArrayList<>();
        lines.add(HEAD);
        long nowNs = table.nowNs();
        long nowMs = wall.millis();
        for (Map.Entry<String, List<Binding>> user : table.all().entrySet()) {
            for (Binding each : user.getValue()) {
                long expiresMs = nowMs + TimeUnit.NANOSECONDS.toMillis(each.expiresNs() - nowNs);
                String[] fields = {
                    user.getKey(),
                    Long.toString(expiresMs),
                    Long.toString(each.cseq()),
                    each.callId(),
                    each.nextHop(),
                    each.uri()
                };
                if (each.nextHop().startsWith("udp:") && Arrays.stream(fields).allMatch(BindingSnapshot::isOneField)) {
                    lines.add(String.join(FIELD, fields));
                }
            }
        }
        write(lines);
        written = changes;
    }

    private static boolean isOneField(String text) {
        return text.chars().allMatch(c -> c >= ' ');
    }

    /** Where users are is nobody else's business on this machine. */
    private void write(List<String> lines) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh);
        if (Files.getFileStore(fresh).supportsFileAttributeView("posix")) {
            Set<PosixFilePermission> owner =
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            Files.setPosixFilePermissions(fresh, owner);
        }
        Files.write(fresh, lines, StandardCharsets.UTF_8, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Writes what is left to write and ends its thread. */
    @Override
    public void close() {
        writer.interrupt();
        saveOrTell();
    }
}
