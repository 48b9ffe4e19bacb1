package io.hookswitch.server.hooks;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.server.json.JavaScriptJson;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sends one hook request and says what came of it, exactly once, whatever the far end does. One virtual thread a
 * request; every
 * request is bounded in time, size and number, and an account can use up its own share only.
 */
public final class HookClient implements AutoCloseable {
    private static final long[] RETRY_DELAYS_MS = {500, 1000, 2000, 4000, 6000};

    private static final String SHUTTING_DOWN = "shutting down";

    /** Waits between two attempts. */
    @FunctionalInterface
    public interface Sleeper {
        /** Waits on the calling virtual thread. */
        void sleep(long millis) throws InterruptedException;
    }

    /** Told of every finished request; any thread. */
    @FunctionalInterface
    public interface Observer {
        /** One request is over: what it was for, where it went, what came back. */
        void onHook(String account, String method, String url, HookOutcome outcome, long tookMs);
    }

    private final HookSettings settings;
    private final HookAccounts accounts;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final Observer observer;
    private final HookTransport transport;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Share, Semaphore> inFlight = new ConcurrentHashMap<>();

    /** Status callbacks have a share of their own: a dead status server must not keep calls waiting for hooks. */
    private record Share(String account, boolean statuses) {}

    /** Makes a client; nothing is connected yet. */
    public HookClient(
            HookSettings settings,
            HookAccounts accounts,
            AddressGuard guard,
            InstantSource clock,
            Sleeper sleeper,
            Observer observer) {
        this(
                settings,
                accounts,
                clock,
                sleeper,
                observer,
                threads ->
                        new HookTransport(settings, guard, new HostLookup(InetAddress::getAllByName), threads, null));
    }

    HookClient(
            HookSettings settings,
            HookAccounts accounts,
            InstantSource clock,
            Sleeper sleeper,
            Observer observer,
            Function<Executor, HookTransport> transport) {
        this.settings = settings;
        this.accounts = accounts;
        this.clock = clock;
        this.sleeper = sleeper;
        this.observer = observer;
        this.transport = transport.apply(threads);
    }

    /**
     * Sends a request on a virtual thread of its own.
     *
     * @param base absolute URL of the application's call_hook
     * @param done called exactly once, on a virtual thread
     */
    public void send(
            String account, String base, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> done) {
        send(new Share(account, false), base, spec, payload, done);
    }

    /** As {@link #send}, for a status callback: its own share of the account's requests. */
    void sendStatus(
            String account, String base, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> done) {
        send(new Share(account, true), base, spec, payload, done);
    }

    private void send(
            Share share, String base, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> done) {
        Runnable request = () -> {
            long startMs = clock.millis();
            HookOutcome outcome = new HookOutcome.Failed("a fault of ours");
            try {
                outcome = outcome(share, base, spec, payload);
            } finally {
                // Whoever waits is told first, whatever happens: no fault may keep a call waiting.
                done.accept(outcome);
            }
            observe(share, spec, outcome, startMs);
        };
        try {
            threads.execute(request);
        } catch (RejectedExecutionException e) {
            Thread.ofVirtual().start(() -> done.accept(new HookOutcome.Failed(SHUTTING_DOWN)));
        }
    }

    /** Sends a request and waits for what comes of it: virtual threads only. */
    public HookOutcome exchange(String account, String base, HookSpec spec, Map<String, Object> payload) {
        long startMs = clock.millis();
        Share share = new Share(account, false);
        HookOutcome outcome = outcome(share, base, spec, payload);
        observe(share, spec, outcome, startMs);
        return outcome;
    }

    private void observe(Share share, HookSpec spec, HookOutcome outcome, long startMs) {
        observer.onHook(share.account(), spec.method(), spec.url(), outcome, clock.millis() - startMs);
    }

    /** Never throws. Waits for one of the account's places as long as for an answer. */
    private HookOutcome outcome(Share share, String base, HookSpec spec, Map<String, Object> payload) {
        Semaphore places = inFlight.computeIfAbsent(share, _ -> new Semaphore(settings.inFlightPerAccount(), true));
        try {
            if (!places.tryAcquire(settings.headerTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return new HookOutcome.Failed(
                        "more than " + settings.inFlightPerAccount() + " hook requests in flight");
            }
            try {
                return attempts(share.account(), base, spec, payload);
            } finally {
                places.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new HookOutcome.Failed(SHUTTING_DOWN);
        } catch (RuntimeException | StackOverflowError e) {
            return new HookOutcome.Failed(e.toString());
        }
    }

    private HookOutcome attempts(String account, String base, HookSpec spec, Map<String, Object> payload)
            throws InterruptedException {
        HookUrl url;
        byte[] body;
        boolean isGet = "GET".equalsIgnoreCase(spec.method());
        try {
            url = HookUrl.resolve(base, spec.url());
            body = isGet ? Signature.NO_BODY : JavaScriptJson.write(payload);
            url = isGet ? url.withQuery(payload) : url;
        } catch (HookUrl.Unusable e) {
            return new HookOutcome.Failed(e.getMessage());
        }
        HookTransport.Outgoing outgoing = new HookTransport.Outgoing(
                account, url, isGet ? null : body, signature(account, body), authorization(account, base, spec, url));
        for (int attempt = 0; ; attempt++) {
            HookTransport.Attempt result = transport.attempt(outgoing);
            if (!result.again() || attempt >= url.retries()) {
                return result.outcome();
            }
            sleeper.sleep(RETRY_DELAYS_MS[attempt]);
        }
    }

    private String signature(String account, byte[] body) {
        String secret = accounts.webhookSecret(account);
        return secret == null || secret.isEmpty()
                ? null
                : Signature.of(secret, clock.instant().getEpochSecond(), body);
    }

    private String authorization(String account, String base, HookSpec spec, HookUrl url) {
        HookAccounts.Credentials credentials = null;
        if (spec.username() != null) {
            credentials = new HookAccounts.Credentials(spec.username(), spec.password());
        } else if (HookUrl.sameOrigin(url.uri(), URI.create(base))) {
            credentials = accounts.applicationCredentials(account, base);
        }
        if (credentials == null) {
            return null;
        }
        String pair = credentials.username() + ":" + (credentials.password() == null ? "" : credentials.password());
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** Ends every request in flight; their outcomes still arrive. */
    @Override
    public void close() {
        threads.shutdownNow();
        transport.close();
    }
}
