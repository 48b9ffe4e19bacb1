package io.hookswitch.sip.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.Transport;
import io.hookswitch.sip.transport.Verdict;
import io.hookswitch.sip.transport.WireGuard;
import io.hookswitch.sip.transport.WireSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.sip.ClientTransaction;
import javax.sip.message.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SIP over real TCP sockets: framing, keep-alives, connections we make, connections that misbehave. */
class TcpTest {
    private static final long STEP_NS = 20_000_000L;
    private static final long WAIT_NS = 2_000_000_000L;

    private StackFixture fixture;
    private Socket socket;
    private final StringBuilder unread = new StringBuilder();

    @BeforeEach
    void open() throws IOException {
        fixture = new StackFixture();
        fixture.listener.transport = Transport.TCP;
        socket = connect();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        fixture.close();
    }

    private Socket connect() throws IOException {
        Socket connected = new Socket(fixture.tcp.getAddress(), fixture.tcp.getPort());
        connected.setTcpNoDelay(true);
        connected.setSoTimeout(1);
        return connected;
    }

    private String via() {
        return "TCP 127.0.0.1:" + socket.getLocalPort() + ";rport";
    }

    private void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads what has come, running the stack; -1 = closed by the stack. */
    private int read() throws IOException {
        return read(socket);
    }

