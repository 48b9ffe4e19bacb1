package io.hookswitch.server.timeline;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.jctools.queues.MpscArrayQueue;

/**
 * Hands entries to one listener on a thread of its own. A listener that is too slow loses entries, and is told how
 * many.
 */
public final class Timeline implements TimelineSink, AutoCloseable {
    private static final int CAPACITY = 8192;

    private final NanoClock clock;
    private final Consumer<TimelineEntry> listener;
    private final MpscArrayQueue<TimelineEntry> queue = new MpscArrayQueue<>(CAPACITY);
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private volatile boolean isClosed;

    /** @param listener null = nobody listens, nothing is collected */
    public Timeline(NanoClock clock, Consumer<TimelineEntry> listener) {
        this.clock = clock;
        this.listener = listener;
        thread = listener == null
                ? null
                : Thread.ofPlatform().name("timeline").daemon().start(this::run);
    }

    @Override
    public boolean isOn() {
        return listener != null;
    }

    /** Adds an entry; any thread, never blocks. */
    @Override
    public void add(TimelineEntry.Kind kind, String callSid, String text) {
        if (listener == null) {
            return;
        }
        if (!queue.offer(new TimelineEntry(clock.nanoTime(), kind, callSid, text))) {
            lost.incrementAndGet();
            return;
        }
        LockSupport.unpark(thread);
    }

    /** @return entries lost to a slow listener since the start. */
    public long lost() {
        return lost.get();
    }

    private void run() {
        while (true) {
            boolean last = isClosed;
            TimelineEntry entry = queue.poll();
            if (entry != null) {
                listener.accept(entry);
            } else if (last) {
                return;
            } else {
                LockSupport.parkNanos(100_000_000L);
            }
        }
    }

    /** Delivers what is there, at most for a second. */
    @Override
    public void close() {
        if (thread == null) {
            return;
        }
        isClosed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
