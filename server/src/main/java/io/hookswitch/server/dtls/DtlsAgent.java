package io.hookswitch.server.dtls;

import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.message.DtlsCommand;
import io.hookswitch.engine.message.DtlsEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.engine.ring.Waker;
import io.hookswitch.server.dtls.Association.Key;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * Shakes hands with DTLS far ends for all cores: datagrams come in their rings of DTLS events, datagrams and keys go
 * back in those of DTLS commands. A core never waits for it.
 *
 * <p>It keeps one association a core's row, until the core says that it is over or speaks of another one: of a leg that
 * reuses the row, or of another number of the same leg. One that has failed, or has lingered long enough behind its
 * keys, is kept without its thread: it is not begun again by what the far end still sends.
 */
public final class DtlsAgent implements AutoCloseable {
    /** Handshakes under way at a time; a far end that finds no place repeats its first message. */
    static final int HANDSHAKES_MAX = 512;
    /** Longest time from a far end's first datagram to keys. */
    static final long HANDSHAKE_MAX_NS = TimeUnit.SECONDS.toNanos(30);
    /** How long a far end may repeat its last flight: twice the longest life of a packet (RFC 6347 section 4.2.4). */
    static final long LINGER_NS = TimeUnit.SECONDS.toNanos(240);

    private static final int BATCH = 64;
    /** Nobody wakes it for a deadline, nor to close. */
    private static final long PARK_NS = 100_000_000L;
    /** Nobody wakes it when there is room in a ring again. */
    private static final long ROOM_PARK_NS = 1_000_000L;

    private static final long CLOSE_MS = 1000;
    private static final int ROW_BITS = 32;

    private final List<DtlsLink> links;
    private final DtlsIdentity identity;
    private final NanoClock clock;
    private final ErrorHandler errors;
    private final SecureRandom random;
    private final BcTlsCrypto crypto;
    private final DtlsCounters counters = new DtlsCounters();
    private final SlotRing.Reader onEvent = this::onEvent;
    private final AgentRunner runner;
    private volatile Thread thread;

    /** By core and row. */
    private final Long2ObjectHashMap<Association> associations = new Long2ObjectHashMap<>();
    /** Those without a result, in the order of their deadlines. */
    private final LinkedHashSet<Association> underWay = new LinkedHashSet<>();

    /** Those with keys whose thread still answers, in the order of their deadlines. */
    private final LinkedHashSet<Association> lingering = new LinkedHashSet<>();

    private DtlsLink polled;
    private long nowNs;

