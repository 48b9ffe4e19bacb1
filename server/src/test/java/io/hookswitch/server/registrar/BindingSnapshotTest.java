package io.hookswitch.server.registrar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.server.registrar.BindingTable.Binding;
import io.hookswitch.server.registrar.BindingTable.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart finds again. */
class BindingSnapshotTest {
    private static final String ALICE = "alice@demo.test";
    private static final String PHONE = "sip:alice@10.0.0.1:5060;ob";
    private static final long START_MS = 1_800_000_000_000L;

    @TempDir
    Path directory;

    private final List<Throwable> errors = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - 5;
    private long wallMs = START_MS;

    @AfterEach
    void nothingUnexpected() {
        assertThat(errors).isEmpty();
    }

    private Path file() {
        return directory.resolve("contacts");
    }

    private BindingSnapshot open(BindingTable table) throws IOException {
        return new BindingSnapshot(
                file(), table, user -> user.endsWith("@demo.test"), () -> Instant.ofEpochMilli(wallMs), errors::add);
    }

    private BindingTable table() {
        return new BindingTable(() -> nowNs);
    }

    private static boolean register(BindingTable table, String user, String contact, String hop, long cseq) {
        return table.register(user, List.of(new Change(contact, 60)), hop, "call", cseq);
    }

    /** Another process: its clock of nanoseconds has nothing to do with the first one's. */
    private BindingTable restarted(long afterMs) throws IOException {
        wallMs += afterMs;
        nowNs = -17;
        BindingTable table = table();
        open(table).close();
        return table;
    }

    @Test
    void shouldReachUsersAsBeforeWhenRestarted() throws IOException {
        BindingTable table = table();
        try (BindingSnapshot _ = open(table)) {
            register(table, ALICE, PHONE, "udp:192.0.2.7:4711", 7);
            register(table, ALICE, "sip:alice@10.0.0.2", "udp:[2001:db8::1]:5060", 8);
        }
        BindingTable again = restarted(10_000);
        assertThat(again.bindings(ALICE))
                .extracting(Binding::uri, Binding::nextHop, each -> each.secondsLeft(nowNs))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(PHONE, "udp:192.0.2.7:4711", 50L),
                        org.assertj.core.groups.Tuple.tuple("sip:alice@10.0.0.2", "udp:[2001:db8::1]:5060", 50L));
        assertThat(register(again, ALICE, PHONE, "udp:192.0.2.7:4711", 7))
                .as("a REGISTER of before the restart, repeated")
                .isFalse();
        assertThat(register(again, ALICE, PHONE, "udp:192.0.2.7:4711", 9)).isTrue();
    }

    @Test
    void shouldForgetWhoCannotBeReachedAnyMore() throws IOException {
        BindingTable table = table();
        try (BindingSnapshot _ = open(table)) {
            register(table, "gone@other.test", PHONE, "udp:192.0.2.7:4711", 1);
            register(table, "bob@demo.test", PHONE, "tcp:192.0.2.7:4711", 1);
            register(table, ALICE, PHONE, "udp:192.0.2.7:4711", 1);
        }
        assertThat(restarted(59_999).all()).containsOnlyKeys(ALICE);
        assertThat(restarted(1).all()).isEmpty();
    }

    @Test
    void shouldWriteOnlyWhenSomethingHasChanged() throws IOException {
        BindingTable table = table();
        try (BindingSnapshot snapshot = open(table)) {
            register(table, ALICE, PHONE, "udp:192.0.2.7:4711", 1);
            snapshot.save();
            assertThat(Files.readAllLines(file())).hasSize(2);
            Files.writeString(file(), "a mark");
            snapshot.save();
            assertThat(file()).hasContent("a mark");
            table.removeAll(ALICE, "call", 2);
            snapshot.save();
            assertThat(Files.readAllLines(file())).hasSize(1);
        }
    }

    @Test
    void shouldKeepTheFileToItsOwner() throws IOException {
        open(table()).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void shouldLeaveAFileAloneThatIsNotOurs() throws IOException {
        Files.writeString(file(), "accounts: []\n");
        assertThatThrownBy(() -> open(table()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no file of contacts");
        assertThat(file()).hasContent("accounts: []");
    }

    @Test
    void shouldSkipLinesThatAreBroken() throws IOException {
        long until = START_MS + TimeUnit.MINUTES.toMillis(1);
        Files.writeString(
                file(),
                "hookswitch contacts 1\n\n" + ALICE + "\tx\t1\tc\tudp:192.0.2.7:1\tsip:x\n" + ALICE + "\t1\n" + ALICE
                        + "\t" + Long.MIN_VALUE + "\t1\tc\tudp:192.0.2.7:1\tsip:x\n" + ALICE + "\t" + until
                        + "\t1\tc\tudp:192.0.2.7:1\t" + PHONE + "\n");
        assertThat(restarted(0).bindings(ALICE)).extracting(Binding::uri).containsExactly(PHONE);
    }

    @Test
    void shouldSayAtTheStartWhenTheFileCannotBeWritten() {
        directory = directory.resolve("missing");
        assertThatThrownBy(() -> open(table())).isInstanceOf(IOException.class).hasMessageContaining("missing");
    }
}
