package io.hookswitch.sip.ua;

import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.engine.ring.Waker;
import io.hookswitch.sip.CallerAdmission;
import io.hookswitch.sip.Registrar;
import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.UserSecrets;
import io.hookswitch.sip.stack.ShardSettings;
import io.hookswitch.sip.stack.ShardStack;
import io.hookswitch.sip.transport.ListenAddress;
import io.hookswitch.sip.transport.SipCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    public record World(CallerAdmission admission, UserSecrets secrets, Registrar registrar) {}

    private static final long MAX_WAIT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int EARLY_DIALOG_S = 700;

    private final SipSettings settings;
    private final NanoClock clock;
    private final SipCounters counters = new SipCounters();
    private final CompletableFuture<List<ListenAddress>> bound = new CompletableFuture<>();
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
        ShardSettings shard = new ShardSettings(
                settings.name(),
                settings.wire(),
                settings.serverTransactionsMax(),
                EARLY_DIALOG_S,
                settings.retryAfterS());
        stack = new ShardStack(shard, new Listener(errors), clock, counters, errors);
        tables = new SipTables(0, 0, 0, stack.tables());
    }

    @Override
    public void onStart() {
        try {
            stack.start();
            bound.complete(stack.bound());
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

    /** @return what came in, went out and was refused. Any thread. */
    public SipCounters counters() {
        return counters;
    }

    /** @return what it held at the end of its last pass. Any thread. */
    public SipTables tables() {
        return tables;
    }

    @Override
    public int doWork() {
        int work = stack.poll(MAX_WAIT_NS);
        tables = new SipTables(0, 0, 0, stack.tables());
        return work;
    }

    @Override
    public void onClose() {
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
