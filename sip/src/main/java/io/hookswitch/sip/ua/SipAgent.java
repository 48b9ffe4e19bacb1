package io.hookswitch.sip.ua;

import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.engine.ring.Waker;
import io.hookswitch.sip.CallerAdmission;
import io.hookswitch.sip.Peers;
import io.hookswitch.sip.RecordingSession;
import io.hookswitch.sip.Registrar;
import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.UserSecrets;
import io.hookswitch.sip.stack.ShardSettings;
import io.hookswitch.sip.stack.ShardStack;
import io.hookswitch.sip.transport.ListenAddress;
import io.hookswitch.sip.transport.SipCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * A sip thread: sole owner of its sockets, stack and legs. Waits inside {@link #doWork} for a packet, the waker or the
 * next timer, so its runner needs no idle strategy.
 */
public final class SipAgent implements Agent {
    /** What a sip thread asks. */
    public record World(CallerAdmission admission, UserSecrets secrets, Registrar registrar, Peers peers) {
        /** Deals with nobody outside of calls. */
        public World(CallerAdmission admission, UserSecrets secrets, Registrar registrar) {
            this(admission, secrets, registrar, Peers.NONE);
        }
    }

    /** At its end it waits so long at most for carriers to confirm that we are gone. */
    private static final int LEAVE_PASSES = 50;

    private static final long LEAVE_PASS_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long MAX_WAIT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long CROWDED_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int EARLY_DIALOG_S = 700;
    private static final int COMMANDS = 64;

    private final SipSettings settings;
    private final NanoClock clock;
    private final SipCounters counters = new SipCounters();
    private final CompletableFuture<List<ListenAddress>> bound = new CompletableFuture<>();
    private final SlotRing commands;
    private final SlotRing.Reader onCommand;
    private final CoreEvents events;
    private final LegTimers timers;
    final Legs legs;
    private final Upkeep upkeep;
    private final Recordings recordings;
    private final ShardStack stack;
    private volatile SipTables tables;

    /**
     * @param sipEvents to the core; this agent is its writer
     * @param sipCommands from the core; this agent is its reader
     * @param idSeed seeds tags, Call-IDs and nonces; secret and different in each process
     * @param errors hears of everything that was thrown where nothing should be
     */
    public SipAgent(
            SipSettings settings,
            World world,
            SlotRing sipEvents,
            SlotRing sipCommands,
            NanoClock clock,
            long idSeed,
            ErrorHandler errors) {
        this.settings = settings;
        this.clock = clock;
        commands = sipCommands;
        events = new CoreEvents(sipEvents, clock);
        timers = new LegTimers(clock, errors);
        legs = new Legs(world);
        ShardSettings shard = new ShardSettings(
                settings.name(),
                settings.wire(),
                settings.serverTransactionsMax(),
                EARLY_DIALOG_S,
                settings.retryAfterS());
        stack = new ShardStack(shard, legs, clock, counters, errors);
        Messages messages = new Messages(settings.product(), counters);
        Site site =
                new Site(settings, stack, messages, events, timers, new Ids(idSeed, new SecureRandom()), clock, errors);
        legs.start(site);
        stack.closed(flow -> {
            if (flow.transport().isWebSocket()) {
                world.registrar().gone(NextHop.text(flow.transport(), flow.remote()));
            }
        });
        upkeep = new Upkeep(site, legs, world.peers());
        recordings = new Recordings(site, stack.waker());
        onCommand = legs::onCommand;
        tables = new SipTables(0, 0, 0, stack.tables());
    }

    @Override
    public void onStart() {
        try {
            stack.start();
            bound.complete(stack.bound());
            upkeep.begin();
        } catch (IOException e) {
            bound.completeExceptionally(e);
            throw new UncheckedIOException(e);
        }
    }

    /** @return wakes this agent; for the writer of the command ring. Any thread. */
    public Waker waker() {
        return stack.waker();
    }

    /** @return the addresses listened on with their real ports, once they are; fails with the reason. Any thread. */
    public CompletableFuture<List<ListenAddress>> bound() {
        return bound.copy();
    }

    /**
     * Begins a recording session (RFC 7866).
     *
     * @return null = there are as many as there may be. Any thread.
     */
    public RecordingSession record(
            RecordingSession.Server server, RecordingSession.Offer offer, RecordingSession.Listener listener) {
        return recordings.begin(server, offer, listener);
    }

    /** @return what came in, went out and was refused. Any thread. */
    public SipCounters counters() {
        return counters;
    }

    /** @return what it held at the end of its last pass. Any thread. */
    public SipTables tables() {
        return tables;
    }

    /** @return work done this cycle. */
    @Override
    public int doWork() {
        return doWork(MAX_WAIT_NS);
    }

    /** One cycle. @param maxWaitNs waits so long at most when there is nothing to do */
    int doWork(long maxWaitNs) {
        int work = events.drain();
        stack.overloaded(!events.hasRoom() || legs.count() >= settings.legsMax());
        work += stack.poll(waitNs(maxWaitNs));
        // Commands are always taken, room for events or not: the core may be waiting for room in its command ring.
        work += commands.poll(onCommand, COMMANDS);
        work += recordings.poll();
        work += timers.poll(clock.nanoTime());
        stack.flush();
        events.wakeReader();
        if (work > 0) {
            tables = new SipTables(legs.count(), events.waiting(), timers.size(), stack.tables());
        }
        return work;
    }

    private long waitNs(long maxWaitNs) {
        if (commands.size() > 0 || recordings.isAsked()) {
            return 0;
        }
        long waitNs = timers.size() == 0 ? maxWaitNs : Math.min(maxWaitNs, timers.nextNs() - clock.nanoTime());
        return Math.max(0, events.waiting() > 0 ? Math.min(waitNs, CROWDED_WAIT_NS) : waitNs);
    }

    @Override
    public void onClose() {
        if (bound.isDone() && !bound.isCompletedExceptionally()) {
            upkeep.leave();
            recordings.leave();
            for (int i = 0; i < LEAVE_PASSES && (upkeep.isLeaving() || recordings.isLeaving()); i++) {
                doWork(LEAVE_PASS_NS);
            }
        }
        try {
            stack.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String roleName() {
        return settings.name();
    }
}
