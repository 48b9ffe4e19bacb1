package io.hookswitch.server.hooks;

import io.hookswitch.control.ControlCommand.NotifyStatus;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Call-status callbacks: in order and one at a time within a queue (a leg), all queues at once, failures dropped.
 * Nothing here ever delays a call: {@link #notify} only puts in, and a queue that is full drops the oldest that waits
 * and counts it. A leg's last status, the final one, is never dropped.
 */
public final class StatusNotifier {
    /** Most callbacks that wait in one queue behind the one in flight. */
    public static final int QUEUE_BOUND = 32;

    private static final class Queue {
        private final ArrayDeque<NotifyStatus> waiting = new ArrayDeque<>();
        private boolean busy;
    }

    private final HookClient client;
    private final Map<String, Queue> queues = new ConcurrentHashMap<>();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    /** @param client sends them */
    public StatusNotifier(HookClient client) {
        this.client = client;
    }

    /** Takes one callback; returns at once. Any thread, one at a time for one queue. */
    public void notify(NotifyStatus status) {
        queues.compute(status.queue(), (_, known) -> {
            Queue queue = known == null ? new Queue() : known;
            if (!queue.busy) {
                queue.busy = true;
                send(status);
            } else {
                if (queue.waiting.size() == QUEUE_BOUND) {
                    // The oldest that waits is the most out of date; the newest may be the leg's final status.
                    queue.waiting.poll();
                    dropped.incrementAndGet();
                }
                queue.waiting.add(status);
            }
            return queue;
        });
    }

    private void send(NotifyStatus status) {
        client.sendStatus(
                status.account(), status.base(), status.spec(), status.payload(), outcome -> sent(status, outcome));
    }

    private void sent(NotifyStatus status, HookOutcome outcome) {
        if (!(outcome instanceof HookOutcome.Replied)) {
            failed.incrementAndGet();
        }
        queues.compute(status.queue(), (_, queue) -> {
            NotifyStatus next = queue.waiting.poll();
            if (next == null) {
                return null;
            }
            send(next);
            return queue;
        });
    }

    /** @return queues that have something in flight or waiting. */
    public int activeQueues() {
        return queues.size();
    }

    /** @return callbacks dropped because their queue was full, since start. */
    public long dropped() {
        return dropped.get();
    }

    /** @return callbacks that failed, since start. */
    public long failed() {
        return failed.get();
    }
}
