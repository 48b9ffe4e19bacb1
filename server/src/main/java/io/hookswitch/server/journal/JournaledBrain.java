package io.hookswitch.server.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.journal.AskedDirectory;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.server.agent.Brain;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayList;

/**
 * Control, with every event and what it led to handed to the journal. It never waits: what the journal does not take at
 * once is lost, and with it the rest of that call. Control thread.
 */
public final class JournaledBrain implements Brain {
    private static final long NOBODY = 0;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final Control control;
    private final AskedDirectory directory;
    private final JournalAgent journal;
    private final int callsPerSecond;
    /** Calls that are journaled, and the legs that were theirs. */
    private final Long2ObjectHashMap<LongArrayList> calls = new Long2ObjectHashMap<>();

    private final Long2LongHashMap callOfLeg = new Long2LongHashMap(NOBODY);
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
            tryNote(event, nowNs, numbers, entropyHigh, entropyLow, out, failure);
        }
    }

    /** A fault of the journal costs the journal and nothing else. */
    private void tryNote(
            ControlEvent event,
            long nowNs,
            long numbers,
            long entropyHigh,
            long entropyLow,
            List<ControlCommand> out,
            String failure) {
        try {
            note(event, nowNs, numbers, entropyHigh, entropyLow, out, failure);
        } catch (RuntimeException e) {
            journal.failed(e);
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
        // Glare: control may know the leg no longer, but it was that call's.
        long call = control.concerned() == NOBODY ? callOfLeg.get(legOf(event)) : control.concerned();
        if (call == NOBODY || !isJournaled(call, numbers, nowNs)) {
            return;
        }
        follow(call, event);
        boolean isOver = control.isOver();
        boolean isTaken = journal.tryWrite(new JournalEntry(
                call, nowNs, numbers, entropyHigh, entropyLow, event, answers, failure, List.copyOf(out), isOver));
        if (!isTaken) {
            journal.lost(call);
        }
        if (isOver || !isTaken) {
            calls.remove(call).forEachOrderedLong(callOfLeg::remove);
        }
    }

    private void follow(long call, ControlEvent event) {
        if (event instanceof ControlEvent.Offered || event instanceof ControlEvent.Invited) {
            long leg = legOf(event);
            calls.get(call).addLong(leg);
            callOfLeg.put(leg, call);
        }
    }

    private static long legOf(ControlEvent event) {
        return switch (event) {
            case ControlEvent.Offered offered -> offered.leg();
            case ControlEvent.Invited invited -> invited.leg();
            case ControlEvent.Progressed progressed -> progressed.leg();
            case ControlEvent.Answered answered -> answered.leg();
            case ControlEvent.Ended ended -> ended.leg();
            case ControlEvent.CommandRefused refused -> refused.leg();
            default -> LegHandle.NONE;
        };
    }

    /** A call is journaled from its first event or not at all. */
    private boolean isJournaled(long call, long numbers, long nowNs) {
        if (!Control.isMadeAfter(call, numbers)) {
            return calls.containsKey(call);
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
        calls.put(call, new LongArrayList());
        return true;
    }
}
