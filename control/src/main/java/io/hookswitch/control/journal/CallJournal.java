package io.hookswitch.control.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import java.util.List;

/**
 * One call as it was journaled.
 *
 * @param keysOpen keys are readable: the account let them be
 * @param ending whether all of it is here
 */
public record CallJournal(JournalHeader header, long call, boolean keysOpen, List<Step> steps, Ending ending) {
    /** Keeps its own copy. */
    public CallJournal {
        steps = List.copyOf(steps);
    }

    /**
     * One event.
     *
     * @param index 0 for the first of the call
     * @param commandBytes the commands as they are in the file
     */
    public record Step(int index, JournalEntry entry, List<byte[]> commandBytes) {
        /** @return the event. */
        public ControlEvent event() {
            return entry.event();
        }

        /** @return what control did about it. */
        public List<ControlCommand> commands() {
            return entry.commands();
        }
    }

    /** Whether a journal has a whole call. */
    public sealed interface Ending {
        /** It does. */
        record Whole() implements Ending {}

        /** The call was still going on, or the process ended without closing its journal. */
        record Open() implements Ending {}

        /** Something is missing. */
        record Cut(String reason) implements Ending {}
    }
}
