package io.hookswitch.sip.stack;

import gov.nist.javax.sip.SipStackImpl;
import gov.nist.javax.sip.stack.SIPStackTimerTask;
import gov.nist.javax.sip.stack.timers.SipTimer;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;

/**
 * The stack's timers on a hashed wheel of 10 ms ticks which the sip thread advances; a task never runs early. The stack
 * makes it by name, so it is public with a public constructor and gets its clock behind that.
 */
public final class WheelTimer implements SipTimer {
    static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int SLOTS = 512;
    private static final int SLOT_MASK = SLOTS - 1;

    /** A scheduled task in the list of its slot. */
    private static final class Node {
        private SIPStackTimerTask task;
        private long dueTick;
        private long periodTicks;
        private Node previous;
        private Node next;
        private boolean linked;
    }

    private final Node[] slots = new Node[SLOTS];
    private final long[] occupied = new long[SLOTS / Long.SIZE];
    private NanoClock clock;
    private ErrorHandler errors;
    private boolean started;
    private boolean advancing;
    private long startNs;
    private long tick;
    private int size;

    /** Made by the stack, by name. */
    public WheelTimer() {
        for (int i = 0; i < SLOTS; i++) {
            Node head = new Node();
            head.previous = head;
            head.next = head;
            slots[i] = head;
        }
    }

    @Override
    public void start(SipStackImpl stack, Properties properties) {
        started = true;
    }

    /** Names the clock; before the first task. */
    void clock(NanoClock nanoClock, ErrorHandler errorHandler) {
        clock = nanoClock;
        errors = errorHandler;
        startNs = clock.nanoTime();
    }

    @Override
    public boolean isStarted() {
        return started;
    }

    @Override
    public void stop() {
        started = false;
        for (Node head : slots) {
            while (head.next != head) {
                unlink(head.next);
            }
        }
    }

    @Override
    public boolean schedule(SIPStackTimerTask task, long delayMs) {
        return schedule(task, delayMs, 0);
    }

    @Override
    public boolean scheduleWithFixedDelay(SIPStackTimerTask task, long delayMs, long periodMs) {
        return schedule(task, delayMs, Math.max(1, TimeUnit.MILLISECONDS.toNanos(periodMs) / TICK_NS));
    }

    private boolean schedule(SIPStackTimerTask task, long delayMs, long periodTicks) {
        if (!started) {
            return false;
        }
        Node node = new Node();
        node.task = task;
        node.periodTicks = periodTicks;
        // While the wheel catches up its own tick is the time: a test that jumps 32 s sees every step in between.
        long sinceNs = advancing ? tick * TICK_NS : clock.nanoTime() - startNs;
        long dueNs = sinceNs + TimeUnit.MILLISECONDS.toNanos(Math.max(delayMs, 0));
        node.dueTick = Math.max((dueNs + TICK_NS - 1) / TICK_NS, tick + 1);
        task.setSipTimerTask(node);
        link(node);
        return true;
    }

    @Override
    public boolean cancel(SIPStackTimerTask task) {
        if (!(task.getSipTimerTask() instanceof Node node) || node.task == null) {
            return false;
        }
        task.cleanUpBeforeCancel();
        node.task = null;
        if (node.linked) {
            unlink(node);
        }
        return true;
    }

    private void link(Node node) {
        int slot = (int) node.dueTick & SLOT_MASK;
        Node head = slots[slot];
        node.previous = head.previous;
        node.next = head;
        head.previous.next = node;
        head.previous = node;
        node.linked = true;
        occupied[slot >>> 6] |= 1L << slot;
        size++;
    }

    private void unlink(Node node) {
        int slot = (int) node.dueTick & SLOT_MASK;
        node.previous.next = node.next;
        node.next.previous = node.previous;
        node.linked = false;
        if (slots[slot].next == slots[slot]) {
            occupied[slot >>> 6] &= ~(1L << slot);
        }
        size--;
    }

    /** Runs what is due, tick by tick. @return tasks run. */
    int advance(long nowNs) {
        long target = (nowNs - startNs) / TICK_NS;
        int ran = 0;
        advancing = true;
        try {
            while (tick < target && started) {
                if (size == 0) {
                    tick = target;
                    break;
                }
                tick++;
                ran += runSlot((int) tick & SLOT_MASK);
            }
        } finally {
            advancing = false;
        }
        return ran;
    }

    private int runSlot(int slot) {
        Node head = slots[slot];
        int ran = 0;
        // A task may cancel any other one of this slot: begin again at the head until nothing here is due.
        Node node = head.next;
        while (node != head) {
            if (node.dueTick > tick) {
                node = node.next;
            } else {
                unlink(node);
                run(node);
                ran++;
                node = head.next;
            }
        }
        return ran;
    }

    private void run(Node node) {
        SIPStackTimerTask task = node.task;
        if (node.periodTicks > 0) {
            node.dueTick = tick + node.periodTicks;
            link(node);
        } else {
            node.task = null;
        }
        try {
            task.runTask();
        } catch (RuntimeException | StackOverflowError e) {
            errors.onError(e);
        }
    }

    /** @return ns of the clock, not later than the next due task; Long.MAX_VALUE = none. */
    long nextNs() {
        if (size == 0) {
            return Long.MAX_VALUE;
        }
        int from = (int) (tick + 1) & SLOT_MASK;
        for (int i = 0; i < SLOTS; ) {
            int slot = from + i & SLOT_MASK;
            long word = occupied[slot >>> 6] >>> slot;
            if (word != 0) {
                return startNs + (tick + 1 + i + Long.numberOfTrailingZeros(word)) * TICK_NS;
            }
            i += Long.SIZE - (slot & 63);
        }
        return startNs + (tick + SLOTS) * TICK_NS;
    }

    /** @return tasks scheduled. */
    int size() {
        return size;
    }
}