    /**
     * Makes one; its thread starts with {@link #start}.
     *
     * @param cores rings of every core
     * @param identity what we show
     * @param random source of everything secret
     * @param clock measures how long a handshake takes
     * @param errors told of what should never happen
     */
    public DtlsAgent(
            List<CoreRings> cores, DtlsIdentity identity, SecureRandom random, NanoClock clock, ErrorHandler errors) {
        this.links = cores.stream().map(rings -> new DtlsLink(rings, waker())).toList();
        this.identity = identity;
        this.random = random;
        this.crypto = new BcTlsCrypto(random);
        this.clock = clock;
        this.errors = errors;
        this.runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, errors, null, new DutyCycle());
    }

    private final class DutyCycle implements Agent {
        @Override
        public String roleName() {
            return "dtls";
        }

        @Override
        public void onStart() {
            thread = Thread.currentThread();
        }

        @Override
        public int doWork() {
            int work = step();
            if (work == 0) {
                // Writers unpark after they publish; a permit given since the last pass makes this return at once.
                LockSupport.parkNanos(DtlsAgent.this, parkNs());
            }
            return work;
        }
    }

    /** Starts the thread. */
    public void start() {
        AgentRunner.startOnThread(runner);
    }

    /** @return wakes the thread: for the cores' rings of DTLS events; any thread. */
    public Waker waker() {
        return () -> LockSupport.unpark(thread);
    }

    /** @return SHA-256 of our certificate, {@code AB:CD:...}; any thread. */
    public String fingerprint() {
        return identity.fingerprint();
    }

    /** @return what is counted; any thread. */
    public DtlsCounters counters() {
        return counters;
    }

    /** Shakes hands with itself, so that the first far end finds everything loaded; half a second, on any thread. */
    public void warmUp() {
        try {
            Rehearsal.run(identity, random);
        } catch (IOException | RuntimeException e) {
            errors.onError(e);
        }
    }

    private long parkNs() {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).isHeld()) {
                return ROOM_PARK_NS;
            }
        }
        return PARK_NS;
    }

    /** One pass without waiting. @return work done */
    int step() {
        nowNs = clock.nanoTime();
        int work = expire();
        for (int i = 0; i < links.size(); i++) {
            polled = links.get(i);
            work += polled.events().poll(onEvent, BATCH);
            work += write(polled);
            polled.commands().wakeReader();
        }
        return work;
    }

    private int expire() {
        int work = 0;
        while (!underWay.isEmpty() && underWay.getFirst().isLate(nowNs)) {
            Association late = underWay.getFirst();
            settled(late);
            late.expire();
            work++;
        }
        while (!lingering.isEmpty() && lingering.getFirst().isLate(nowNs)) {
            lingering.removeFirst().expire();
            work++;
        }
        return work;
    }

    private void onEvent(MessageFlyweight message) {
        Key key = new Key(message.leg(), message.reference());
        switch (message.type()) {
            case DtlsEvent.DATAGRAM -> onDatagram(key, message);
            case DtlsEvent.ENDED -> {
                Association ended = associations.get(row(key));
                if (ended != null && ended.key().equals(key)) {
                    end(ended);
                }
            }
            default -> throw new IllegalStateException(polled.events().name() + ": type " + message.type());
        }
    }

    private void onDatagram(Key key, MessageFlyweight message) {
        Association association = associations.get(row(key));
        if (association != null && !association.key().equals(key)) {
            // That it ended found the ring full.
            end(association);
            association = null;
        }
        if (association == null) {
            association = begin(key, message.media());
        }
        byte[] datagram = datagram(message);
        if (association == null || datagram == null || !association.offer(datagram)) {
            counters.datagramsDropped.increment();
        }
    }

    private Association begin(Key key, MediaFlyweight description) {
        if (underWay.size() >= HANDSHAKES_MAX || !description.isDtls()) {
            counters.refused.increment();
            return null;
        }
        byte[] fingerprint = new byte[MediaFlyweight.FINGERPRINT_LENGTH];
        description.copyFingerprint(fingerprint);
        DtlsServer server = new DtlsServer(crypto, identity, fingerprint);
        Association begun = new Association(key, nowNs + HANDSHAKE_MAX_NS, server, polled, counters, errors);
        associations.put(row(key), begun);
        underWay.add(begun);
        counters.begun.increment();
        counters.underWay.increment();
        begun.begin();
        return begun;
    }

    private void end(Association association) {
        associations.remove(row(association.key()));
        settled(association);
        lingering.remove(association);
        association.end();
    }

    private void settled(Association association) {
        if (underWay.remove(association)) {
            counters.underWay.decrement();
        }
    }

    private static long row(Key key) {
        return (long) LegHandle.core(key.leg()) << ROW_BITS | Integer.toUnsignedLong(LegHandle.row(key.leg()));
    }

    private static byte[] datagram(MessageFlyweight message) {
        for (int field = message.firstField(); field >= 0; field = message.nextField(field)) {
            if (message.fieldTag(field) == Field.DATAGRAM) {
                byte[] bytes = new byte[message.fieldLength(field)];
                message.buffer().getBytes(message.fieldBytes(field), bytes);
                return bytes;
            }
        }
        return null;
    }

    /** Hands on what there is, in order; what finds the ring full stays for the next cycle. */
    private int write(DtlsLink link) {
        int work = 0;
        for (Told news = link.next(); news != null && work < BATCH; news = link.next()) {
            Association from = news.from();
            if (!(news instanceof Told.Send)) {
                settled(from);
            }
            if (!from.isOver()) {
                if (!tryWrite(link.commands(), news)) {
                    break;
                }
                if (news instanceof Told.Keyed) {
                    from.lingersUntil(nowNs + LINGER_NS);
                    lingering.add(from);
                }
            }
            link.written();
            work++;
        }
        return work;
    }

    private boolean tryWrite(SlotRing commands, Told news) {
        int type =
                switch (news) {
                    case Told.Send _ -> DtlsCommand.SEND;
                    case Told.Keyed _ -> DtlsCommand.KEYED;
                    case Told.Failed _ -> DtlsCommand.FAILED;
                };
        MessageFlyweight slot = commands.tryClaim(type);
        if (slot == null) {
            return false;
        }
        Key key = news.from().key();
        slot.leg(key.leg()).reference(key.number()).timeNs(nowNs);
        switch (news) {
            case Told.Send(Association _, byte[] datagram) -> {
                if (!slot.put(Field.DATAGRAM, datagram, 0, datagram.length)) {
                    counters.sendsDropped.increment();
                    return true;
                }
            }
            case Told.Keyed(Association _, SrtpKeys keys) -> {
                slot.media().begin().srtp(1 + keys.suite().ordinal(), keys.local(), keys.remote());
                keys.erase();
                counters.keyed.increment();
            }
            case Told.Failed(Association _, DtlsFailure kind, String reason) -> {
                slot.put(Field.REASON, reason);
                counters.failed(kind).increment();
            }
        }
        commands.publish();
        return true;
    }

    /** @return associations known; dtls thread. */
    int known() {
        return associations.size();
    }

    /** Ends every association, and the threads. */
    @Override
    public void close() {
        runner.close();
        List<Association> open = new ArrayList<>(associations.values());
        open.forEach(this::end);
        long mostMs = CLOSE_MS;
        try {
            for (Association association : open) {
                long beganNs = System.nanoTime();
                if (!association.join(mostMs)) {
                    errors.onError(new IllegalStateException("a handshake does not end"));
                    return;
                }
                mostMs -= TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
