package io.hookswitch.server.routing;

import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.SipSettings;
import io.hookswitch.sip.Peers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What the sip thread does for carriers outside of calls: gateways that want it are asked by OPTIONS whether they are
 * there, and we register where we are customers. Places with a name are looked up on a virtual thread, again and again.
 * Any thread.
 */
public final class CarrierUpkeep implements Peers, AutoCloseable {
    private static final int EXPIRES_S = 3_600;
    private static final long LOOK_UP_AGAIN_S = 60;

    private record Customer(String account, Carrier carrier) {}

    private static final int TEAMS_INTERVAL_MS = 60_000;

    private final List<AccountSettings.Teams> teams = new ArrayList<>();
    private final List<Customer> customers = new ArrayList<>();
    private final SipSettings sip;
    private final Hops hops;
    private final Set<String> dead = ConcurrentHashMap.newKeySet();
    private final Map<String, Boolean> enrolled = new ConcurrentHashMap<>();
    private final ExecutorService lookups = Executors.newVirtualThreadPerTaskExecutor();
    private volatile List<Probe> probes = List.of();
    private volatile List<Enrolment> enrolments = List.of();

    /** Takes the active carriers out of the accounts; nothing is looked up yet. */
    public CarrierUpkeep(List<AccountSettings> accounts, SipSettings sip, NameService names) {
        this.sip = sip;
        hops = new Hops(names);
        for (AccountSettings account : accounts) {
            account.teams().ifPresent(teams::add);
            for (Carrier carrier : account.carriers()) {
                boolean pinged = carrier.gateways().stream().anyMatch(Gateway::pinged);
                if (carrier.active() && (pinged || carrier.registers())) {
                    customers.add(new Customer(account.name(), carrier));
                }
            }
        }
    }

    /** @return this for the sip thread, or nobody when there is nothing to do. */
    public Peers peers() {
        return customers.isEmpty() && teams.isEmpty() ? Peers.NONE : this;
    }

    /** Finds everybody: at once where no name must be looked up, else on a virtual thread, until closed. */
    public void start() {
        boolean isKnown = teams.isEmpty()
                && customers.stream().allMatch(customer -> CarrierChoice.outbound(customer.carrier()).stream()
                        .allMatch(gateway -> Hops.isKnown(customer.carrier(), gateway)));
        if (isKnown) {
            find();
        } else {
            lookups.execute(this::findAgainAndAgain);
        }
    }

    private void findAgainAndAgain() {
        try {
            while (!lookups.isShutdown()) {
                find();
                TimeUnit.SECONDS.sleep(LOOK_UP_AGAIN_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void find() {
        Set<Probe> asked = new LinkedHashSet<>();
        List<Enrolment> wanted = new ArrayList<>();
        for (Customer customer : customers) {
            Carrier carrier = customer.carrier();
            Set<String> registrars = new LinkedHashSet<>();
            for (Gateway gateway : CarrierChoice.outbound(carrier)) {
                for (Hop hop : hops.of(carrier, gateway)) {
                    registrars.add(hop.text());
                    if (gateway.pinged()) {
                        asked.add(probe(carrier, gateway, hop));
                    }
                }
            }
            if (carrier.registers()) {
                wanted.add(enrolment(customer, List.copyOf(registrars)));
            }
        }
        for (AccountSettings.Teams each : teams) {
            for (String host : each.hosts()) {
                for (Hop hop : hops.of(host, each.port())) {
                    asked.add(new Probe(
                            hop.text(), "sip:" + host, each.tenant(), TEAMS_INTERVAL_MS, sip.optionsFailures()));
                }
            }
        }
        Set<String> hopsAsked = new LinkedHashSet<>();
        asked.forEach(probe -> hopsAsked.add(probe.nextHop()));
        dead.retainAll(hopsAsked);
        probes = List.copyOf(asked);
        enrolments = List.copyOf(wanted);
    }

    private Probe probe(Carrier carrier, Gateway gateway, Hop hop) {
        return new Probe(
                hop.text(),
                CarrierChoice.uri("", carrier, gateway),
                carrier.registerFromDomain(),
                sip.optionsIntervalS() * 1000,
                sip.optionsFailures());
    }

    private static Enrolment enrolment(Customer customer, List<String> registrars) {
        Carrier carrier = customer.carrier();
        Gateway first = CarrierChoice.outbound(carrier).getFirst();
        String realm = CarrierChoice.host(carrier, first);
        String domain = carrier.registerFromDomain().isEmpty() ? realm : carrier.registerFromDomain();
        return new Enrolment(
                customer.account() + "/" + carrier.name(),
                registrars,
                "sip:" + realm,
                "sip:" + CarrierChoice.escaped(carrier.registerUsername()) + "@" + domain,
                carrier.registerUsername(),
                carrier.registerPassword().value(),
                EXPIRES_S);
    }

    /** @return whether calls may be sent to {@code transport:address:port}. */
    public boolean isAlive(String nextHop) {
        return !dead.contains(nextHop);
    }

    @Override
    public List<Probe> probes() {
        return probes;
    }

    @Override
    public List<Enrolment> enrolments() {
        return enrolments;
    }

    @Override
    public void onHealth(Probe probe, boolean alive) {
        if (alive) {
            dead.remove(probe.nextHop());
        } else {
            dead.add(probe.nextHop());
        }
    }

    @Override
    public void onEnrolled(String name, boolean registered) {
        enrolled.put(name, registered);
    }

    /** @return how many gateways are asked, how many of them do not answer, and how many registrations stand. */
    public Map<String, Long> counters() {
        return Map.of(
                "gateways_asked", (long) probes.size(),
                "gateways_dead", (long) dead.size(),
                "carriers_registered",
                        enrolled.values().stream().filter(stands -> stands).count());
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
