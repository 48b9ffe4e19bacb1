package io.hookswitch.systemtests.farend;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * The clock of all far ends of a process: one thread that calls each stream every 20 ms of its own phase. A stream that
 * was
 * late is called for each tick that it missed, as a telephone would send.
 */
final class Pacer {
    static final long TICK_NS = 20_000_000;

    /** Something to be called every 20 ms. */
    interface Stream {
        /** Sends one packet; pacer thread. */
        void onTick();
    }

    private static final class Paced {
        private final Stream stream;
        private long dueNs;

        Paced(Stream stream, long dueNs) {
            this.stream = stream;
            this.dueNs = dueNs;
        }
    }

    private static final Pacer INSTANCE = new Pacer();
    private final List<Paced> streams = new CopyOnWriteArrayList<>();
    private Thread thread;

    private Pacer() {}

    static Pacer instance() {
        return INSTANCE;
    }

    synchronized void add(Stream stream) {
        streams.add(new Paced(stream, System.nanoTime()));
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("far-end-pacer").start(this::run);
        }
        LockSupport.unpark(thread);
    }

    void remove(Stream stream) {
        streams.removeIf(paced -> paced.stream == stream);
    }

    private void run() {
        while (true) {
            long now = System.nanoTime();
            long next = now + TICK_NS;
            for (Paced paced : streams) {
                while (paced.dueNs - now <= 0) {
                    paced.stream.onTick();
                    paced.dueNs += TICK_NS;
                }
                next = Math.min(next, paced.dueNs);
            }
            LockSupport.parkNanos(Math.max(100_000, next - System.nanoTime()));
        }
    }
}
