package io.hookswitch.server.hooks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.NotifyStatus;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real HTTP server on loopback. */
class HookClientTest {
    private record Seen(String method, String uri, Map<String, List<String>> headers, String body) {}

    /** For tests about time; for all others a busy machine must not matter. */
    private static final HookSettings QUICK =
            new HookSettings(Duration.ofMillis(800), Duration.ofMillis(500), 2, "hookswitch");

    private static final HookSettings PATIENT =
            new HookSettings(Duration.ofSeconds(20), Duration.ofSeconds(20), 2, "hookswitch");

    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> slept = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch stall = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger flaky = new AtomicInteger();
    private HttpServer server;
    private HookClient client;
    private String base;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
        base = "http://127.0.0.1:" + server.getAddress().getPort() + "/call";
        client = client(PATIENT, LOOPBACK);
    }

    @AfterEach
    void stop() {
        stall.countDown();
        gate.countDown();
        client.close();
        server.stop(0);
    }

    private static final AddressGuard LOOPBACK =
            new AddressGuard(List.of(AddressGuard.AddressRange.parse("127.0.0.0/8")));

    private HookClient client(HookSettings settings, AddressGuard guard) {
        return new HookClient(
                settings,
                new Accounts(),
                guard,
                () -> Instant.ofEpochSecond(1_700_000_000L),
                slept::add,
                (_, _, _, _, _) -> {});
    }

    private record Accounts() implements HookAccounts {
        @Override
        public String webhookSecret(String account) {
            return account.equals("open") ? "" : "wh_secret_x";
        }

        @Override
        public Credentials applicationCredentials(String account, String callHookUrl) {
            return new Credentials("app", "pw");
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        seen.add(new Seen(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                Map.copyOf(exchange.getRequestHeaders()),
                body));
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/text" -> reply(exchange, 200, "text/plain", "[1]");
                case "/nothing" -> exchange.sendResponseHeaders(204, -1);
                case "/moved" -> {
                    exchange.getResponseHeaders().add("Location", "/call");
                    exchange.sendResponseHeaders(302, -1);
                }
                case "/bad" -> reply(exchange, 200, "application/json", "[1,");
                case "/flaky" -> reply(exchange, flaky.incrementAndGet() < 3 ? 500 : 200, "application/json", "[]");
                case "/silent" -> await(stall);
                case "/gate" -> {
                    await(gate);
                    exchange.sendResponseHeaders(204, -1);
                }
                case "/slow-body" -> {
                    exchange.getResponseHeaders().add("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write('[');
                    exchange.getResponseBody().flush();
                    await(stall);
                }
                case "/endless" -> endless(exchange);
                default -> reply(exchange, 200, "application/json; charset=utf-8", "[{\"verb\":\"hangup\"}]");
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void endless(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        byte[] blanks = " ".repeat(65536).getBytes(UTF_8);
        for (int i = 0; i < 64; i++) {
            exchange.getResponseBody().write(blanks);
        }
    }

    private static void reply(HttpExchange exchange, int status, String type, String body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length());
        exchange.getResponseBody().write(body.getBytes(UTF_8));
    }

    private HookOutcome ask(String url) {
        return ask(url, "POST");
    }

    private HookOutcome ask(String url, String method) {
        return client.exchange("demo", base, new HookSpec(url, method, null, null), Map.of("call_sid", "é\"/<"));
    }

    @Test
    void shouldSendSignedJsonWhenPosting() {
        HookOutcome outcome = ask("/call");
        assertThat(outcome).isEqualTo(new HookOutcome.Replied(200, List.of(Map.of("verb", "hangup"))));
        Seen request = seen.getFirst();
        assertThat(request.body()).isEqualTo("{\"call_sid\":\"é\\\"/<\"}");
        assertThat(request.headers().get("Content-type")).containsExactly("application/json");
        assertThat(request.headers().get("User-agent")).containsExactly("hookswitch");
        // HMAC-SHA256 over "1700000000." and the body, computed with openssl dgst.
        assertThat(request.headers().get("Jambonz-signature"))
                .containsExactly("t=1700000000,v1=d54837f4d0896d0c54b9a347e454721605b07a2c2abd33b017021ae47150bc21");
        assertThat(request.headers().get("Authorization")).containsExactly("Basic YXBwOnB3");
        assertThat(request.headers().get("Host"))
                .containsExactly("127.0.0.1:" + server.getAddress().getPort());
    }

    @Test
    void shouldKeepTheApplicationsCredentialsToItsOwnOriginWhenTheHookIsElsewhere() {
        ask("http://localhost:" + server.getAddress().getPort() + "/call");
        assertThat(seen.getFirst().headers()).doesNotContainKey("Authorization");
        assertThat(seen.getFirst().headers().get("Host"))
                .containsExactly("localhost:" + server.getAddress().getPort());
        client.exchange("open", base, new HookSpec("/call", "POST", "own", "secret"), Map.of());
        assertThat(seen.get(1).headers().get("Authorization")).containsExactly("Basic b3duOnNlY3JldA==");
        assertThat(seen.get(1).headers()).doesNotContainKey("Jambonz-signature");
    }

    @Test
    void shouldSendThePayloadAsQueryAndSignAnEmptyObjectWhenGetting() {
        ask("/call?a=1", "GET");
        assertThat(seen.getFirst().method()).isEqualTo("GET");
        assertThat(seen.getFirst().uri()).isEqualTo("/call?a=1&call_sid=%C3%A9%22%2F%3C");
        assertThat(seen.getFirst().headers().get("Jambonz-signature"))
                .containsExactly(Signature.of("wh_secret_x", 1_700_000_000L, "{}".getBytes(UTF_8)));
    }

    @Test
    void shouldCountAsNoInstructionsWhenNotJsonOrEmpty() {
        assertThat(ask("/text")).isEqualTo(new HookOutcome.Replied(200, null));
        assertThat(ask("/nothing")).isEqualTo(new HookOutcome.Replied(204, null));
    }

    @Test
    void shouldBeRefusedWhenRedirectedOrBadJson() {
        assertThat(ask("/moved")).isEqualTo(new HookOutcome.Refused(302, "HTTP status 302"));
        assertThat(ask("/bad")).isInstanceOf(HookOutcome.Refused.class);
        assertThat(seen).hasSize(2);
    }

    @Test
    void shouldTryAgainAsTheFragmentSaysWhenTheServerFails() {
        assertThat(ask("/flaky#rc=2&rp=5xx")).isEqualTo(new HookOutcome.Replied(200, List.of()));
        assertThat(slept).containsExactly(500L, 1000L);
        assertThat(seen).extracting(Seen::uri).containsOnly("/flaky");
        assertThat(seen).extracting(Seen::body).containsOnly(seen.getFirst().body());
    }

    @Test
    void shouldNotTryAgainWhenNothingSaysSo() {
        assertThat(ask("/flaky")).isEqualTo(new HookOutcome.Refused(500, "HTTP status 500"));
        assertThat(slept).isEmpty();
    }

    @Test
    void shouldTimeOutWhenHeadersOrBodyDoNotCome() {
        quick();
        assertThat(ask("/silent")).isEqualTo(new HookOutcome.TimedOut(800));
        assertThat(ask("/slow-body")).isEqualTo(new HookOutcome.TimedOut(1300));
    }

    @Test
    void shouldBreakOffWhenTheBodyNeverEnds() {
        assertThat(ask("/endless")).isInstanceOf(HookOutcome.Failed.class);
    }

    @Test
    void shouldFailWhenNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThat(ask("http://127.0.0.1:" + port + "/#rc=1")).isInstanceOf(HookOutcome.Failed.class);
        assertThat(slept).containsExactly(500L);
    }

    @Test
    void shouldNotConnectWhenTheAddressIsDenied() {
        try (HookClient guarded = client(PATIENT, new AddressGuard(List.of()))) {
            HookOutcome outcome = guarded.exchange("demo", base, new HookSpec("/call", "POST", null, null), Map.of());
            assertThat(outcome).isEqualTo(new HookOutcome.Failed("address 127.0.0.1 is denied (hooks.allow)"));
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void shouldRefuseOnlyTheAccountWhoseShareIsUsedUpWhenItsServerHangs() throws InterruptedException {
        CountDownLatch over = new CountDownLatch(2);
        quick();
        // Two tries of 800 ms each hold both places for longer than the third request may wait.
        HookSpec silent = new HookSpec("/silent#rc=1&rp=rt", "POST", null, null);
        client.send("slow", base, silent, Map.of(), _ -> over.countDown());
        client.send("slow", base, silent, Map.of(), _ -> over.countDown());
        awaitSeen(2);
        assertThat(client.exchange("slow", base, silent, Map.of()))
                .isEqualTo(new HookOutcome.Failed("more than 2 hook requests in flight"));
        assertThat(ask("/call")).isInstanceOf(HookOutcome.Replied.class);
        assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldWaitForAPlaceWhenTheShareIsBusyForAMoment() throws Exception {
        CompletableFuture<HookOutcome> third = new CompletableFuture<>();
        HookSpec held = new HookSpec("/gate", "POST", null, null);
        client.send("demo", base, held, Map.of(), _ -> {});
        client.send("demo", base, held, Map.of(), _ -> {});
        awaitSeen(2);
        client.send("demo", base, new HookSpec("/nothing", "POST", null, null), Map.of(), third::complete);
        assertThat(third).isNotDone();
        assertThat(seen).hasSize(2);
        gate.countDown();
        assertThat(third.get(20, TimeUnit.SECONDS)).isEqualTo(new HookOutcome.Replied(204, null));
    }

    @Test
    void shouldLeaveCallHooksFreeWhenTheStatusServerHangs() {
        StatusNotifier notifier = new StatusNotifier(client);
        for (int leg = 0; leg < 2; leg++) {
            HookSpec held = new HookSpec("/gate", "POST", null, null);
            notifier.notify(new NotifyStatus("leg-" + leg, "demo", base, held, Map.of()));
        }
        awaitSeen(2);
        assertThat(ask("/call")).isInstanceOf(HookOutcome.Replied.class);
        assertThat(notifier.activeQueues()).isEqualTo(2);
    }

    @Test
    void shouldAnswerExactlyOnceWhenClosedOrWatchedByAFaultyObserver() throws Exception {
        CompletableFuture<HookOutcome> late = new CompletableFuture<>();
        HookClient faulty =
                new HookClient(QUICK, new Accounts(), LOOPBACK, InstantSource.system(), slept::add, (_, _, _, _, _) -> {
                    throw new IllegalStateException("observer");
                });
        CompletableFuture<HookOutcome> told = new CompletableFuture<>();
        faulty.send("demo", base, new HookSpec("/nothing", "POST", null, null), Map.of(), told::complete);
        assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(new HookOutcome.Replied(204, null));
        faulty.close();
        faulty.send("demo", base, new HookSpec("/nothing", "POST", null, null), Map.of(), late::complete);
        assertThat(late.get(20, TimeUnit.SECONDS)).isEqualTo(new HookOutcome.Failed("shutting down"));
    }

    private void quick() {
        client.close();
        client = client(QUICK, LOOPBACK);
    }

    private void awaitSeen(int requests) {
        while (seen.size() < requests) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldDeliverInOrderOneAtATimeWhenStatusesOfALegQueueUp() {
        StatusNotifier notifier = new StatusNotifier(client);
        for (int i = 0; i < 20; i++) {
            notifier.notify(new NotifyStatus(
                    "leg-1", "demo", base, new HookSpec("/status", "POST", null, null), Map.of("n", (long) i)));
        }
        while (notifier.activeQueues() > 0) {
            Thread.onSpinWait();
        }
        assertThat(seen)
                .extracting(Seen::body)
                .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 20)
                        .mapToObj(i -> "{\"n\":" + i + "}")
                        .toList());
        assertThat(notifier.dropped()).isZero();
    }

    @Test // the final status is a leg's last: whatever is dropped, it is not that one
    void shouldDropTheOldestThatWaitsWhenAQueueIsFull() {
        StatusNotifier notifier = new StatusNotifier(client);
        int many = StatusNotifier.QUEUE_BOUND + 3;
        for (int i = 0; i < many; i++) {
            notifier.notify(new NotifyStatus(
                    "leg-1", "demo", base, new HookSpec("/gate", "POST", null, null), Map.of("n", (long) i)));
        }
        assertThat(notifier.dropped()).isEqualTo(2);
        assertThat(notifier.activeQueues()).isEqualTo(1);

        gate.countDown();
        while (notifier.activeQueues() > 0) {
            Thread.onSpinWait();
        }
        assertThat(seen)
                .extracting(Seen::body)
                .hasSize(many - 2)
                .startsWith("{\"n\":0}", "{\"n\":3}")
                .endsWith("{\"n\":" + (many - 1) + "}");
    }
}
