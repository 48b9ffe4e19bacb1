package io.hookswitch.control.journal;

import io.hookswitch.control.ControlCommand;
import java.util.List;
import org.agrona.DirectBuffer;

/** Makes the frames of {@link JournalLayout}, one at a time, in a buffer of its own. One thread. */
public final class JournalEncoder {
    private static final JournalMask OPEN = new JournalMask(true);

    private final ValueEncoder values = new ValueEncoder(JournalLayout.MAX_FRAME_BYTES);

    /** What the encoder remembers of a call from one entry to the next. */
    public static final class CallState {
        private final JournalMask mask;
        private int events;

        /** @param keysOpen keys pressed and sent may be read in the journal */
        public CallState(boolean keysOpen) {
            mask = new JournalMask(keysOpen);
        }
    }

    /** @return where the frame is made, from offset 0; until the next one. */
    public DirectBuffer buffer() {
        return values.buffer();
    }

    /** @return bytes of the file's first frame. */
    public int header(JournalHeader header) {
        begin(JournalLayout.HEADER);
        values.putLong(JournalLayout.MAGIC);
        values.putShort(JournalLayout.VERSION);
        values.putText(header.run());
        values.putText(header.build());
        values.putLong(header.startedEpochMs());
        List<RecordTypes.Layout> layouts = RecordTypes.ALL.all();
        values.putInt(layouts.size());
        for (RecordTypes.Layout layout : layouts) {
            values.putText(layout.name());
            values.putShort(layout.members().size());
            layout.members().forEach(values::putText);
        }
        values.put(header.settings(), OPEN, false);
        return end();
    }

    /**
     * One event.
     *
     * @return bytes of its frame
     * @throws JournalException when a value has no layout or the frame would be too long: the call must be cut
     */
    public int event(JournalEntry entry, CallState state) {
        begin(JournalLayout.EVENT);
        values.putLong(entry.call());
        values.putInt(state.events);
        values.putByte(state.mask.keysOpen() ? JournalLayout.KEYS_OPEN : 0);
        values.putLong(entry.nowNs());
        values.putLong(entry.numbers());
        values.putLong(entry.entropyHigh());
        values.putLong(entry.entropyLow());
        values.put(entry.event(), state.mask, true);
        values.put(entry.failure(), OPEN, false);
        values.putInt(entry.answers().size());
        for (Answer answer : entry.answers()) {
            values.putText(answer.method());
            values.put(answer.value(), state.mask, true);
        }
        values.putInt(entry.commands().size());
        for (ControlCommand command : entry.commands()) {
            int lengthAt = values.putInt(0);
            int from = values.position();
            values.put(command, state.mask, false);
            values.setInt(lengthAt, values.position() - from);
        }
        state.events++;
        return end();
    }

    /** @return bytes of the frame that says that a call is complete. */
    public int end(long call, CallState state) {
        begin(JournalLayout.END);
        values.putLong(call);
        values.putInt(state.events);
        return end();
    }

    /** @return bytes of the frame that says that the rest of a call is missing. */
    public int cut(long call, CallState state, String reason) {
        begin(JournalLayout.CUT);
        values.putLong(call);
        values.putInt(state.events);
        values.putText(reason);
        return end();
    }

    private void begin(byte kind) {
        values.reset();
        values.putInt(0);
        values.putByte(kind);
    }

    private int end() {
        values.setInt(0, values.position() - Integer.BYTES);
        return values.position();
    }
}
