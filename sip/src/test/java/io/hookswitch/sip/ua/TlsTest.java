package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over TLS, with handshakes of the JDK's sockets at the far end. */
class TlsTest {
    private static final long LEG = 77;
    private static final String SDP = FarEnd.sdp("0 101", "");

    @TempDir
    private static Path directory;

    private static TestCertificate ours;
    private static TestCertificate gateway;
    private static TestCertificate byAddress;

    private final ExecutorService farEnds = Executors.newVirtualThreadPerTaskExecutor();
    private AgentFixture fixture;

    @BeforeAll
    static void makeCertificates() throws Exception {
        ours = new TestCertificate(directory, "ours", "ip:127.0.0.1");
        gateway = new TestCertificate(directory, "gateway", "dns:gw.test");
        byAddress = new TestCertificate(directory, "address", "ip:127.0.0.1");
    }

    private void open(TestCertificate trusted) throws IOException {
        fixture = new AgentFixture(256, settings -> {
            SipSettings both = SipSettings.of("sip-tls", List.of("udp:127.0.0.1:0", "tls:127.0.0.1:0"), "Test/1");
            return both.wire(both.wire().sourceBudget(0, 0).tls(ours.settings(trusted)));
        });
    }

    @BeforeEach
    void open() throws IOException {
        open(gateway);
    }

    @AfterEach
    void close() {
        assertThat(fixture.errors).isEmpty();
        fixture.close();
        farEnds.shutdownNow();
    }

    /** Steps the agent until a far end is through. */
    private <T> T run(Callable<T> farEnd) throws Exception {
        Future<T> result = farEnds.submit(farEnd);
        long began = System.nanoTime();
        while (!result.isDone() && System.nanoTime() - began < 5_000_000_000L) {
            fixture.agent.doWork(2_000_000);
        }
        assertThat(result.isDone()).as("far end is through").isTrue();
        return result.get();
    }

    private static String read(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed behind " + text);
            }
            text.append((char) octet);
        }
        int length = Integer.parseInt(FarEnd.header(text.toString(), "Content-Length"));
        return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static void send(SSLSocket socket, String message) throws IOException {
        socket.getOutputStream().write(message.getBytes(StandardCharsets.UTF_8));
    }

    @Test // RFC 3261 section 26.2.1
    void shouldBeCalledOverTlsAndShowItsCertificate() throws Exception {
        SSLContext context = gateway.context(ours);
        SSLSocket[] kept = new SSLSocket[1];
        String trying = run(() -> {
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", fixture.tcpPort());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            kept[0] = socket;
            send(socket, overTls(fixture.farEnd.invite("call-tls", "", SDP), socket));
            return read(socket.getInputStream());
        });
        assertThat(trying).startsWith("SIP/2.0 100").contains("Via: SIP/2.0/TLS ");
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.text(Field.SOURCE)).isEqualTo("tls:127.0.0.1:" + kept[0].getLocalPort());
        fixture.bind(offered, LEG);
        fixture.answer(LEG);
        String ok = run(() -> read(kept[0].getInputStream()));
        assertThat(ok).startsWith("SIP/2.0 200");
        assertThat(FarEnd.header(ok, "Contact"))
                .isEqualTo("<sip:+4930@127.0.0.1:" + fixture.tcpPort() + ";transport=tls>");
        fixture.expect("MEDIA_CHANGED");
        run(() -> {
            send(kept[0], overTls(fixture.farEnd.inDialog("ACK", 1, ok, "", ""), kept[0]));
            send(kept[0], overTls(fixture.farEnd.inDialog("BYE", 2, ok, "", ""), kept[0]));
            return null;
        });
        assertThat(run(() -> read(kept[0].getInputStream())))
                .startsWith("SIP/2.0 200")
                .contains("BYE");
        fixture.expect("ENDED");
        kept[0].close();
    }

    private static String overTls(String message, SSLSocket socket) {
        return message.replaceFirst("UDP [^;]*", "TLS 127.0.0.1:" + socket.getLocalPort());
    }

    /** What a gateway saw: the name asked for, then the first message. */
    private record Seen(String name, String message) {}

    private Seen dial(TestCertificate shown, String uri, String name) throws Exception {
        try (SSLServerSocket server = (SSLServerSocket) shown.context(ours)
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            fixture.command(
                    SipCommand.INVITE,
                    LEG,
                    command -> AgentFixture.dial(command, uri, "tls:127.0.0.1:" + server.getLocalPort() + name));
            return run(() -> {
                try (SSLSocket socket = (SSLSocket) server.accept()) {
                    String message = read(socket.getInputStream());
                    List<?> names = ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames();
                    return new Seen(names.isEmpty() ? "" : ((SNIHostName) names.getFirst()).getAsciiName(), message);
                } catch (IOException e) {
                    return new Seen("", "failed: " + e.getMessage());
                }
            });
        }
    }

    @Test // RFC 5922 section 4
    void shouldCallAGatewayWhoseCertificateIsForItsName() throws Exception {
        Seen seen = dial(gateway, "sip:1@gw.test;transport=tls", "/gw.test");
        assertThat(seen.message()).startsWith("INVITE sip:1@gw.test;transport=tls SIP/2.0");
        assertThat(seen.name()).isEqualTo("gw.test");
        assertThat(FarEnd.header(seen.message(), "Via")).startsWith("SIP/2.0/TLS 127.0.0.1:" + fixture.tcpPort());
        assertThat(FarEnd.header(seen.message(), "Contact")).endsWith(";transport=tls>");
        fixture.expect("INVITED");
    }

    @Test // RFC 3261 section 8.1.1.8
    void shouldBeReachedBySipsWhenItCallsSips() throws Exception {
        Seen seen = dial(gateway, "sips:1@gw.test", "/gw.test");
        assertThat(seen.message()).startsWith("INVITE sips:1@gw.test SIP/2.0");
        assertThat(FarEnd.header(seen.message(), "Contact")).startsWith("<sips:");
        fixture.expect("INVITED");
    }

    @Test // RFC 5922 section 7.3
    void shouldNotCallAGatewayWhoseCertificateIsForAnotherName() throws Exception {
        assertThat(dial(gateway, "sip:1@other.test;transport=tls", "/other.test")
                        .message())
                .startsWith("failed");
        assertThat(fixture.expect("INVITED").type()).isEqualTo("INVITED");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(503);
        assertThat(ended.cause()).isEqualTo(Cause.UNREACHABLE);
        assertThat(fixture.agent.counters().get(SipCounters.TLS_FAILED)).isEqualTo(1);
    }

    @Test
    void shouldNotCallAGatewayWhoseCertificateNobodyVouchesFor() throws Exception {
        assertThat(dial(byAddress, "sip:1@127.0.0.1;transport=tls", "").message())
                .startsWith("failed");
        fixture.expect("INVITED");
        assertThat(fixture.expect("ENDED").cause()).isEqualTo(Cause.UNREACHABLE);
    }

    @Test
    void shouldTakeACertificateForTheAddressWhenTheGatewayHasNoName() throws Exception {
        fixture.close();
        open(byAddress);
        assertThat(dial(byAddress, "sip:1@127.0.0.1;transport=tls", "").message())
                .startsWith("INVITE ");
        fixture.expect("INVITED");
    }

    @Test
    void shouldSayWhichFileCannotBeUsed() {
        assertThatThrownBy(() -> TlsSettings.of(ours.key, ours.certificate, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ours.key");
    }
}
