package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.sip.CallerAdmission;
import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.digest.DigestClient;
import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIP over WebSockets, RFC 7118; the far end's are the JDK's. */
class WebSocketTest {
    private static final long LEG = 77;
    private static final String SDP = FarEnd.sdp("0 101", "");
    private static final String CONTACT = "Contact: <sip:k7@q1w2.invalid;transport=ws>;+sip.ice;reg-id=1"
            + ";+sip.instance=\"<urn:uuid:0d1d9c7e-0000-4000-8000-000000000001>\";expires=600\r\n";

    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final StringBuilder parts = new StringBuilder();
    private volatile int closed;
    private AgentFixture fixture;
    private WebSocket socket;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        fixture = new AgentFixture(256, settings -> {
            SipSettings both = SipSettings.of("sip-ws", List.of("udp:127.0.0.1:0", "ws:127.0.0.1:0"), "Test/1");
            return both.wire(both.wire().sourceBudget(0, 0));
        });
        socket = connect(client, "ws");
    }

    @AfterEach
    void close() {
        assertThat(fixture.errors).isEmpty();
        socket.abort();
        fixture.close();
        client.shutdownNow();
    }

    private final class Listener implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                received.add(parts.toString());
                parts.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
            received.add("ping");
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            closed = status;
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable thrown) {
            closed = -1;
        }
    }

    private WebSocket connect(HttpClient with, String scheme) {
        CompletableFuture<WebSocket> connecting = with.newWebSocketBuilder()
                .subprotocols("sip")
                .buildAsync(URI.create(scheme + "://127.0.0.1:" + fixture.tcpPort() + "/any/path"), new Listener());
        await(connecting::isDone);
        assertThat(connecting.join().getSubprotocol()).isEqualTo("sip");
        return connecting.join();
    }

    private void await(BooleanSupplier holds) {
        long began = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - began).as("in time").isLessThan(5_000_000_000L);
            fixture.agent.doWork(2_000_000);
        }
    }

    private void send(String message) {
        socket.sendText(overWebSocket(message), true).join();
    }

    private static String overWebSocket(String message) {
        return message.replaceFirst("UDP [^;]*", "WS q1w2.invalid")
                .replaceFirst("Contact: <sip:alice@[^>]*>", "Contact: <sip:k7@q1w2.invalid;transport=ws>");
    }

    private String expect(String start) {
        await(() -> !received.isEmpty());
        String message = received.remove();
        assertThat(message).startsWith(start);
        return message;
    }

    private String request(String method, String callId, String more) {
        return fixture.farEnd.request(method, "sip:example.com", callId, more);
    }

    @Test
    void shouldAnswerAndHangUpOverTheConnectionOfTheCaller() {
        send(fixture.farEnd.invite("call-ws", "", SDP));
        assertThat(expect("SIP/2.0 100")).contains("Via: SIP/2.0/WS q1w2.invalid");
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.text(Field.SOURCE)).startsWith("ws:127.0.0.1:");
        fixture.bind(offered, LEG);
        fixture.answer(LEG);
        String ok = expect("SIP/2.0 200");
        assertThat(FarEnd.header(ok, "Contact")).matches("<sip:.*@127.0.0.1:" + fixture.tcpPort() + ";transport=ws>");
        fixture.expect("MEDIA_CHANGED");
        send(fixture.farEnd.inDialog("ACK", 1, ok, "", ""));
        fixture.expectNothing();
        fixture.end(LEG, 200);
        // Its Contact names a host that there is none of.
        String bye = expect("BYE sip:k7@q1w2.invalid;transport=ws SIP/2.0");
        assertThat(bye).contains("Via: SIP/2.0/WS 127.0.0.1:" + fixture.tcpPort());
        send(fixture.farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test
    void shouldRegisterWhereTheConnectionIsAndForgetItWithTheConnection() {
        fixture.world.registration = new CallerAdmission.Challenge("acc", "example.com");
        String register = request("REGISTER", "reg-ws", "").replaceFirst("Contact:[^\r]*\r\n", CONTACT);
        send(register);
        String challenge = expect("SIP/2.0 401");
        DigestClient digest = new DigestClient("alice", "secret", () -> "c0ffee");
        assertThat(digest.challenged(List.of(FarEnd.header(challenge, "WWW-Authenticate"))))
                .isTrue();
        String proof = "Authorization: " + digest.authorization("REGISTER", "sip:example.com") + "\r\n";
        send(register.replace("CSeq: 1", "CSeq: 2")
                .replace("branch=z9hG4bK", "branch=z9hG4bKp")
                .replace("Max-Forwards", proof + "Max-Forwards"));
        expect("SIP/2.0 200");
        assertThat(fixture.world.registered.nextHop()).startsWith("ws:127.0.0.1:");
        assertThat(fixture.world.registered.contacts()).singleElement().satisfies(contact -> assertThat(contact.uri())
                .isEqualTo("sip:k7@q1w2.invalid;transport=ws"));
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        await(() -> !fixture.world.gone.isEmpty());
        assertThat(fixture.world.gone).containsExactly(fixture.world.registered.nextHop());
        fixture.world.registration = new CallerAdmission.Refuse(403, "Forbidden");
    }

    @Test
    void shouldCallOverTheConnectionOfTheContact() throws IOException {
        send(request("OPTIONS", "options-ws", ""));
        String source = FarEnd.header(expect("SIP/2.0 200"), "Via");
        String port = source.replaceFirst(".*rport=([0-9]+).*", "$1");
        fixture.command(
                SipCommand.INVITE,
                LEG,
                command -> AgentFixture.dial(command, "sip:k7@q1w2.invalid;transport=ws", "ws:127.0.0.1:" + port));
        fixture.expect("INVITED");
        String invite = expect("INVITE sip:k7@q1w2.invalid;transport=ws SIP/2.0");
        send(fixture.farEnd
                .answer(invite, "200 OK", "b1", "", SDP)
                .replaceFirst("Contact: <[^>]*>", "Contact: <sip:k7@q1w2.invalid;transport=ws>"));
        expect("ACK sip:k7@q1w2.invalid;transport=ws");
        fixture.expect("ANSWERED");
        fixture.end(LEG, 200);
        String bye = expect("BYE sip:k7@q1w2.invalid;transport=ws");
        send(fixture.farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
    }

    @Test
    void shouldFailAtOnceWhenTheConnectionIsGone() {
        fixture.command(
                SipCommand.INVITE,
                LEG,
                command -> AgentFixture.dial(command, "sip:k7@q1w2.invalid;transport=ws", "ws:127.0.0.1:9"));
        fixture.expect("INVITED");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.cause()).isEqualTo(Cause.UNREACHABLE);
    }

    @Test // RFC 7118 section 5: no Content-Length is needed
    void shouldTakeAMessageWithoutContentLengthAndOneInFragments() {
        String options = overWebSocket(request("OPTIONS", "options-1", "")).replaceFirst("Content-Length: 0\r\n", "");
        socket.sendText(options, true).join();
        expect("SIP/2.0 200");
        String again = overWebSocket(request("OPTIONS", "options-2", ""));
        socket.sendText(again.substring(0, 40), false).join();
        socket.sendText(again.substring(40), true).join();
        expect("SIP/2.0 200");
        socket.sendBinary(
                        ByteBuffer.wrap(overWebSocket(request("OPTIONS", "options-3", ""))
                                .getBytes(StandardCharsets.UTF_8)),
                        true)
                .join();
        expect("SIP/2.0 200");
    }

    @Test
    void shouldRefuseOneMessageAndGoOnWithTheNext() {
        socket.sendText("no SIP at all\r\n\r\n", true).join();
        socket.sendText(
                        overWebSocket(request("OPTIONS", "long", "")).replace("Content-Length: 0", "Content-Length: 9"),
                        true)
                .join();
        expect("SIP/2.0 400");
        send(request("OPTIONS", "options-ok", ""));
        expect("SIP/2.0 200");
    }

    @Test // RFC 5626 section 4.4.1
    void shouldAnswerKeepAlivesAndPingWhoIsSilent() {
        socket.sendText("\r\n\r\n", true).join();
        assertThat(expect("\r\n")).isEqualTo("\r\n");
        fixture.pass(27_000);
        expect("ping");
        socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join();
        send(request("OPTIONS", "options-on", ""));
        expect("SIP/2.0 200");
    }

    @Test
    void shouldEndWhenAMessageIsTooLong() {
        socket.sendText("x".repeat(100_000), true).join();
        await(() -> closed != 0);
    }

    @Test
    void shouldRefuseWhoDoesNotAskForSip() {
        CompletableFuture<WebSocket> other = client.newWebSocketBuilder()
                .subprotocols("chat")
                .buildAsync(URI.create("ws://127.0.0.1:" + fixture.tcpPort() + "/"), new Listener());
        await(other::isDone);
        assertThat(other).isCompletedExceptionally();
        assertThat(other.handle((_, thrown) -> thrown).join()).isInstanceOf(CompletionException.class);
        assertThat(fixture.agent.counters().get(SipCounters.WEBSOCKETS_REFUSED)).isEqualTo(1);
    }

    @Test
    void shouldEndAHandshakeThatStalls() throws IOException {
        try (Socket stalling = new Socket()) {
            stalling.connect(new InetSocketAddress("127.0.0.1", fixture.tcpPort()));
            stalling.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n".getBytes(StandardCharsets.US_ASCII));
            await(() -> fixture.agent.tables().stack().flows() == 2);
            fixture.pass(700_000);
            await(() -> fixture.agent.tables().stack().flows() < 2);
        }
    }

    @Test
    void shouldSpeakThroughTls() throws Exception {
        TestCertificate ours = new TestCertificate(directory, "ours", "ip:127.0.0.1");
        fixture.close();
        fixture = new AgentFixture(256, settings -> {
            SipSettings both = SipSettings.of("sip-wss", List.of("udp:127.0.0.1:0", "wss:127.0.0.1:0"), "Test/1");
            return both.wire(both.wire().sourceBudget(0, 0).tls(ours.settings(ours)));
        });
        SSLContext context = ours.context(ours);
        try (HttpClient secure = HttpClient.newBuilder().sslContext(context).build()) {
            WebSocket over = connect(secure, "wss");
            over.sendText(
                            overWebSocket(request("OPTIONS", "options-wss", "")).replace("SIP/2.0/WS ", "SIP/2.0/WSS "),
                            true)
                    .join();
            assertThat(expect("SIP/2.0 200")).contains("SIP/2.0/WSS q1w2.invalid");
            over.abort();
        }
        assertThat(Transport.of("WSS").uriName()).isEqualTo("ws");
    }
}
