package io.hookswitch.server.dtls;

import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.engine.ring.Waker;
import org.jctools.queues.MpscArrayQueue;

/** The dtls thread's ends towards one core, and what its handshakes have for it. */
final class DtlsLink {
    /** Flights are of six datagrams at most: as many handshakes as may be under way, each with one of its own. */
    static final int TOLD_MAX = 4096;

    private final SlotRing events;
    private final SlotRing commands;
    private final Waker waker;
    private final MpscArrayQueue<Told> told = new MpscArrayQueue<>(TOLD_MAX);
    private Told next;

    /** @param waker of the dtls thread */
    DtlsLink(CoreRings rings, Waker waker) {
        this.events = rings.dtlsEvents();
        this.commands = rings.dtlsCommands();
        this.waker = waker;
    }

    /** @return what the core writes; dtls thread. */
    SlotRing events() {
        return events;
    }

    /** @return what the core reads; dtls thread. */
    SlotRing commands() {
        return commands;
    }

    /** Any thread. @return false when there is no room: nothing was taken */
    boolean tryTell(Told news) {
        boolean isTaken = told.offer(news);
        waker.wake();
        return isTaken;
    }

    /** @return what is to be written next, the same until {@link #written}; null = nothing. Dtls thread. */
    Told next() {
        if (next == null) {
            next = told.poll();
        }
        return next;
    }

    /** What was next has been written, or is passed over. Dtls thread. */
    void written() {
        next = null;
    }

    /** @return whether something waits for room in the core's ring. Dtls thread. */
    boolean isHeld() {
        return next != null;
    }
}
