package io.hookswitch.server.routing;

import io.hookswitch.control.ControlCommand.Resolve;
import io.hookswitch.control.ControlCommand.Srtp;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Resolution.Nowhere;
import io.hookswitch.control.ControlEvent.Resolution.Routes;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.DialTarget;
import io.hookswitch.server.registrar.BindingTable;
import io.hookswitch.server.registrar.BindingTable.Binding;
import io.hookswitch.server.registrar.UserTable;
import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Answers where a dial target leads. What the tables know is answered at once, on the asking thread; names are looked
 * up on
 * a virtual thread with a deadline. Each question is answered exactly once.
 */
public final class TargetResolver implements AutoCloseable {
    private static final int LOOKUPS_MAX = 256;
    private static final int ROUTES_MAX = 16;

    private final CarrierChoice carriers;
    private final UserTable users;
    private final BindingTable bindings;
    private final Hops hops;
    private final Predicate<String> alive;
    private final long deadlineMs;
    private final ExecutorService lookups = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore running = new Semaphore(LOOKUPS_MAX);
    private volatile List<InetSocketAddress> own = List.of();
    private volatile Set<Transport> spoken = Set.of(Transport.UDP, Transport.TCP);

    /**
     * Answers from these tables.
     *
     * @param deadlineMs longest time a name may take
     */
    public TargetResolver(
            CarrierChoice carriers, UserTable users, BindingTable bindings, NameService names, long deadlineMs) {
        this(carriers, users, bindings, names, _ -> true, deadlineMs);
    }

    /**
     * Leaves gateways out that do not answer.
     *
     * @param alive tells of {@code transport:address:port} whether calls may be sent there
     */
    public TargetResolver(
            CarrierChoice carriers,
            UserTable users,
            BindingTable bindings,
            NameService names,
            Predicate<String> alive,
            long deadlineMs) {
        this.alive = alive;
        this.carriers = carriers;
        this.users = users;
        this.bindings = bindings;
        hops = new Hops(names);
        this.deadlineMs = deadlineMs;
    }

    /** Says where we listen: a call there would come back to us. At start-up. */
    public void listensOn(List<InetSocketAddress> addresses) {
        own = List.copyOf(addresses);
    }

    /** Says how we can be spoken to, and speak; UDP and TCP unless this is called. At start-up. */
    public void speaks(Set<Transport> transports) {
        spoken = Set.copyOf(transports);
    }

    /** Finds where a target leads. @param done called exactly once, on this thread or on a virtual one */
    public void resolve(Resolve question, Consumer<Resolution> done) {
        switch (question.target()) {
            case DialTarget.Phone phone -> phone(question, phone, done);
            case DialTarget.User user -> done.accept(user(question.account(), user));
            case DialTarget.Sip sip -> sip(question.account(), sip, done);
            case DialTarget.Teams teams -> teams(question.account(), teams, done);
        }
    }

    private void phone(Resolve question, DialTarget.Phone phone, Consumer<Resolution> done) {
        Optional<Carrier> carrier = carriers.choose(question.account(), phone, question.inboundTrunk());
        if (carrier.isEmpty()) {
            done.accept(new Nowhere(603, "No carrier"));
            return;
        }
        List<Gateway> gateways = CarrierChoice.outbound(carrier.get());
        boolean isKnown = gateways.stream().allMatch(gateway -> Hops.isKnown(carrier.get(), gateway));
        if (isKnown) {
            done.accept(routes(phone.number(), carrier.get(), gateways));
        } else {
            lookUp(() -> routes(phone.number(), carrier.get(), gateways), done);
        }
    }

    private Resolution routes(String number, Carrier carrier, List<Gateway> gateways) {
        List<Route> routes = new ArrayList<>();
        boolean digest = !carrier.registerUsername().isEmpty();
        boolean isFound = false;
        for (Gateway gateway : gateways) {
            for (Hop hop : hops.of(carrier, gateway)) {
                isFound = true;
                if (!alive.test(hop.text())) {
                    continue;
                }
                routes.add(new Route(
                        CarrierChoice.requestUri(number, carrier, gateway),
                        hop.text(),
                        carrier.registerFromDomain().isEmpty() ? null : carrier.registerFromDomain(),
                        digest ? carrier.registerUsername() : null,
                        digest ? carrier.registerPassword().value() : null,
                        carrier.name(),
                        CarrierChoice.diversion(carrier, gateway),
                        gateway.srtp() ? Srtp.SDES : Srtp.NONE,
                        null));
            }
        }
        String why = isFound ? " do not answer" : " not found in DNS";
        return routes.isEmpty()
                ? new Nowhere(503, "Gateways of " + carrier.name() + why)
                : new Routes(routes.subList(0, Math.min(ROUTES_MAX, routes.size())));
    }

    private void teams(String account, DialTarget.Teams target, Consumer<Resolution> done) {
        Optional<AccountSettings.Teams> teams = carriers.teams(account);
        if (teams.isEmpty()) {
            done.accept(new Nowhere(500, "No Teams tenant"));
        } else if (teams.get().hosts().stream()
                .allMatch(host -> Addresses.literal(host).isPresent())) {
            done.accept(teams(teams.get(), target));
        } else {
            lookUp(() -> teams(teams.get(), target), done);
        }
    }

