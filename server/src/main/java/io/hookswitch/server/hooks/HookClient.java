package io.hookswitch.server.hooks;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.server.json.JavaScriptJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Sends one hook request and says what came of it, exactly once, whatever the far end does. One virtual thread a
 * request; every
 * request is bounded in time, size and number, and an account can use up its own share only.
 */
public final class HookClient implements AutoCloseable {
    static {
        // A hook goes to the address that was checked; its Host header must still name the host. Read once by the HTTP
        // client.
        String allowed = System.getProperty("jdk.httpclient.allowRestrictedHeaders", "");
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", allowed.isEmpty() ? "host" : allowed + ",host");
    }

    private static final long[] RETRY_DELAYS_MS = {500, 1000, 2000, 4000, 6000};

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
    private final AddressGuard guard;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final Observer observer;
    private final HttpClient http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Semaphore> inFlight = new ConcurrentHashMap<>();

    /** Makes a client; nothing is connected yet. */
    public HookClient(
            HookSettings settings,
            HookAccounts accounts,
            AddressGuard guard,
            InstantSource clock,
            Sleeper sleeper,
            Observer observer) {
        this.settings = settings;
        this.accounts = accounts;
        this.guard = guard;
        this.clock = clock;
        this.sleeper = sleeper;
        this.observer = observer;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.headerTimeout())
                .executor(threads)
                .build();
    }

    /**
     * Sends a request on a virtual thread of its own.
     *
     * @param base absolute URL of the application's call_hook
     * @param done called exactly once, on the virtual thread
     */
    public void send(
            String account, String base, HookSpec spec, Map<String, Object> payload, Consumer<HookOutcome> done) {
        threads.execute(() -> done.accept(exchange(account, base, spec, payload)));
    }

    /** Sends a request and waits for what comes of it: virtual threads only. Never throws. */
    public HookOutcome exchange(String account, String base, HookSpec spec, Map<String, Object> payload) {
        long startMs = clock.millis();
        Semaphore share = inFlight.computeIfAbsent(account, _ -> new Semaphore(settings.inFlightPerAccount()));
        HookOutcome outcome;
        if (!share.tryAcquire()) {
            outcome = new HookOutcome.Failed("more than " + settings.inFlightPerAccount() + " hook requests in flight");
        } else {
            try {
                outcome = attempts(account, base, spec, payload);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                outcome = new HookOutcome.Failed("shutting down");
            } catch (RuntimeException e) {
                outcome = new HookOutcome.Failed(e.toString());
            } finally {
                share.release();
            }
        }
        observer.onHook(account, spec.method(), spec.url(), outcome, clock.millis() - startMs);
        return outcome;
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
        String signature = signature(account, body);
        String authorization = authorization(account, base, spec, url);
        for (int attempt = 0; ; attempt++) {
            Attempt result = attempt(url, isGet ? null : body, signature, authorization);
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

    private record Attempt(HookOutcome outcome, boolean again) {}

    private Attempt attempt(HookUrl url, byte[] body, String signature, String authorization)
            throws InterruptedException {
        HttpRequest request;
        try {
            InetAddress address = guard.resolve(hostOf(url.uri())).getFirst();
            request = request(url.uri(), address, body, signature, authorization);
        } catch (HookUrl.Unusable | URISyntaxException e) {
            return new Attempt(new HookOutcome.Failed(e.getMessage()), false);
        }
        CompletableFuture<HttpResponse<byte[]>> pending = http.sendAsync(
                request,
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), JavaScriptJson.MAX_BYTES));
        Duration most = settings.headerTimeout().plus(settings.bodyTimeout());
        try {
            HttpResponse<byte[]> response = pending.get(most.toMillis(), TimeUnit.MILLISECONDS);
            return new Attempt(read(response), url.retryOn().status(response.statusCode()));
        } catch (TimeoutException e) {
            pending.cancel(true);
            return new Attempt(
                    new HookOutcome.TimedOut(most.toMillis()), url.retryOn().response());
        } catch (ExecutionException e) {
            return failed(e.getCause(), url.retryOn());
        }
    }

    private Attempt failed(Throwable cause, HookUrl.RetryOn retryOn) {
        return switch (cause) {
            case HttpConnectTimeoutException _ ->
                new Attempt(new HookOutcome.TimedOut(settings.headerTimeout().toMillis()), retryOn.connect());
            case HttpTimeoutException _ ->
                new Attempt(new HookOutcome.TimedOut(settings.headerTimeout().toMillis()), retryOn.response());
            case ConnectException e ->
                new Attempt(new HookOutcome.Failed("cannot connect" + detail(e)), retryOn.connect());
            case IOException e -> new Attempt(new HookOutcome.Failed("broken off" + detail(e)), retryOn.connect());
            default -> new Attempt(new HookOutcome.Failed(cause.toString()), false);
        };
    }

    private static String detail(Exception e) {
        return e.getMessage() == null ? "" : ": " + e.getMessage();
    }

    /**
     * http goes to the checked address itself. For https the name must stay, for the certificate; all its addresses
     * were checked.
     */
    private HttpRequest request(URI uri, InetAddress address, byte[] body, String signature, String authorization)
            throws URISyntaxException {
        boolean isPlain = uri.getScheme().equalsIgnoreCase("http");
        HttpRequest.Builder builder = HttpRequest.newBuilder(isPlain ? at(uri, address) : uri)
                .timeout(settings.headerTimeout())
                .header("User-Agent", settings.userAgent());
        if (isPlain) {
            builder.header("Host", HookUrl.port(uri) == 80 ? uri.getHost() : uri.getHost() + ":" + uri.getPort());
        }
        if (signature != null) {
            builder.header(Signature.HEADER, signature);
        }
        if (authorization != null) {
            builder.header("Authorization", authorization);
        }
        if (body == null) {
            return builder.GET().build();
        }
        return builder.header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private static URI at(URI uri, InetAddress address) throws URISyntaxException {
        String literal = address.getHostAddress();
        String host = address instanceof Inet6Address ? "[" + literal + "]" : literal;
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new URI("http://" + host + ":" + HookUrl.port(uri) + path + query);
    }

    private static String hostOf(URI uri) {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static HookOutcome read(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status != 200 && status != 202 && status != 204) {
            return new HookOutcome.Refused(status, "HTTP status " + status);
        }
        String type = response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        if (response.body().length == 0 || !type.contains("application/json")) {
            return new HookOutcome.Replied(status, null);
        }
        try {
            return new HookOutcome.Replied(status, JavaScriptJson.read(response.body()));
        } catch (JavaScriptJson.NotJson e) {
            return new HookOutcome.Refused(status, "the reply is not JSON: " + e.getMessage());
        }
    }

    /** Ends every request in flight; their outcomes still arrive. */
    @Override
    public void close() {
        threads.shutdownNow();
        http.shutdownNow();
    }
}
