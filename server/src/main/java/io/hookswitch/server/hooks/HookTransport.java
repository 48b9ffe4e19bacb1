package io.hookswitch.server.hooks;

import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.server.json.JavaScriptJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * One attempt at a hook: look the host up, check its addresses, send, read within the limits. Blocks: virtual threads
 * only.
 *
 * <p>A request goes to the very address that was checked, with the name in the Host header; for https the name is also
 * what the certificate must be of ({@link NamedTls}) and what is asked for (SNI). A connection for one name never
 * carries another name's request: each has an HTTP client of its own.
 */
final class HookTransport implements AutoCloseable {
    static {
        // Read once, by the HTTP client's first use: without it the Host header could not be set.
        String allowed = System.getProperty("jdk.httpclient.allowRestrictedHeaders", "");
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", allowed.isEmpty() ? "host" : allowed + ",host");
    }

    /** How long the HTTP client may keep a connection that nobody uses, with room to spare. */
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(60);
    /** Origins remembered as used lately; forgotten all at once beyond. */
    private static final int MAX_ORIGINS = 4096;
    /** Most hosts with an https client, which is a thread each. */
    private static final int MAX_NAMED = 128;

    /** What came of an attempt, and whether the hook's policy wants another. */
    record Attempt(HookOutcome outcome, boolean again) {}

    /** What an attempt sends; {@code body} null = GET, the others null = header left out. */
    record Outgoing(String account, HookUrl url, byte[] body, String signature, String authorization) {}

