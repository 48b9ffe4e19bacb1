package io.hookswitch.control.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.call.ControlSettings;
import io.hookswitch.control.journal.CallJournal.Ending;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads files and puts their calls together, also calls that go on from one file to the next. One thread. */
public final class JournalDecoder {
    private static final int MIN_FRAME = Integer.BYTES + Byte.BYTES;

    private record Key(String run, long call) {}

    private static final class Parts {
        private final JournalHeader header;
        private final List<CallJournal.Step> steps = new ArrayList<>();
        private boolean keysOpen;
        private Ending ending = new Ending.Open();

        private Parts(JournalHeader header) {
            this.header = header;
        }
    }

    private final Map<Key, Parts> calls = new LinkedHashMap<>();
    private JournalHeader header;

    /**
     * Reads one file. Files of one run are read in the order in which they were written. A last frame that is cut off,
     * as a process that died or still writes leaves it, is left out; so there may be nothing.
     *
     * @throws JournalException when it is no journal, or one of another version
     */
    public void read(byte[] file) {
        DirectBuffer buffer = new UnsafeBuffer(file);
        ValueDecoder values = new ValueDecoder(buffer, file.length);
        header = null;
        int at = 0;
        while (at <= file.length - MIN_FRAME) {
            values.position(at);
            values.limit(file.length);
            int length = values.takeInt();
            if (length < 1 || length > JournalLayout.MAX_FRAME_BYTES) {
                throw new JournalException("not a journal: a frame of " + length + " bytes at byte " + at);
            }
            int end = at + Integer.BYTES + length;
            if (end > file.length) {
                break;
            }
            values.limit(end);
            frame(values, end);
            at = end;
        }
    }

    private void frame(ValueDecoder values, int end) {
        byte kind = values.takeByte();
        if (header == null && kind != JournalLayout.HEADER) {
            throw new JournalException("not a journal: no header");
        }
        switch (kind) {
            case JournalLayout.HEADER -> header(values);
            case JournalLayout.EVENT -> event(values);
            case JournalLayout.END -> {
                Parts parts = parts(values.takeLong());
                int events = values.takeInt();
                parts.ending = events == parts.steps.size() ? new Ending.Whole() : missing(parts);
            }
            case JournalLayout.CUT -> {
                Parts parts = parts(values.takeLong());
                int events = values.takeInt();
                String reason = values.takeText();
                parts.ending = events == parts.steps.size() ? new Ending.Cut(reason) : missing(parts);
            }
            default -> values.position(end);
        }
    }

    private static Ending missing(Parts parts) {
        return new Ending.Cut("only " + parts.steps.size() + " events are left of it");
    }

    private Parts parts(long call) {
        return calls.computeIfAbsent(new Key(header.run(), call), _ -> new Parts(header));
    }

    private void header(ValueDecoder values) {
        if (values.takeLong() != JournalLayout.MAGIC) {
            throw new JournalException("not a journal");
        }
        int version = values.takeShort();
        if (version != JournalLayout.VERSION) {
            throw new JournalException("layout " + version + "; this build reads " + JournalLayout.VERSION);
        }
        String run = values.takeText();
        String build = values.takeText();
        long startedEpochMs = values.takeLong();
        int records = values.takeInt();
        for (int i = 0; i < records; i++) {
            String name = values.takeText();
            int count = values.takeShort();
            List<String> members = new ArrayList<>();
            for (int member = 0; member < count; member++) {
                members.add(values.takeText());
            }
            values.wrote(name, List.copyOf(members));
        }
        header = new JournalHeader(run, build, startedEpochMs, as(values.take(), ControlSettings.class));
    }

    private void event(ValueDecoder values) {
        long call = values.takeLong();
        int index = values.takeInt();
        Parts parts = parts(call);
        parts.keysOpen = (values.takeByte() & JournalLayout.KEYS_OPEN) != 0;
        if (index != parts.steps.size()) {
            // The file that the call began in is gone.
            parts.ending = new Ending.Cut("its first " + index + " events are gone");
            return;
        }
        long nowNs = values.takeLong();
        long numbers = values.takeLong();
        long entropyHigh = values.takeLong();
        long entropyLow = values.takeLong();
        ControlEvent event = as(values.take(), ControlEvent.class);
        Object failed = values.take();
        String failure = failed == null ? null : as(failed, String.class);
        List<Answer> answers = new ArrayList<>();
        int answerCount = values.takeInt();
        for (int i = 0; i < answerCount; i++) {
            answers.add(new Answer(values.takeText(), values.take()));
        }
        List<byte[]> bytes = new ArrayList<>();
        List<ControlCommand> commands = new ArrayList<>();
        int commandCount = values.takeInt();
        for (int i = 0; i < commandCount; i++) {
            int length = values.takeInt();
            int from = values.position();
            bytes.add(values.takeBytes(length));
            values.position(from);
            commands.add(as(values.take(), ControlCommand.class));
        }
        JournalEntry entry = new JournalEntry(
                call, nowNs, numbers, entropyHigh, entropyLow, event, List.copyOf(answers), failure, commands, false);
        parts.steps.add(new CallJournal.Step(index, entry, bytes));
    }

    private static <T> T as(Object value, Class<T> type) {
        if (!type.isInstance(value)) {
            throw new JournalException("a " + type.getSimpleName() + " is expected, not " + value);
        }
        return type.cast(value);
    }

    /** @return every call of the files read so far, in the order of their first events. */
    public List<CallJournal> calls() {
        List<CallJournal> all = new ArrayList<>();
        calls.forEach((key, parts) ->
                all.add(new CallJournal(parts.header, key.call(), parts.keysOpen, parts.steps, parts.ending)));
        return List.copyOf(all);
    }
}
