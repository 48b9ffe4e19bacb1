package io.hookswitch.sip.ua;

import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;

/** Timers of legs that the stack does not have: few, seconds to hours long. Sip thread. */
final class LegTimers {
    /** An armed timer. */
    static final class Timer implements Comparable<Timer> {
        private final long dueNs;
        private final long number;
        private final Runnable task;

        private Timer(long dueNs, long number, Runnable task) {
            this.dueNs = dueNs;
            this.number = number;
            this.task = task;
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.signum(dueNs - other.dueNs);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(number);
        }
    }

    private final NanoClock clock;
    private final ErrorHandler errors;
    private final TreeSet<Timer> armed = new TreeSet<>();
    private long numbers;

    /** @param errors hears of tasks that throw */
    LegTimers(NanoClock clock, ErrorHandler errors) {
        this.clock = clock;
        this.errors = errors;
    }

    Timer arm(long delayMs, Runnable task) {
        Timer timer = new Timer(clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs), ++numbers, task);
        armed.add(timer);
        return timer;
    }

    /** @param timer null and expired ones are fine */
    void disarm(Timer timer) {
        if (timer != null) {
            armed.remove(timer);
        }
    }

    /** Runs what is due. @return work done. */
    int poll(long nowNs) {
        int ran = 0;
        while (!armed.isEmpty() && armed.first().dueNs - nowNs <= 0) {
            Timer due = armed.pollFirst();
            try {
                due.task.run();
            } catch (RuntimeException e) {
                // One leg's trouble: the others' timers go on.
                errors.onError(e);
            }
            ran++;
        }
        return ran;
    }

    /** @return ns of the clock when the next one is due; Long.MAX_VALUE = none. */
    long nextNs() {
        return armed.isEmpty() ? Long.MAX_VALUE : armed.first().dueNs;
    }

    int size() {
        return armed.size();
    }
}
