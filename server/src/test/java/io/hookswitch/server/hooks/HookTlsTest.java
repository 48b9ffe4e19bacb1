package io.hookswitch.server.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hooks over https: to the address that was checked, in the name of the host. The names exist for our resolver only.
 */
class HookTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final HookSettings SETTINGS =
            new HookSettings(Duration.ofSeconds(20), Duration.ofSeconds(20), 64, "hookswitch");

    @TempDir
    private Path directory;

    private final List<String> hosts = Collections.synchronizedList(new ArrayList<>());
    private HttpsServer server;

    private HookOutcome ask(String certified, String url) throws Exception {
        KeyStore store = certificate(certified);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusts.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trusts.getTrustManagers(), null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", exchange -> {
            try (exchange) {
                hosts.add(exchange.getRequestHeaders().getFirst("Host"));
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        String base = url.formatted(server.getAddress().getPort());
        try (HookClient client = new HookClient(
                SETTINGS,
                accounts(),
                InstantSource.system(),
                _ -> {},
                (_, _, _, _, _) -> {},
                threads -> over(threads, tls))) {
            return client.exchange("a", base, new HookSpec(base, "POST", null, null), Map.of());
        } finally {
            server.stop(0);
        }
    }

    private static HookTransport over(Executor threads, SSLContext tls) {
        return new HookTransport(
                SETTINGS,
                new AddressGuard(List.of(AddressGuard.AddressRange.parse("127.0.0.1/32"))),
                new HostLookup(_ -> new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")}),
                threads,
                tls);
    }

    private static HookAccounts accounts() {
        return new HookAccounts() {
            @Override
            public String webhookSecret(String account) {
                return "";
            }

            @Override
            public Credentials applicationCredentials(String account, String callHookUrl) {
                return null;
            }
        };
    }

    private KeyStore certificate(String name) throws Exception {
        Path file = directory.resolve("keys");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "hook",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=hook",
                        "-ext",
                        "san=" + name,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    @Test
    void shouldGoToTheCheckedAddressWhenTheCertificateIsTheHosts() throws Exception {
        assertThat(ask("dns:hook.example.test", "https://Hook.example.test:%d/call"))
                .isEqualTo(new HookOutcome.Replied(204, null));
        assertThat(hosts).singleElement().satisfies(host -> assertThat(host)
                .isEqualToIgnoringCase(
                        "hook.example.test:" + server.getAddress().getPort()));
    }

    @Test
    void shouldSendNothingWhenTheCertificateIsAnotherHosts() throws Exception {
        assertThat(ask("dns:hook.example.test", "https://other.example.test:%d/call"))
                .isInstanceOf(HookOutcome.Failed.class);
        assertThat(hosts).isEmpty();
    }

    @Test // whoever answers for a name in DNS can have a certificate of its own address
    void shouldSendNothingWhenTheCertificateIsTheAddressesButNotTheHosts() throws Exception {
        assertThat(ask("ip:127.0.0.1", "https://hook.example.test:%d/call")).isInstanceOf(HookOutcome.Failed.class);
        assertThat(hosts).isEmpty();
    }

    @Test
    void shouldTakeTheAddressesCertificateWhenTheUrlNamesTheAddress() throws Exception {
        assertThat(ask("ip:127.0.0.1", "https://127.0.0.1:%d/call")).isEqualTo(new HookOutcome.Replied(204, null));
    }
}