    private Resolution teams(AccountSettings.Teams teams, DialTarget.Teams target) {
        String tenant = target.tenant() == null ? teams.tenant() : target.tenant();
        String voicemail = target.voicemail() ? ";opaque=app:voicemail" : "";
        List<Route> routes = new ArrayList<>();
        for (String host : teams.hosts()) {
            for (Hop hop : hops.of(host, teams.port())) {
                if (alive.test(hop.text())) {
                    routes.add(new Route(
                            "sip:" + target.number() + "@" + host + voicemail,
                            hop.text(),
                            tenant,
                            null,
                            null,
                            "",
                            List.of(),
                            Srtp.SDES_WITH_ICE,
                            target.number() + "@" + tenant));
                }
            }
        }
        return routes.isEmpty()
                ? new Nowhere(503, "Teams does not answer")
                : new Routes(routes.subList(0, Math.min(ROUTES_MAX, routes.size())));
    }

    private Resolution user(String account, DialTarget.User target) {
        String name = target.name();
        int at = name.lastIndexOf('@');
        String domain = at < 0 ? users.realmOf(account).orElse("") : name.substring(at + 1);
        String user = at < 0 ? name : name.substring(0, at);
        Optional<UserTable.Known> known = users.user(user, domain);
        if (known.isEmpty() || !known.get().account().equals(account)) {
            return new Nowhere(404, "Not registered");
        }
        List<Binding> contacts = bindings.bindings(known.get().address());
        if (contacts.isEmpty()) {
            return new Nowhere(404, "Not registered");
        }
        return new Routes(
                contacts.stream()
                        .map(binding -> new Route(
                                overridden(binding.uri(), target.overrideTo()),
                                binding.nextHop(),
                                null,
                                null,
                                null,
                                ""))
                        .toList(),
                true);
    }

    /** @return a contact's URI with another user part; {@code user} null = as it is. */
    private static String overridden(String uri, String user) {
        if (user == null) {
            return uri;
        }
        int scheme = uri.indexOf(':') + 1;
        int at = uri.indexOf('@');
        return uri.substring(0, scheme) + user + "@" + uri.substring(at < 0 ? scheme : at + 1);
    }

    private void sip(String account, DialTarget.Sip sip, Consumer<Resolution> done) {
        SipTarget target;
        switch (SipTarget.parse(sip.sipUri())) {
            case SipTarget.Parsed.Bad(String reason) -> {
                done.accept(new Nowhere(500, "Bad URI: " + reason));
                return;
            }
            case SipTarget.Parsed.Good(SipTarget good) -> target = good;
        }
        if (sip.proxy() != null) {
            switch (SipTarget.proxy(sip.proxy())) {
                case SipTarget.Parsed.Bad(String reason) -> {
                    done.accept(new Nowhere(500, "Bad proxy: " + reason));
                    return;
                }
                case SipTarget.Parsed.Good(SipTarget proxy) -> target = proxy;
            }
        } else if (users.accountOf(target.host()).isPresent()) {
            done.accept(user(account, new DialTarget.User(target.user() + "@" + target.host())));
            return;
        }
        SipTarget next = target;
        if (!spoken.contains(next.transportOrUdp())) {
            String unspoken = next.transportOrUdp().wireName();
            done.accept(new Nowhere(500, "Bad URI: " + unspoken + " is not listened on"));
            return;
        }
        if (next.literal().isPresent()) {
            done.accept(sipRoutes(sip, hops.of(next)));
        } else {
            lookUp(() -> sipRoutes(sip, hops.of(next)), done);
        }
    }

    private Resolution sipRoutes(DialTarget.Sip sip, List<Hop> hops) {
        if (hops.isEmpty()) {
            return new Nowhere(503, "Host not found");
        }
        List<Route> routes = new ArrayList<>();
        for (Hop hop : hops) {
            if (own.contains(new InetSocketAddress(hop.address(), hop.port()))) {
                return new Nowhere(482, "Loop Detected");
            }
            routes.add(new Route(sip.sipUri(), hop.text(), null, sip.authUser(), sip.authPassword(), ""));
        }
        return new Routes(routes.subList(0, Math.min(ROUTES_MAX, routes.size())));
    }

    private interface Lookup {
        Resolution find();
    }

    /**
     * One thread looks up, one waits for it until the deadline; a slow name server costs this question only. A lookup
     * that is given up may still wait inside the resolver: it counts until it is over.
     */
    private void lookUp(Lookup lookup, Consumer<Resolution> done) {
        if (!running.tryAcquire()) {
            done.accept(new Nowhere(503, "Too many name lookups"));
            return;
        }
        try {
            lookups.execute(() -> done.accept(await(begin(lookup))));
        } catch (RejectedExecutionException e) {
            running.release();
            done.accept(new Nowhere(503, "Shutting down"));
        }
    }

    private Future<Resolution> begin(Lookup lookup) {
        CompletableFuture<Resolution> pending = new CompletableFuture<>();
        try {
            lookups.execute(() -> {
                try {
                    pending.complete(lookup.find());
                } catch (RuntimeException e) {
                    pending.completeExceptionally(e);
                } finally {
                    running.release();
                }
            });
        } catch (RejectedExecutionException e) {
            running.release();
            pending.completeExceptionally(e);
        }
        return pending;
    }

    private Resolution await(Future<Resolution> pending) {
        try {
            return pending.get(deadlineMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Nowhere(503, "Name lookup took more than " + deadlineMs + " ms");
        } catch (ExecutionException e) {
            return new Nowhere(503, "Name lookup failed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Nowhere(503, "Shutting down");
        }
    }

    /** Ends lookups under way; their questions are still answered. */
    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
