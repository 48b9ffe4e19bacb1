package io.hookswitch.server.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.Directory;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.call.ControlSettings;
import io.hookswitch.control.journal.AskedDirectory;
import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.CallJournal.Ending;
import io.hookswitch.control.journal.JournalHeader;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.server.Launcher;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The journal between the control thread and the disk; the test is both threads. */
class JournalAgentTest {
    private static final ControlSettings SETTINGS = new ControlSettings("sp", "10.0.0.5:5060", "10.0.0.5", "", 0, 480);
    private static final long MB = 1 << 20;

    @TempDir
    private Path directory;

    private final List<Throwable> errors = new ArrayList<>();
    private final List<ControlCommand> out = new ArrayList<>();
    private JournalAgent agent;
    private JournaledBrain brain;
    private long nowNs;
    private int legs;

    private void open(long maxBytes, int callsPerSecond) throws IOException {
        open(maxBytes, callsPerSecond, Set.of());
    }

    private void open(long maxBytes, int callsPerSecond, Set<String> keysOf) throws IOException {
        JournalHeader header = new JournalHeader("run", "build", 0, SETTINGS);
        agent = new JournalAgent(new JournalFiles(directory, header, maxBytes), keysOf, errors::add);
        AskedDirectory asked = AskedDirectory.of(new TwoApplications());
        brain = new JournaledBrain(new Control(SETTINGS, asked.directory()), asked, agent, callsPerSecond);
    }

    private void on(ControlEvent event) {
        out.clear();
        brain.on(event, nowNs, nowNs + legs, ~nowNs, out);
    }

    private void offer(String to) {
        IncomingCall incoming = new IncomingCall(
                "a" + ++legs + "@far",
                "100",
                "",
                "far",
                to,
                "sip:x@y",
                "udp:127.0.0.1:5090",
                "udp:127.0.0.1:5060",
                new Origin.Carrier("demo", "trunk"),
                List.of(),
                "",
                "");
        on(new ControlEvent.Offered(LegHandle.of(0, 1, legs), incoming, true));
    }

    /** A call that is over with its first event. */
    private void refused() {
        offer("nobody");
    }

    /** A call that waits. @return the hook that it waits for */
    private long asking() {
        offer("somebody");
        return found(ControlCommand.CallHook.class).hook();
    }

    private int replay() {
        return replay(new StringWriter());
    }

    private int replay(StringWriter said) {
        return new CommandLine(new Launcher())
                .setOut(new PrintWriter(said, true))
                .execute("replay", directory.toString());
    }

    @Test
    void shouldReplayEveryCallWhenTheJournalIsReadBack() throws Exception {
        open(64 * MB, 1000);
        long hook = asking();
        for (int i = 0; i < 99; i++) {
            refused();
            agent.step();
        }
        on(new ControlEvent.HookAnswered(hook, new HookOutcome.Refused(500, "")));
        agent.onClose();

        List<CallJournal> calls = JournalReader.read(directory);

        assertThat(calls).hasSize(100).allSatisfy(call -> assertThat(call.ending())
                .isEqualTo(new Ending.Whole()));
        assertThat(calls.getFirst().steps()).hasSize(2);
        assertThat(agent.counters()).containsEntry("journal_calls_total", 100L);
        StringWriter said = new StringWriter();
        assertThat(replay(said)).isZero();
        assertThat(said.toString()).startsWith("100 calls, 101 events, ").contains("every command is the same");
        assertThat(errors).isEmpty();
    }

    @Test
    void shouldJournalWhatCameOfAForgottenLegWhenItsCallStillRuns() throws Exception {
        open(64 * MB, 1000);
        long hook = asking();
        Map<String, Object> target = Map.of("type", "sip", "sipUri", "sip:x@h");
        on(new ControlEvent.HookAnswered(
                hook,
                new HookOutcome.Replied(
                        200,
                        List.of(
                                Map.of("verb", "dial", "timeout", 1L, "target", List.of(target)),
                                Map.of("verb", "pause", "length", 9L)))));
        long timer = found(ControlCommand.ArmTimer.class).timer();
        Route way = new Route("sip:x@h", "udp:127.0.0.1:6000", null, null, null, "");
        on(new ControlEvent.Resolved(
                found(ControlCommand.Resolve.class).resolution(), new Resolution.Routes(List.of(way))));
        long leg = LegHandle.of(0, 1, 77);
        on(new ControlEvent.Invited(leg, found(ControlCommand.Dial.class).reference(), "b@us"));
        on(new ControlEvent.TimerExpired(timer));
        on(new ControlEvent.Answered(leg, 200, "OK"));
        assertThat(found(ControlCommand.End.class).leg()).isEqualTo(leg);
        agent.onClose();

        CallJournal call = JournalReader.read(directory).getFirst();

        assertThat(call.steps().getLast().event()).isInstanceOf(ControlEvent.Answered.class);
        assertThat(call.steps().getLast().commands()).hasSize(1);
        assertThat(replay()).isZero();
    }

    private <T extends ControlCommand> T found(Class<T> type) {
        return out.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
    }

