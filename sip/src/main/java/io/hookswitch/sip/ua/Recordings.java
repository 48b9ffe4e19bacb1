package io.hookswitch.sip.ua;

import io.hookswitch.engine.ring.Waker;
import io.hookswitch.sip.RecordingSession;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * All recording sessions of a sip thread. Other threads ask for them, and for what they want of them: a session waits
 * in the queue at most once, with the newest of what is wanted. Sip thread, but for {@link #begin} and {@link #ask}.
 */
final class Recordings {
    private static final int MOST = 10_000;
    private static final int QUEUE = 32_768;
    private static final int BATCH = 64;

    private final Site site;
    private final Waker waker;
    private final ManyToOneConcurrentArrayQueue<RecordingDialog> asked = new ManyToOneConcurrentArrayQueue<>(QUEUE);
    private final AtomicInteger open = new AtomicInteger();
    private final Set<RecordingDialog> running = new LinkedHashSet<>();

    Recordings(Site site, Waker waker) {
        this.site = site;
        this.waker = waker;
    }

    /** @return null = there are as many as there may be. Any thread. */
    RecordingSession begin(
            RecordingSession.Server server, RecordingSession.Offer offer, RecordingSession.Listener listener) {
        if (open.incrementAndGet() > MOST) {
            open.decrementAndGet();
            return null;
        }
        RecordingDialog dialog = new RecordingDialog(site, this, server, listener);
        dialog.offer(offer);
        return dialog;
    }

    /** Something is wanted of a session. Any thread. */
    void ask(RecordingDialog dialog) {
        if (!asked.offer(dialog)) {
            // Of sessions that are over: those that are not have room, each once.
            return;
        }
        waker.wake();
    }

    /** @return whether something is wanted. */
    boolean isAsked() {
        return !asked.isEmpty();
    }

    /** Does what is wanted. @return work done. */
    int poll() {
        return asked.drain(
                dialog -> {
                    if (!dialog.isOver()) {
                        running.add(dialog);
                        dialog.carryOut();
                    }
                },
                BATCH);
    }

    /** Nothing of it is left to settle. */
    void onOver(RecordingDialog dialog) {
        running.remove(dialog);
        open.decrementAndGet();
    }

    /** Ends them all. */
    void leave() {
        poll();
        List.copyOf(running).forEach(RecordingDialog::leave);
    }

    /** @return whether one is not settled. */
    boolean isLeaving() {
        return !running.isEmpty();
    }
}
