package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.sip.SipSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls over TCP and over IPv6; what is the same over every transport is tested over UDP. */
class TransportsTest {
    private static final long LEG = 77;
    private static final String SDP = FarEnd.sdp("0 101", "");

    private AgentFixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new AgentFixture();
    }

    @AfterEach
    void close() {
        assertThat(fixture.errors).isEmpty();
        fixture.close();
    }

    private String read(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        InputStream in = socket.getInputStream();
        long began = System.nanoTime();
        while (System.nanoTime() - began < 2_000_000_000L && !isWhole(text)) {
            fixture.agent.doWork(2_000_000);
            while (in.available() > 0 && !isWhole(text)) {
                text.append((char) in.read());
            }
        }
        return text.toString();
    }

    private static boolean isWhole(StringBuilder text) {
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return false;
        }
        String length = FarEnd.header(text.toString(), "Content-Length");
        return text.length() == head + 4 + Integer.parseInt(length);
    }

    private static void send(Socket socket, String message) throws IOException {
        socket.getOutputStream().write(message.getBytes(StandardCharsets.UTF_8));
    }

    private static String overTcp(String message, Socket socket) {
        return message.replaceFirst("UDP [^;]*", "TCP 127.0.0.1:" + socket.getLocalPort());
    }

    @Test // RFC 3261 section 18.2.2: answers go back on the connection; so does our BYE to a Contact of another
    // transport
    void shouldKeepTheConnectionWhenCalledOverTcp() throws IOException {
        FarEnd text = fixture.farEnd;
        try (Socket socket = new Socket("127.0.0.1", fixture.tcpPort())) {
            send(socket, overTcp(text.invite("call-tcp", "", SDP), socket));
            assertThat(read(socket)).startsWith("SIP/2.0 100");
            Heard offered = fixture.expect("OFFERED");
            assertThat(offered.text(Field.SOURCE)).isEqualTo("tcp:127.0.0.1:" + socket.getLocalPort());
            fixture.bind(offered, LEG);
            fixture.answer(LEG);
            String ok = read(socket);
            assertThat(ok).startsWith("SIP/2.0 200");
            assertThat(FarEnd.header(ok, "Contact")).endsWith(":" + fixture.tcpPort() + ";transport=tcp>");
            fixture.expect("MEDIA_CHANGED");
            send(socket, overTcp(text.inDialog("ACK", 1, ok, "", ""), socket));
            fixture.agent.doWork(50_000_000);
            fixture.end(LEG, 0);
            String bye = read(socket);
            assertThat(bye).startsWith("BYE ");
            send(socket, text.answer(bye, "200 OK", "", "", ""));
            fixture.expect("TERMINATED");
            fixture.expectNothing();
        }
        fixture.agent.doWork(20_000_000);
        fixture.assertRests();
    }

    @Test
    void shouldCallOverTcpWhenTheNextHopSaysSo() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String at = "127.0.0.1:" + server.getLocalPort();
            fixture.command(
                    SipCommand.INVITE,
                    LEG,
                    command -> AgentFixture.dial(command, "sip:bob@" + at + ";transport=tcp", "tcp:" + at));
            fixture.expect("INVITED");
            fixture.agent.doWork(20_000_000);
            server.setSoTimeout(2_000);
            try (Socket socket = server.accept()) {
                String invite = read(socket);
                assertThat(invite).startsWith("INVITE sip:bob@" + at + ";transport=tcp SIP/2.0\r\n");
                assertThat(FarEnd.header(invite, "Via")).startsWith("SIP/2.0/TCP 127.0.0.1:" + fixture.tcpPort());
                String ok = fixture.farEnd
                        .answer(invite, "200 OK", "b1", "", SDP)
                        .replaceFirst("Contact: [^\r]*", "Contact: <sip:bob@" + at + ";transport=tcp>");
                send(socket, ok);
                assertThat(read(socket)).startsWith("ACK ");
                fixture.expect("ANSWERED");
                fixture.end(LEG, 0);
                String bye = read(socket);
                assertThat(bye).startsWith("BYE ");
                send(socket, fixture.farEnd.answer(bye, "200 OK", "b1", "", ""));
                fixture.expect("TERMINATED");
            }
        }
        fixture.agent.doWork(20_000_000);
        fixture.assertRests();
    }

    @Test // RFC 3261 section 8.1.3.1
    void shouldEndWith503WhenNobodyListens() throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = server.getLocalPort();
        }
        String at = "127.0.0.1:" + port;
        fixture.command(
                SipCommand.INVITE,
                LEG,
                command -> AgentFixture.dial(command, "sip:bob@" + at + ";transport=tcp", "tcp:" + at));
        fixture.expect("INVITED");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(503);
        assertThat(ended.cause()).isEqualTo(Cause.UNREACHABLE);
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test
    void shouldCallOverIPv6() throws IOException {
        fixture.close();
        fixture = new AgentFixture(64, settings -> SipSettings.of("v6", List.of("udp:[::1]:0"), "Test/1"));
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("::1"))) {
            socket.setSoTimeout(1);
            String at = "[::1]:" + socket.getLocalPort();
            fixture.command(
                    SipCommand.INVITE, LEG, command -> AgentFixture.dial(command, "sip:bob@" + at, "udp:" + at));
            fixture.expect("INVITED");
            String invite = receive(socket);
            assertThat(invite).startsWith("INVITE sip:bob@" + at + " SIP/2.0\r\n");
            assertThat(FarEnd.header(invite, "Via")).matches("SIP/2.0/UDP \\[[0:]*1]:" + fixture.port() + ";.*");
            assertThat(FarEnd.header(invite, "Contact")).matches("<sip:.*@\\[[0:]*1]:" + fixture.port() + ">");
            String ok = fixture.farEnd
                    .answer(invite, "200 OK", "b1", "", SDP)
                    .replaceFirst("Contact: [^\r]*", "Contact: <sip:bob@" + at + ">");
            byte[] bytes = ok.getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName("::1"), fixture.port()));
            fixture.expect("ANSWERED");
            assertThat(receive(socket)).startsWith("ACK sip:bob@" + at);
        }
    }

    private String receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        for (int i = 0; i < 500; i++) {
            fixture.agent.doWork(2_000_000);
            try {
                socket.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException _) {
                // Not yet: another pass.
            }
        }
        throw new AssertionError("nothing came; errors " + fixture.errors);
    }
}
