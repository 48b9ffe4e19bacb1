package io.hookswitch.server.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.journal.AskedDirectory;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.server.agent.Brain;
import java.util.List;
import org.agrona.collections.LongHashSet;

/**
 * Control, with every event and what it led to handed to the journal. It never waits: what the journal does not take at
 * once is lost, and with it the rest of that call. Control thread.
 */
public final class JournaledBrain implements Brain {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final Control control;
    private final AskedDirectory directory;
    private final JournalAgent journal;
    private final int callsPerSecond;
    private final LongHashSet calls = new LongHashSet();
    private long secondNs;
    private boolean isFirst = true;
    private int callsInSecond;

    /**
     * @param directory the one that control asks
     * @param callsPerSecond of more new calls in a second the rest is not journaled
     */
    public JournaledBrain(Control control, AskedDirectory directory, JournalAgent journal, int callsPerSecond) {
        this.control = control;
        this.directory = directory;
        this.journal = journal;
        this.callsPerSecond = callsPerSecond;
    }

    @Override
    public void on(ControlEvent event, long nowNs, long entropyHigh, long entropyLow, List<ControlCommand> out) {
        long numbers = control.numbers();
        String failure = null;
        try {
            control.on(event, nowNs, entropyHigh, entropyLow, out);
        } catch (RuntimeException | StackOverflowError e) {
            failure = e.getClass().getName();
            throw e;
        } finally {
            note(event, nowNs, numbers, entropyHigh, entropyLow, out, failure);
        }
    }

    private void note(
            ControlEvent event,
            long nowNs,
            long numbers,
            long entropyHigh,
            long entropyLow,
            List<ControlCommand> out,
            String failure) {
        var answers = directory.taken();
        long call = control.concerned();
        if (call == 0 || !isJournaled(call, numbers, nowNs)) {
            return;
        }
        boolean isOver = control.isOver();
        boolean isTaken = journal.tryWrite(new JournalEntry(
                call, nowNs, numbers, entropyHigh, entropyLow, event, answers, failure, List.copyOf(out), isOver));
        if (!isTaken) {
            journal.lost(call);
        }
        if (isOver || !isTaken) {
            calls.remove(call);
        }
    }

    /** A call is journaled from its first event or not at all. */
    private boolean isJournaled(long call, long numbers, long nowNs) {
        if (!Control.isMadeAfter(call, numbers)) {
            return calls.contains(call);
        }
        if (isFirst || nowNs - secondNs >= NS_PER_SECOND) {
            isFirst = false;
            secondNs = nowNs;
            callsInSecond = 0;
        }
        if (++callsInSecond > callsPerSecond) {
            journal.skipped();
            return false;
        }
        calls.add(call);
        return true;
    }
}