    private final HookSettings settings;
    private final AddressGuard guard;
    private final HostLookup lookup;
    private final Executor threads;
    private final SSLContext tls;
    private final HttpClient plain;
    /** By host, for https; the one not used for longest is let go of. */
    private final Map<String, HttpClient> named = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, HttpClient> eldest) {
            return size() > MAX_NAMED;
        }
    };

    private final Map<String, Long> lastUsedNs = new ConcurrentHashMap<>();

    /** @param tls whose authorities are trusted for https, null = the system's */
    HookTransport(HookSettings settings, AddressGuard guard, HostLookup lookup, Executor threads, SSLContext tls) {
        this.settings = settings;
        this.guard = guard;
        this.lookup = lookup;
        this.threads = threads;
        this.tls = tls;
        plain = client().build();
    }

    private HttpClient.Builder client() {
        // A proxy would connect where it likes, past the guard.
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(settings.headerTimeout())
                .executor(threads);
    }

    private HttpClient clientFor(URI uri) {
        if (isPlain(uri)) {
            return plain;
        }
        synchronized (named) {
            return named.computeIfAbsent(bare(uri.getHost()), this::named);
        }
    }

    private HttpClient named(String host) {
        SSLContext real;
        try {
            real = tls == null ? SSLContext.getDefault() : tls;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
        SSLParameters parameters = real.getDefaultSSLParameters();
        if (!isLiteral(host)) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        return client().sslContext(new NamedTls(real, host))
                .sslParameters(parameters)
                .build();
    }

    private static boolean isPlain(URI uri) {
        return uri.getScheme().equalsIgnoreCase("http");
    }

    /** A host without the brackets of an IPv6 address and without the dot that says that a name is complete. */
    private static String bare(String host) {
        if (host.startsWith("[")) {
            return host.substring(1, host.length() - 1);
        }
        return (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
    }

    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    /** Makes one attempt; the host is looked up and checked anew. */
    Attempt attempt(Outgoing outgoing) throws InterruptedException {
        HookUrl.RetryOn retryOn = outgoing.url().retryOn();
        try {
            return result(
                    exchange(outgoing.account(), outgoing.url().uri(), request(outgoing), JavaScriptJson.MAX_BYTES),
                    retryOn);
        } catch (UnknownHostException e) {
            return new Attempt(new HookOutcome.Failed("no address for host " + e.getMessage()), false);
        } catch (HookUrl.Unusable | URISyntaxException e) {
            return new Attempt(new HookOutcome.Failed(e.getMessage()), false);
        } catch (TimeoutException e) {
            return new Attempt(timedOut(), retryOn.connect());
        }
    }

    /**
     * Sends one request to the host's checked address and reads what comes back.
     *
     * @param builder all of the request but where it goes and how long it may take
     * @param maxBytes of the body; a longer one is a failure
     * @throws TimeoutException when the host was not found in time
     */
    Sent exchange(String account, URI uri, HttpRequest.Builder builder, int maxBytes)
            throws InterruptedException, UnknownHostException, HookUrl.Unusable, URISyntaxException, TimeoutException {
        long deadlineNs = System.nanoTime() + settings.headerTimeout().toNanos();
        InetAddress address = address(account, uri, deadlineNs);
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0) {
            throw new TimeoutException();
        }
        HttpRequest request = addressed(builder, uri, address)
                .timeout(Duration.ofNanos(leftNs))
                .build();
        HttpClient http = clientFor(uri);
        String origin =
                (http == plain ? "" : uri.getHost() + " ") + request.uri().getRawAuthority();
        boolean mayBeKept = wasUsedLately(origin);
        Sent sent = send(http, request, maxBytes);
        if (mayBeKept && sent.brokeBeforeHead()) {
            // The far end closed a kept connection while we wrote on it: it never saw this request, or said nothing.
            sent = send(http, request, maxBytes);
        }
        if (sent.failure() == null) {
            remember(origin);
        }
        return sent;
    }

    private InetAddress address(String account, URI uri, long deadlineNs)
            throws UnknownHostException, TimeoutException, HookUrl.Unusable, InterruptedException {
        InetAddress[] found = lookup.addresses(account, bare(uri.getHost()), deadlineNs - System.nanoTime());
        return guard.usable(found).getFirst();
    }

    private boolean wasUsedLately(String origin) {
        Long usedNs = lastUsedNs.get(origin);
        return usedNs != null && System.nanoTime() - usedNs < KEPT_NS;
    }

    private void remember(String origin) {
        if (lastUsedNs.size() >= MAX_ORIGINS) {
            lastUsedNs.clear();
        }
        lastUsedNs.put(origin, System.nanoTime());
    }

    /** What became of one request on the wire: a response, or a failure and whether it came before any header. */
    record Sent(HttpResponse<byte[]> response, Throwable failure, boolean beforeHead) {
        boolean brokeBeforeHead() {
            return failure instanceof IOException
                    && beforeHead
                    && !(failure instanceof HttpTimeoutException)
                    && !(failure instanceof ConnectException);
        }
    }

    /** Waits for the headers as long as the request's own timeout, then for the body. */
    private Sent send(HttpClient http, HttpRequest request, int maxBytes) throws InterruptedException {
        CompletableFuture<Void> head = new CompletableFuture<>();
        CompletableFuture<HttpResponse<byte[]>> pending = http.sendAsync(request, info -> {
            head.complete(null);
            return HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), maxBytes)
                    .apply(info);
        });
        pending.whenComplete((_, failure) -> {
            if (failure != null) {
                head.completeExceptionally(failure);
            }
        });
        try {
            // The client's own timeout comes first; ours is the belt to its braces.
            await(head, settings.headerTimeout().plusMillis(100));
            return new Sent(await(pending, settings.bodyTimeout()), null, false);
        } catch (TimeoutException e) {
            return new Sent(null, e, !head.isDone());
        } catch (ExecutionException e) {
            return new Sent(null, e.getCause(), head.isCompletedExceptionally());
        } finally {
            // Also when interrupted: nothing is read for nobody.
            pending.cancel(true);
        }
    }

    private static <T> T await(CompletableFuture<T> future, Duration most)
            throws InterruptedException, TimeoutException, ExecutionException {
        return future.get(most.toNanos(), TimeUnit.NANOSECONDS);
    }

    private Attempt result(Sent sent, HookUrl.RetryOn retryOn) {
        return switch (sent.failure()) {
            case null ->
                new Attempt(
                        read(sent.response()), retryOn.status(sent.response().statusCode()));
            case HttpConnectTimeoutException _ -> new Attempt(timedOut(), retryOn.connect());
            case HttpTimeoutException _ -> new Attempt(timedOut(), retryOn.response());
            case TimeoutException _ when sent.beforeHead() -> new Attempt(timedOut(), retryOn.response());
            case TimeoutException _ ->
                new Attempt(
                        new HookOutcome.TimedOut(settings.headerTimeout()
                                .plus(settings.bodyTimeout())
                                .toMillis()),
                        retryOn.response());
            case ConnectException e -> new Attempt(failed("cannot connect", e), retryOn.connect());
            case IOException e -> new Attempt(failed("broken off", e), retryOn.connect());
            case Throwable e -> new Attempt(new HookOutcome.Failed(e.toString()), false);
        };
    }

    private HookOutcome timedOut() {
        return new HookOutcome.TimedOut(settings.headerTimeout().toMillis());
    }

    private static HookOutcome failed(String what, Exception e) {
        return new HookOutcome.Failed(e.getMessage() == null ? what : what + ": " + e.getMessage());
    }

    private static HttpRequest.Builder request(Outgoing outgoing) {
        HttpRequest.Builder builder = HttpRequest.newBuilder();
        if (outgoing.signature() != null) {
            builder.header(Signature.HEADER, outgoing.signature());
        }
        if (outgoing.authorization() != null) {
            builder.header("Authorization", outgoing.authorization());
        }
        if (outgoing.body() == null) {
            return builder.GET();
        }
        return builder.header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(outgoing.body()));
    }

    private HttpRequest.Builder addressed(HttpRequest.Builder builder, URI uri, InetAddress address)
            throws URISyntaxException {
        int usualPort = isPlain(uri) ? 80 : 443;
        return builder.uri(at(uri, address))
                .header("Host", HookUrl.port(uri) == usualPort ? uri.getHost() : uri.getHost() + ":" + uri.getPort())
                .header("User-Agent", settings.userAgent());
    }

    private static URI at(URI uri, InetAddress address) throws URISyntaxException {
        String literal = address.getHostAddress();
        String host = address instanceof Inet6Address ? "[" + literal + "]" : literal;
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new URI((isPlain(uri) ? "http://" : "https://") + host + ":" + HookUrl.port(uri) + path + query);
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

    /** Ends every request in flight. */
    @Override
    public void close() {
        plain.shutdownNow();
        synchronized (named) {
            named.values().forEach(HttpClient::shutdownNow);
        }
        lookup.close();
    }
}
