package io.hookswitch.control.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.call.Control;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;

/** Feeds a journal to a fresh control and compares every command, byte for byte. */
public final class Replay {
    private static final String NOTHING = "nothing";

    /** What came of it. */
    public sealed interface Result {
        /** Every command is the same. */
        record Same(int events, int commands) implements Result {}

        /**
         * The first difference.
         *
         * @param event index of the event
         * @param command index of the command within the event's, -1 = not about one command
         * @param journaled what the journal has, in words
         * @param replayed what control does now, in words
         */
        record Different(int event, int command, String journaled, String replayed) implements Result {}
    }

    private final CallJournal journal;
    private final AskedDirectory asked = AskedDirectory.replaying();
    private final Control control;
    private final ValueEncoder values = new ValueEncoder(JournalLayout.MAX_FRAME_BYTES);
    private final JournalMask mask;
    private int compared;

    private Replay(CallJournal journal) {
        this.journal = journal;
        control = new Control(journal.header().settings(), asked.directory());
        mask = new JournalMask(journal.keysOpen());
    }

    /** Replays a call; one that is not whole as far as it is there. */
    public static Result of(CallJournal journal) {
        return new Replay(journal).run();
    }

    private Result run() {
        for (CallJournal.Step step : journal.steps()) {
            Result.Different different = compare(step);
            if (different != null) {
                return different;
            }
        }
        return new Result.Same(journal.steps().size(), compared);
    }

    /** @return null = the same. */
    private Result.Different compare(CallJournal.Step step) {
        JournalEntry entry = step.entry();
        List<ControlCommand> out = new ArrayList<>();
        asked.answers(entry.answers());
        control.numbers(entry.numbers());
        Throwable failed = null;
        try {
            control.on(entry.event(), entry.nowNs(), entry.entropyHigh(), entry.entropyLow(), out);
        } catch (RuntimeException | StackOverflowError e) {
            failed = e;
        }
        if (!nameOf(failed).equals(entry.failure() == null ? NOTHING : entry.failure())) {
            return new Result.Different(
                    step.index(),
                    -1,
                    "failed with " + (entry.failure() == null ? NOTHING : entry.failure()),
                    "failed with " + (failed == null ? NOTHING : failed.toString()));
        }
        List<byte[]> journaled = step.commandBytes();
        for (int i = 0; i < Math.max(journaled.size(), out.size()); i++) {
            byte[] now = i < out.size() ? encoded(out.get(i)) : null;
            byte[] then = i < journaled.size() ? journaled.get(i) : null;
            if (!Arrays.equals(now, then)) {
                return new Result.Different(
                        step.index(),
                        i,
                        then == null ? NOTHING : step.commands().get(i).toString(),
                        now == null ? NOTHING : readable(now));
            }
            compared++;
        }
        return null;
    }

    private static String nameOf(Throwable failure) {
        return failure == null ? NOTHING : failure.getClass().getName();
    }

    private byte[] encoded(ControlCommand command) {
        values.reset();
        values.put(command, mask, false);
        DirectBuffer buffer = values.buffer();
        byte[] bytes = new byte[values.position()];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    /** Masked as the journal is, or the difference would show what the journal must not. */
    private static String readable(byte[] command) {
        return String.valueOf(new ValueDecoder(new org.agrona.concurrent.UnsafeBuffer(command), command.length).take());
    }
}