    @Test
    void shouldPrintTheDifferenceAndFailWhenACommandIsNotTheSame() throws Exception {
        open(64 * MB, 1000);
        refused();
        agent.onClose();
        Path file = JournalFiles.inOrder(directory).getFirst();
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text).contains("caller refused with 480");
        Files.writeString(
                file, text.replace("caller refused with 480", "caller refused with 481"), StandardCharsets.ISO_8859_1);
        StringWriter said = new StringWriter();

        assertThat(replay(said)).isEqualTo(1);
        assertThat(said.toString())
                .contains("differs at event 1 of 1", "refused with 481", "refused with 480", "1 calls differ");
    }

    @Test // explain reads what a running server writes
    void shouldReadTheCallsThatAreThereWhenTheServerStillWrites() throws Exception {
        open(64 * MB, 1000);
        long hook = asking();
        assertThat(agent.doWork()).isEqualTo(1);
        assertThat(agent.doWork()).isZero();
        Files.createFile(directory.resolve("zzz-0001.journal"));

        List<CallJournal> calls = JournalReader.read(directory);

        assertThat(calls).singleElement().satisfies(call -> assertThat(call.ending())
                .isEqualTo(new Ending.Open()));
        on(new ControlEvent.HookAnswered(hook, new HookOutcome.Refused(500, "")));
        agent.onClose();
        assertThat(JournalReader.read(directory)).singleElement().satisfies(call -> assertThat(call.ending())
                .isEqualTo(new Ending.Whole()));
    }

    @Test
    void shouldMarkACallAsNotWholeWhenTheQueueWasFull() throws Exception {
        open(64 * MB, 1_000_000);
        long hook = asking();
        for (int i = 1; i < JournalAgent.QUEUE_MAX; i++) {
            refused();
        }
        on(new ControlEvent.HookAnswered(hook, new HookOutcome.Refused(500, "")));
        refused();
        agent.onClose();

        List<CallJournal> calls = JournalReader.read(directory);

        assertThat(calls).hasSize(JournalAgent.QUEUE_MAX);
        assertThat(calls.getFirst().ending()).isEqualTo(new Ending.Cut("the journal did not keep up"));
        assertThat(agent.counters()).containsEntry("journal_calls_cut_total", 2L);
        assertThat(replay()).isZero();
    }

    @Test
    void shouldJournalNoMoreThanSoManyWhenCallsComeTogether() throws Exception {
        open(64 * MB, 5);
        for (int i = 0; i < 20; i++) {
            refused();
        }
        nowNs += 1_000_000_000;
        refused();
        agent.onClose();

        assertThat(JournalReader.read(directory)).hasSize(6);
        assertThat(agent.counters()).containsEntry("journal_calls_skipped_total", 15L);
    }

    @Test
    void shouldKeepWithinItsRoomWhenItWritesOn() throws Exception {
        open(MB / 2, 1_000_000);
        for (int i = 0; i < 3000; i++) {
            refused();
            agent.step();
        }
        agent.onClose();
        long kept = 0;
        for (Path file : JournalFiles.inOrder(directory)) {
            kept += Files.size(file);
        }

        assertThat(agent.counters().get("journal_bytes_total")).isGreaterThan(MB);
        assertThat(kept).isBetween(MB / 4, MB / 2 + MB / 8);
        assertThat(JournalReader.read(directory)).hasSizeBetween(100, 2999);
        assertThat(replay()).isZero();
    }

    @Test // design section 8: unless the account opts in
    void shouldHoldKeysOnlyWhenTheirAccountLetsIt() throws Exception {
        for (Set<String> keysOf : List.of(Set.of("other"), Set.of("demo"))) {
            open(64 * MB, 1000, keysOf);
            long hook = asking();
            on(new ControlEvent.HookAnswered(
                    hook,
                    new HookOutcome.Replied(
                            200, List.of(Map.of("verb", "answer"), Map.of("verb", "dtmf", "dtmf", "4711")))));
            agent.onClose();
            Path file = JournalFiles.inOrder(directory).getFirst();

            String text = Files.readString(file, StandardCharsets.ISO_8859_1);

            assertThat(text.contains("4711")).isEqualTo(keysOf.contains("demo"));
            assertThat(text).contains("SendDigits");
            assertThat(replay()).isZero();
            Files.delete(file);
        }
    }

    @Test
    void shouldBeReadableByItsOwnerOnlyWhenItIsMade() throws Exception {
        Path parent = directory;
        directory = parent.resolve("a/journal");
        open(64 * MB, 1);
        refused();
        agent.onClose();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                        JournalFiles.inOrder(directory).getFirst())))
                .isEqualTo("rw-------");
    }

    /** Nobody is behind the number {@code nobody}. */
    private static final class TwoApplications implements Directory {
        @Override
        public Optional<Application> applicationForCarrier(String account, String carrier, String number) {
            ControlCommand.HookSpec hook = new ControlCommand.HookSpec("http://a/call", "POST", null, null);
            return number.equals("nobody") ? Optional.empty() : Optional.of(new Application("app", "main", hook, null));
        }

        @Override
        public Optional<Application> applicationForUser(String account, String user) {
            return Optional.empty();
        }

        @Override
        public String accountSid(String account) {
            return "sid";
        }
    }
}