    private int read(Socket from) throws IOException {
        fixture.stack.poll(STEP_NS);
        byte[] bytes = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            int length = in.read(bytes);
            if (length > 0) {
                unread.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
            }
            return length;
        } catch (SocketTimeoutException _) {
            return 0;
        } catch (SocketException _) {
            // Closed while bytes of ours were still on the way: a reset.
            return -1;
        }
    }

    /** The next message without a body, or null after two seconds of silence. */
    private String receive() throws IOException {
        return receive(socket);
    }

    private String receive(Socket from) throws IOException {
        long began = System.nanoTime();
        while (System.nanoTime() - began < WAIT_NS) {
            int end = unread.indexOf("\r\n\r\n");
            if (end >= 0) {
                String length = SipText.header(unread.substring(0, end), "Content-Length");
                int total = end + 4 + (length == null ? 0 : Integer.parseInt(length));
                if (unread.length() >= total) {
                    String message = unread.substring(0, total);
                    unread.delete(0, total);
                    return message;
                }
            }
            read(from);
        }
        return null;
    }

    private void runUntil(BooleanSupplier done) {
        long began = System.nanoTime();
        while (!done.getAsBoolean() && System.nanoTime() - began < WAIT_NS) {
            fixture.stack.poll(STEP_NS);
        }
        assertThat(done.getAsBoolean()).isTrue();
    }

    private void runUntilClosed() throws IOException {
        long began = System.nanoTime();
        int length = 0;
        while (length >= 0 && System.nanoTime() - began < WAIT_NS) {
            length = read();
        }
        assertThat(length).as("closed by the stack").isEqualTo(-1);
    }

    private String options(String id) {
        return SipText.inDialog("OPTIONS", 1, id, id, via(), "x").replace(";tag=x", "");
    }

    @Test
    void shouldAnswerAndEndOnTheSameConnectionWhenCalled() throws IOException {
        send(SipText.invite("1", "call-1", via(), socket.getLocalPort()));
        String answer = receive();
        assertThat(answer).startsWith("SIP/2.0 200");
        send(SipText.inDialog("ACK", 1, "2", "call-1", via(), "b1"));
        send(SipText.inDialog("BYE", 2, "3", "call-1", via(), "b1"));
        assertThat(receive()).startsWith("SIP/2.0 200").contains("CSeq: 2 BYE");
        assertThat(fixture.stack.tables().flows()).isOne();
        fixture.pass(70_000);
        assertThat(fixture.stack.tables().isResting())
                .as("%s", fixture.stack.tables())
                .isTrue();
    }

    @Test
    void shouldReadTheSameWhenAMessageIsCutAtEachByte() throws IOException {
        String message = SipText.invite("c", "c", via(), socket.getLocalPort()).replace("Content-Length", "l");
        fixture.listener.answersInvite = false;
        for (int cut = 1; cut < message.length(); cut++) {
            String numbered = message.replace("z9hG4bKc", "z9hG4bKc%03d".formatted(cut));
            send(numbered.substring(0, cut));
            fixture.stack.poll(1_000_000);
            send(numbered.substring(cut));
            int whole = cut;
            runUntil(() -> fixture.counters.get(Verdict.ACCEPT) == whole);
        }
        assertThat(fixture.counters.get(SipCounters.RECEIVED)).isEqualTo(message.length() - 1);
        assertThat(fixture.stack.tables().flows()).isOne();
    }

    @Test
    void shouldReadBothWhenTwoMessagesShareASegmentAndOneIsSentByteByByte() throws IOException {
        send(options("a") + options("b"));
        assertThat(receive()).contains("Call-ID: a");
        assertThat(receive()).contains("Call-ID: b");
        for (char character : options("d").toCharArray()) {
            send(String.valueOf(character));
            fixture.stack.poll(200_000);
        }
        assertThat(receive()).contains("Call-ID: d");
    }

    @Test // RFC 5626 section 4.4.1
    void shouldAnswerWithOneLineEndWhenPingedWithTwo() throws IOException {
        send("\r\n\r\n");
        runUntil(() -> fixture.counters.get(SipCounters.PONGS) == 1);
        while (unread.length() < 2) {
            read();
        }
        assertThat(unread).hasToString("\r\n");
        unread.setLength(0);
        send("\r");
        fixture.stack.poll(STEP_NS);
        send("\n\r");
        fixture.stack.poll(STEP_NS);
        send("\n" + options("a"));
        assertThat(receive()).startsWith("\r\nSIP/2.0 200").contains("Call-ID: a");
    }

    @Test // pongs of one who never reads would fill the memory
    void shouldStopAnsweringPingsWhenTheAnswersAreNotRead() throws IOException {
        byte[] pings = "\r\n\r\n".repeat(16_384).getBytes(StandardCharsets.ISO_8859_1);
        try (SocketChannel deaf = SocketChannel.open()) {
            deaf.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            deaf.connect(fixture.tcp);
            deaf.configureBlocking(false);
            for (int round = 0; round < 100; round++) {
                deaf.write(ByteBuffer.wrap(pings));
                fixture.stack.poll(STEP_NS);
            }
            long written = fixture.counters.get(SipCounters.PONGS);
            assertThat(written).as("a handful a pass").isPositive().isLessThan(100 * 16 * 4);
        }
    }

    @Test
    void shouldCostOnlyItselfWhenARefusedMessageHasALength() throws IOException {
        send(options("bad").replace("1 OPTIONS", "1 BYE") + options("good"));
        assertThat(receive()).startsWith("SIP/2.0 400").contains("Call-ID: bad");
        assertThat(receive()).startsWith("SIP/2.0 200").contains("Call-ID: good");
    }

    @Test
    void shouldEndTheConnectionWhenTheNextMessageCannotBeFound() throws IOException {
        send(options("bad").replace("Content-Length: 0", "Content-Length: 0\r\nl: 5") + options("smuggled"));
        assertThat(receive()).startsWith("SIP/2.0 400").contains("Call-ID: bad");
        runUntilClosed();
        assertThat(fixture.listener.heard).isEmpty();
        assertThat(fixture.counters.get(SipCounters.FLOWS_UNFRAMED)).isOne();
        assertThat(fixture.stack.tables().flows()).isZero();
    }

    @Test
    void shouldEndTheConnectionWhenAHeadDoesNotEnd() throws IOException {
        send(options("x").replace("\r\n\r\n", "\r\n"));
        for (int i = 0;
                i < WireGuard.HEAD_MAX / 100 + 1 && fixture.counters.get(SipCounters.FLOWS_UNFRAMED) == 0;
                i++) {
            send("X-Filler: " + "y".repeat(90) + "\r\n");
            fixture.stack.poll(0);
        }
        runUntilClosed();
        assertThat(fixture.counters.get(SipCounters.FLOWS_UNFRAMED)).isOne();
        assertThat(fixture.listener.heard).isEmpty();
    }

    @Test
    void shouldCloseWhenAMessageStaysUnfinishedOrNothingComes() throws IOException {
        send(options("half").substring(0, 100));
        runUntil(() -> fixture.stack.tables().flows() == 1);
        fixture.stack.poll(STEP_NS);
        fixture.clock.stepMs(31_000);
        fixture.stack.poll(0);
        assertThat(fixture.stack.tables().flows()).as("before its time").isOne();
        fixture.clock.stepMs(2_000);
        runUntilClosed();

        socket = connect();
        send(options("whole"));
        assertThat(receive()).contains("whole");
        fixture.clock.stepMs(3_599_000);
        fixture.stack.poll(0);
        assertThat(fixture.stack.tables().flows()).isOne();
        fixture.clock.stepMs(2_000);
        runUntilClosed();
        assertThat(fixture.counters.get(SipCounters.FLOWS_IDLE)).isEqualTo(2);
    }

    @Test
    void shouldRefuseFurtherConnectionsWhenThereAreAsManyAsAllowed() throws IOException {
        fixture.close();
        fixture = new StackFixture(settings -> {
            var wire = settings.wire();
            return ShardSettings.of(
                    settings.name(),
                    new WireSettings(wire.listen(), 8192, 0, 0, 8, 2, 3_600_000, 32_000, 4_000, 262_144));
        });
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sockets.add(connect());
        }
        runUntil(() -> fixture.counters.get(SipCounters.FLOWS_REFUSED) == 1);
        assertThat(fixture.stack.tables().flows()).isEqualTo(2);
        for (Socket each : sockets) {
            each.close();
        }
        runUntil(() -> fixture.stack.tables().flows() == 0);
    }

    @Test // one host must not shut all others out
    void shouldLeaveRoomForOthersWhenOneAddressConnectsWithoutEnd() throws IOException {
        fixture.close();
        fixture = new StackFixture(settings -> {
            var wire = settings.wire();
            return ShardSettings.of(
                    settings.name(),
                    new WireSettings(wire.listen(), 8192, 0, 0, 8, 64, 3_600_000, 32_000, 4_000, 262_144));
        });
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sockets.add(connect());
        }
        runUntil(() -> fixture.counters.get(SipCounters.FLOWS_REFUSED) == 4);
        try (Socket other =
                new Socket(fixture.tcp.getAddress(), fixture.tcp.getPort(), InetAddress.getByName("127.0.0.2"), 0)) {
            runUntil(() -> fixture.stack.tables().flows() == 17);
            assertThat(other.isConnected()).isTrue();
        }
        for (Socket each : sockets) {
            each.close();
        }
        runUntil(() -> fixture.stack.tables().flows() == 0);
        sockets.add(connect());
        runUntil(() -> fixture.stack.tables().flows() == 1);
        sockets.getLast().close();
        assertThat(fixture.counters.get(SipCounters.FLOWS_REFUSED)).isEqualTo(4);
    }

    private ClientTransaction place(String callId, int port) throws Exception {
        String text = SipText.invite(
                        "out-" + callId, callId, "TCP 127.0.0.1:" + fixture.tcp.getPort(), fixture.tcp.getPort())
                .replace("sip:bob@127.0.0.1 ", "sip:bob@127.0.0.1:" + port + ";transport=tcp ");
        Request invite = fixture.listener.messages.createRequest(text);
        ClientTransaction transaction = fixture.stack.provider(Transport.TCP).getNewClientTransaction(invite);
        transaction.sendRequest();
        return transaction;
    }

    @Test
    void shouldKeepWhatIsSentUntilTheConnectionStandsWhenWeConnect() throws Exception {
        try (ServerSocket target = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            place("first", target.getLocalPort());
            place("second", target.getLocalPort());
            assertThat(fixture.stack.tables().flows()).isOne();
            fixture.stack.poll(STEP_NS);
            try (Socket accepted = target.accept()) {
                accepted.setSoTimeout(1);
                String first = receive(accepted);
                assertThat(first).startsWith("INVITE ").contains("Call-ID: first");
                assertThat(receive(accepted)).startsWith("INVITE ").contains("Call-ID: second");
                accepted.getOutputStream().write(SipText.bytes(SipText.answer(first, "486 Busy Here", "b9", "")));
                assertThat(receive(accepted)).startsWith("ACK ").contains("Call-ID: first");
                assertThat(fixture.listener.heard).contains("486");
            }
        }
    }

    @Test // RFC 3261 section 8.1.3.1
    void shouldReport503WhenTheConnectionIsRefused() throws Exception {
        int nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            nobody = closed.getLocalPort();
        }
        place("refused", nobody);
        runUntil(() -> fixture.listener.heard.contains("503"));
        assertThat(fixture.counters.get(SipCounters.CONNECT_FAILED)).isPositive();
        fixture.pass(70_000);
        runUntil(() ->
                fixture.stack.tables().flows() == 0 || fixture.stack.tables().flows() == 1);
        assertThat(fixture.stack.tables().isResting())
                .as("%s", fixture.stack.tables())
                .isTrue();
    }

    @Test
    void shouldEndCleanlyWhenTheFarEndDropsTheConnectionInACall() throws IOException {
        send(SipText.invite("1", "call-1", via(), socket.getLocalPort()));
        assertThat(receive()).startsWith("SIP/2.0 200");
        socket.close();
        runUntil(() -> fixture.stack.tables().flows() == 0);
        fixture.pass(120_000);
        runUntil(() -> fixture.stack.tables().isResting());
        assertThat(fixture.listener.heard).contains("dialog timeout");
    }
}
