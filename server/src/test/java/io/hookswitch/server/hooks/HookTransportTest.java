package io.hookswitch.server.hooks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A far end on a bare socket that breaks the rules of HTTP, and a resolver that plays tricks with names. */
class HookTransportTest {
    /** For tests about time; for all others a busy machine must not matter. */
    private static final HookSettings QUICK =
            new HookSettings(Duration.ofMillis(800), Duration.ofMillis(500), 64, "hookswitch");

    private static final HookSettings PATIENT =
            new HookSettings(Duration.ofSeconds(20), Duration.ofSeconds(20), 64, "hookswitch");
    private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";

    /** What the far end does with one request of a connection; false = close it. */
    private interface Script {
        boolean answer(int request, OutputStream out) throws IOException, InterruptedException;
    }

    private final List<String> hosts = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger brokenOff = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Script script = (_, out) -> {
        out.write(NO_CONTENT.getBytes(US_ASCII));
        return true;
    };
    private volatile HostLookup.Resolver resolver = InetAddress::getAllByName;
    private ServerSocket listener;
    private HookClient client;

    @BeforeEach
    void start() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
        client = client(PATIENT);
    }

    private HookClient client(HookSettings settings) {
        return new HookClient(
                settings,
                new HookAccounts() {
                    @Override
                    public String webhookSecret(String account) {
                        return "";
                    }

                    @Override
                    public Credentials applicationCredentials(String account, String callHookUrl) {
                        return null;
                    }
                },
                InstantSource.system(),
                _ -> {},
                (_, _, _, _, _) -> {},
                threads -> new HookTransport(
                        settings,
                        new AddressGuard(List.of(AddressGuard.AddressRange.parse("127.0.0.1/32"))),
                        new HostLookup(host -> resolver.addresses(host)),
                        threads,
                        null));
    }

    @AfterEach
    void stop() throws IOException {
        over.countDown();
        client.close();
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // The test is over.
            over.countDown();
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))) {
            boolean goesOn = true;
            while (goesOn && readRequest(in)) {
                goesOn = script.answer(requests.incrementAndGet(), socket.getOutputStream());
            }
        } catch (IOException | InterruptedException e) {
            // The client has broken off, which is what some tests wait for.
            brokenOff.incrementAndGet();
        }
    }

    private boolean readRequest(BufferedReader in) throws IOException {
        int length = 0;
        String line = in.readLine();
        if (line == null) {
            return false;
        }
        for (; line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.startsWith("Host: ")) {
                hosts.add(line.substring(6));
            }
            if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        return in.skip(length) == length;
    }

    private void quick() {
        client.close();
        client = client(QUICK);
    }

    private String at(String host) {
        return "http://" + host + ":" + listener.getLocalPort() + "/x";
    }

    private HookOutcome ask(String account, String url) {
        return client.exchange(account, at("127.0.0.1"), new HookSpec(url, "POST", null, null), Map.of("a", 1L));
    }

    @Test
    void shouldConnectToTheCheckedAddressUnderTheHostsNameWhenPlainHttp() throws UnknownHostException {
        resolver = _ -> InetAddress.getAllByName("127.0.0.1");
        assertThat(ask("demo", at("app.example"))).isEqualTo(new HookOutcome.Replied(204, null));
        assertThat(hosts).containsExactly("app.example:" + listener.getLocalPort());
    }

    @Test
    void shouldCheckAnewWhenANameChangesItsAddressBetweenTwoAttempts() {
        AtomicInteger asked = new AtomicInteger();
        resolver = _ -> InetAddress.getAllByName(asked.incrementAndGet() == 1 ? "127.0.0.1" : "169.254.169.254");
        script = (_, out) -> {
            out.write("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
            return true;
        };
        assertThat(ask("demo", at("rebind.example") + "#rc=3&rp=5xx"))
                .isEqualTo(new HookOutcome.Failed("address 169.254.169.254 is denied (hooks.allow)"));
        assertThat(requests).hasValue(1);
        assertThat(asked).hasValue(2);
    }

    @Test
    void shouldRefuseANameWholeWhenOneOfItsAddressesIsDenied() {
        resolver = _ -> new InetAddress[] {InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("127.0.0.2")};
        assertThat(ask("demo", at("mixed.example")))
                .isEqualTo(new HookOutcome.Failed("address 127.0.0.2 is denied (hooks.allow)"));
        resolver = host -> {
            throw new UnknownHostException(host);
        };
        assertThat(ask("demo", at("none.example")))
                .isEqualTo(new HookOutcome.Failed("no address for host none.example"));
        assertThat(connections).hasValue(0);
    }

    @Test
    void shouldHoldUpOnlyTheAccountWhoseNamesAreSlowWhenTheResolverBlocks() throws Exception {
        quick();
        AtomicInteger blocked = new AtomicInteger();
        resolver = host -> {
            if (host.startsWith("slow")) {
                blocked.incrementAndGet();
                await(over);
            }
            return InetAddress.getAllByName("127.0.0.1");
        };
        List<CompletableFuture<HookOutcome>> slow = new ArrayList<>();
        for (int i = 0; i < 3 * HostLookup.THREADS; i++) {
            CompletableFuture<HookOutcome> told = new CompletableFuture<>();
            HookSpec spec = new HookSpec(at("slow" + i + ".example"), "POST", null, null);
            client.send("slow", at("127.0.0.1"), spec, Map.of(), told::complete);
            slow.add(told);
        }
        while (blocked.get() < HostLookup.PER_ACCOUNT) {
            Thread.onSpinWait();
        }
        assertThat(ask("demo", at("fast.example"))).isEqualTo(new HookOutcome.Replied(204, null));
        for (CompletableFuture<HookOutcome> told : slow) {
            assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(new HookOutcome.TimedOut(800));
        }
        assertThat(blocked).hasValue(HostLookup.PER_ACCOUNT);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldSendOnceMoreWhenAKeptConnectionDiesBeforeAByteCameBack() {
        script = (request, out) -> {
            if (request == 2) {
                return false;
            }
            out.write(NO_CONTENT.getBytes(US_ASCII));
            return true;
        };
        assertThat(ask("demo", at("127.0.0.1"))).isEqualTo(new HookOutcome.Replied(204, null));
        assertThat(ask("demo", at("127.0.0.1"))).isEqualTo(new HookOutcome.Replied(204, null));
        assertThat(requests).hasValue(3);
        assertThat(connections).hasValue(2);
    }

    @Test
    void shouldNotSendAgainWhenAFreshConnectionDies() {
        script = (_, _) -> false;
        assertThat(ask("demo", at("127.0.0.1"))).isInstanceOf(HookOutcome.Failed.class);
        assertThat(requests).hasValue(1);
        assertThat(ask("demo", at("127.0.0.1") + "#rc=1")).isInstanceOf(HookOutcome.Failed.class);
        assertThat(requests).hasValue(3);
    }

    @Test
    void shouldTimeOutWhenHeadersOrBodyTrickleForEver() {
        quick();
        script = (_, out) -> {
            out.write("HTTP/1.1 200 OK\r\nX: ".getBytes(US_ASCII));
            return trickle(out);
        };
        assertThat(ask("demo", at("127.0.0.1"))).isEqualTo(new HookOutcome.TimedOut(800));
        script = (_, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n".getBytes(US_ASCII));
            return trickle(out);
        };
        assertThat(ask("demo", at("127.0.0.1"))).isEqualTo(new HookOutcome.TimedOut(1300));
    }

    private boolean trickle(OutputStream out) throws IOException, InterruptedException {
        for (int i = 0; i < 200; i++) {
            out.write('x');
            out.flush();
            if (over.await(25, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    @Test
    void shouldFailWhenTheAnswerIsNotHttp() {
        script = (_, out) -> {
            out.write("SIP/2.0 200 OK\r\n\r\n".getBytes(US_ASCII));
            return false;
        };
        assertThat(ask("demo", at("127.0.0.1"))).isInstanceOf(HookOutcome.Failed.class);
    }
}
