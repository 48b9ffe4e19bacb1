package io.hookswitch.server.registrar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;

/**
 * Where users can be reached: several contacts per address-of-record (RFC 3261 section 10.3), each until it expires. In
 * memory; what a restart may not forget {@link BindingSnapshot} writes down.
 */
public final class BindingTable {
    /** Most contacts of one user; a further one takes the place of the one that would expire first. */
    public static final int CONTACTS_MAX = 10;

    /**
     * One contact.
     *
     * @param uri as the user agent gave it: the Request-URI to call it with
     * @param nextHop {@code transport:address:port} that the REGISTER came from: where to send (NAT)
     * @param expiresNs the clock's time at which it is gone
     */
    public record Binding(String uri, String nextHop, String callId, long cseq, long expiresNs) {
        /** @return whole seconds left, at least 0, rounded up. */
        public long secondsLeft(long nowNs) {
            long leftNs = Math.max(0, expiresNs - nowNs);
            return TimeUnit.NANOSECONDS.toSeconds(leftNs + TimeUnit.SECONDS.toNanos(1) - 1);
        }
    }

    /**
     * A contact of one REGISTER.
     *
     * @param expiresS granted already; 0 removes it
     */
    public record Change(String uri, int expiresS) {}

    /** No registration is granted for longer than a week. */
    private static final long LEFT_MAX_MS = TimeUnit.DAYS.toMillis(7);

    private final NanoClock clock;
    private final Map<String, List<Binding>> bindings = new ConcurrentHashMap<>();
    /** Addresses-of-record that are reached over a connection, by next hop; only of connections whose end is told. */
    private final Map<String, Set<String>> byConnection = new ConcurrentHashMap<>();

    private final AtomicLong registers = new AtomicLong();

    /** @param clock decides when a contact is gone */
    public BindingTable(NanoClock clock) {
        this.clock = clock;
    }

    /**
     * Carries out one REGISTER as a whole.
     *
     * @param address {@code user@realm}
     * @return false when it is older than what a contact of it has already (same Call-ID, CSeq not higher): nothing
     *     changed
     */
    public boolean register(String address, List<Change> changes, String nextHop, String callId, long cseq) {
        long nowNs = clock.nanoTime();
        boolean[] fresh = {true};
        bindings.compute(address, (_, known) -> {
            List<Binding> current = live(known, nowNs);
            for (Change change : changes) {
                for (Binding binding : current) {
                    if (binding.uri().equals(change.uri()) && isNewer(binding, callId, cseq)) {
                        fresh[0] = false;
                        return orNull(current);
                    }
                }
            }
            for (Change change : changes) {
                current.removeIf(binding -> binding.uri().equals(change.uri()));
                if (change.expiresS() > 0) {
                    long expiresNs = nowNs + TimeUnit.SECONDS.toNanos(change.expiresS());
                    current.add(new Binding(change.uri(), nextHop, callId, cseq, expiresNs));
                }
            }
            while (current.size() > CONTACTS_MAX) {
                current.remove(current.stream()
                        .min(Comparator.comparingLong(binding -> binding.expiresNs() - nowNs))
                        .orElseThrow());
            }
            return orNull(current);
        });
        if (endsWithItsConnection(nextHop)) {
            byConnection
                    .computeIfAbsent(nextHop, _ -> ConcurrentHashMap.newKeySet())
                    .add(address);
        }
        registers.incrementAndGet();
        return fresh[0];
    }

    /**
     * Removes every contact of a user: a REGISTER with {@code Contact: *} and Expires 0.
     *
     * @return false when it is older than a contact of it, as in {@link #register}
     */
    public boolean removeAll(String address, String callId, long cseq) {
        List<Binding> left = bindings.compute(address, (_, known) -> {
            List<Binding> current = live(known, clock.nanoTime());
            boolean isOld = current.stream().anyMatch(each -> isNewer(each, callId, cseq));
            return isOld ? current : null;
        });
        registers.incrementAndGet();
        return left == null;
    }

    /** Removes every contact that is reached at an address: its connection has ended. @return contacts removed */
    public int gone(String nextHop) {
        int removed = 0;
        for (String address : byConnection.getOrDefault(nextHop, Set.of())) {
            int[] fewer = {0};
            bindings.computeIfPresent(address, (_, known) -> {
                List<Binding> current = live(known, clock.nanoTime());
                int before = current.size();
                current.removeIf(binding -> binding.nextHop().equals(nextHop));
                fewer[0] = before - current.size();
                return orNull(current);
            });
            removed += fewer[0];
        }
        byConnection.remove(nextHop);
        registers.incrementAndGet();
        return removed;
    }

    /** A WebSocket that ends takes its contacts along; after a restart there is none. */
    private static boolean endsWithItsConnection(String nextHop) {
        return nextHop.startsWith("ws:") || nextHop.startsWith("wss:");
    }

    /** @return whether what is bound comes from the same Call-ID and is not older. */
    private static boolean isNewer(Binding binding, String callId, long cseq) {
        return binding.callId().equals(callId) && binding.cseq() >= cseq;
    }

    /** @return the contacts that have not expired, in the order in which they registered first. */
    public List<Binding> bindings(String address) {
        return List.copyOf(live(bindings.get(address), clock.nanoTime()));
    }

    /**
     * Puts a contact of before a restart back; one that has registered since stays as it is.
     *
     * @param leftMs time until it expires; nothing happens when it is over
     * @param from everything but its time
     */
    void restore(String address, long leftMs, Binding from) {
        if (endsWithItsConnection(from.nextHop())) {
            return;
        }
        long nowNs = clock.nanoTime();
        bindings.compute(address, (_, known) -> {
            List<Binding> current = live(known, nowNs);
            boolean isThere = current.stream().anyMatch(binding -> binding.uri().equals(from.uri()));
            if (leftMs > 0 && !isThere && current.size() < CONTACTS_MAX) {
                long expiresNs = nowNs + TimeUnit.MILLISECONDS.toNanos(Math.min(leftMs, LEFT_MAX_MS));
                current.add(new Binding(from.uri(), from.nextHop(), from.callId(), from.cseq(), expiresNs));
            }
            return orNull(current);
        });
    }

    /** @return every contact that has not expired, by address-of-record. */
    Map<String, List<Binding>> all() {
        long nowNs = clock.nanoTime();
        Map<String, List<Binding>> all = new TreeMap<>();
        bindings.forEach((address, known) -> all.put(address, live(known, nowNs)));
        return all;
    }

    /** @return a number that grows behind each REGISTER that may have changed something. */
    long changes() {
        return registers.get();
    }

    /** @return the time by which {@link Binding#secondsLeft} is counted. */
    public long nowNs() {
        return clock.nanoTime();
    }

    /** Forgets what has expired. @return contacts left. */
    public int sweep() {
        long nowNs = clock.nanoTime();
        int left = 0;
        for (String address : bindings.keySet()) {
            List<Binding> kept = bindings.computeIfPresent(address, (_, known) -> orNull(live(known, nowNs)));
            left += kept == null ? 0 : kept.size();
        }
        return left;
    }

    private static List<Binding> live(List<Binding> known, long nowNs) {
        List<Binding> live = new ArrayList<>();
        if (known != null) {
            for (Binding binding : known) {
                if (binding.expiresNs() - nowNs > 0) {
                    live.add(binding);
                }
            }
        }
        return live;
    }

    private static List<Binding> orNull(List<Binding> list) {
        return list.isEmpty() ? null : List.copyOf(list);
    }
}
