package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.JournalDecoder;
import io.hookswitch.control.journal.JournalEncoder;
import io.hookswitch.control.journal.JournalEncoder.CallState;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.control.journal.JournalHeader;
import io.hookswitch.control.journal.Replay;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random schedules, as in {@link ForkExplorationTest}, written down and decided on again from what was written. */
class JournalExplorationTest {
    private static final int SCHEDULES = Math.max(1, Integer.getInteger("hookswitch.explore.schedules", 100_000) / 100);
    private static final long FIRST_SEED = Long.getLong("hookswitch.explore.seed", 1L);

    @Test // design section 6: replay feeds a journal to a fresh control and compares every command
    void shouldRepeatEveryCommandWhenAnyScheduleIsReplayed() {
        long commands = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            World world = ForkExplorationTest.run(seed);
            CallJournal call = journaled(world.journal, false);
            String again = "seed " + seed + ", -Dhookswitch.explore.schedules=1 -Dhookswitch.explore.seed=" + seed;

            assertThat(call.ending()).as(again).isInstanceOf(CallJournal.Ending.Whole.class);
            Replay.Result result = Replay.of(call);
            assertThat(result).as(again).isInstanceOf(Replay.Result.Same.class);
            commands += ((Replay.Result.Same) result).commands();
        }
        assertThat(commands).isGreaterThan(10L * SCHEDULES);
    }

    @Test
    void shouldNameTheFirstDifferenceWhenAnEventIsMissing() {
        List<JournalEntry> entries = new ArrayList<>(ForkExplorationTest.run(1).journal);
        JournalEntry first = entries.getFirst();
        entries.set(
                0,
                new JournalEntry(
                        first.call(),
                        first.nowNs(),
                        first.numbers() + 1,
                        first.entropyHigh(),
                        first.entropyLow(),
                        first.event(),
                        first.answers(),
                        null,
                        first.commands(),
                        first.isLast()));

        Replay.Result result = Replay.of(journaled(entries, false));

        assertThat(result).isInstanceOfSatisfying(Replay.Result.Different.class, different -> {
            assertThat(different.event()).isZero();
            assertThat(different.journaled()).startsWith("CallHook[");
            assertThat(different.replayed()).startsWith("CallHook[").isNotEqualTo(different.journaled());
        });
    }

    /** What comes back of one call's entries; events about nobody are left out, as the server leaves them out. */
    static CallJournal journaled(List<JournalEntry> entries, boolean keysOpen) {
        JournalDecoder decoder = new JournalDecoder();
        decoder.read(file(entries, keysOpen));
        assertThat(decoder.calls()).hasSize(1);
        return decoder.calls().getFirst();
    }

    static byte[] file(List<JournalEntry> entries, boolean keysOpen) {
        JournalEncoder encoder = new JournalEncoder();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        append(file, encoder, encoder.header(new JournalHeader("run", "build", 0, World.SETTINGS)));
        CallState state = new CallState(keysOpen);
        for (JournalEntry entry : entries) {
            if (entry.call() != 0) {
                append(file, encoder, encoder.event(entry, state));
                if (entry.isLast()) {
                    append(file, encoder, encoder.end(entry.call(), state));
                }
            }
        }
        return file.toByteArray();
    }

    private static void append(ByteArrayOutputStream file, JournalEncoder encoder, int lengthBytes) {
        byte[] frame = new byte[lengthBytes];
        encoder.buffer().getBytes(0, frame);
        file.writeBytes(frame);
    }
}
