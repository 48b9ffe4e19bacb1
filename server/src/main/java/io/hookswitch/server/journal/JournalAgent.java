package io.hookswitch.server.journal;

import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.journal.JournalEncoder;
import io.hookswitch.control.journal.JournalEncoder.CallState;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.control.journal.JournalException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.Agent;
import org.jctools.queues.SpscArrayQueue;

/** The journal's thread: takes what control hands over, encodes it, writes it. */
public final class JournalAgent implements Agent {
    /** Events that may wait; at a nap's length this is 200,000 a second. */
    static final int QUEUE_MAX = 4096;

    private static final long NAP_NS = 20_000_000L;
    private static final int BATCH = 256;
    /** Calls whose loss may wait to be written down. */
    private static final int LOST_MAX = 1024;

    private final SpscArrayQueue<JournalEntry> entries = new SpscArrayQueue<>(QUEUE_MAX);
    private final SpscArrayQueue<Long> lostCalls = new SpscArrayQueue<>(LOST_MAX);
    private final JournalFiles files;
    private final Set<String> keysOf;
    private final ErrorHandler errors;
    private final JournalEncoder encoder = new JournalEncoder();
    private final Long2ObjectHashMap<CallState> calls = new Long2ObjectHashMap<>();
    private final AtomicLong callsWhole = new AtomicLong();
    private final AtomicLong callsCut = new AtomicLong();
    private final AtomicLong callsSkipped = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Writes to files.
     *
     * @param keysOf accounts whose callers' keys may be written
     * @param errors told when a file cannot be written
     */
    public JournalAgent(JournalFiles files, Set<String> keysOf, ErrorHandler errors) {
        this.files = files;
        this.keysOf = Set.copyOf(keysOf);
        this.errors = errors;
    }

    @Override
    public String roleName() {
        return "journal";
    }

    /** Control thread. @return false when the queue is full: nothing was taken */
    boolean tryWrite(JournalEntry entry) {
        return entries.offer(entry);
    }

    /** The rest of a call is not written. Control thread. */
    void lost(long call) {
        callsCut.incrementAndGet();
        // When this finds no room either the call has no end in the journal, which says as much.
        lostCalls.offer(call);
    }

    /** A call is not written at all. Control thread. */
    void skipped() {
        callsSkipped.incrementAndGet();
    }

    /** An event could not be handed over. Control thread. */
    void failed(RuntimeException failure) {
        errors.onError(failure);
    }

    @Override
    public int doWork() throws IOException {
        int work = step();
        if (work == 0) {
            files.flush();
            // Nobody wakes it: the writer of the queue is the control thread, and a journal is in no hurry.
            LockSupport.parkNanos(this, NAP_NS);
        }
        return work;
    }

    /** One pass without waiting. @return work done */
    int step() {
        int work = 0;
        for (JournalEntry entry = entries.poll(); entry != null; entry = entries.poll()) {
            write(entry);
            if (++work == BATCH) {
                return work;
            }
        }
        // Behind everything of the call that was taken.
        for (Long call = lostCalls.poll(); call != null; call = lostCalls.poll()) {
            cut(call, "the journal did not keep up");
            work++;
        }
        return work;
    }

    private void write(JournalEntry entry) {
        CallState state = calls.get(entry.call());
        if (Control.isMadeAfter(entry.call(), entry.numbers())) {
            state = new CallState(entry.event() instanceof ControlEvent.Offered offered
                    && keysOf.contains(offered.incoming().origin().account()));
            calls.put(entry.call(), state);
        }
        if (state == null) {
            // It was cut before.
            return;
        }
        try {
            append(encoder.event(entry, state));
            if (entry.isLast()) {
                append(encoder.end(entry.call(), state));
                callsWhole.incrementAndGet();
                calls.remove(entry.call());
            }
        } catch (JournalException e) {
            callsCut.incrementAndGet();
            errors.onError(e);
            cut(entry.call(), e.getMessage());
        } catch (IOException e) {
            failed(entry.call(), e);
        }
    }

    private void cut(long call, String reason) {
        CallState state = calls.remove(call);
        if (state == null) {
            return;
        }
        try {
            append(encoder.cut(call, state, reason));
        } catch (IOException e) {
            errors.onError(e);
        }
    }

    /** A file that cannot be written costs the call; the next one tries again. */
    private void failed(long call, IOException failure) {
        errors.onError(failure);
        callsCut.incrementAndGet();
        calls.remove(call);
    }

    private void append(int lengthBytes) throws IOException {
        files.append(encoder.buffer().byteArray(), lengthBytes);
        bytes.addAndGet(lengthBytes);
    }

    /** Writes what is there, and closes the file. */
    @Override
    public void onClose() {
        while (step() > 0) {
            Thread.onSpinWait();
        }
        try {
            files.close();
        } catch (IOException e) {
            errors.onError(e);
        }
    }

    /** @return counted since the start, by metric name. Any thread. */
    public Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("journal_calls_total", callsWhole.get());
        all.put("journal_calls_cut_total", callsCut.get());
        all.put("journal_calls_skipped_total", callsSkipped.get());
        all.put("journal_bytes_total", bytes.get());
        return all;
    }
}
