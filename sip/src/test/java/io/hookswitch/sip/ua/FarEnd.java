package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A far end on a UDP socket of its own that writes its SIP by hand. */
final class FarEnd implements AutoCloseable {
    static final String LOOPBACK = "127.0.0.1";
    private static final int SDP_PORT = 4000;

    final DatagramSocket socket;
    private final AgentFixture fixture;
    private int branches;

    FarEnd(AgentFixture fixture) throws IOException {
        this.fixture = fixture;
        socket = new DatagramSocket(0, InetAddress.getByName(LOOPBACK));
        socket.setSoTimeout(1);
    }

    int port() {
        return socket.getLocalPort();
    }

    String uri() {
        return "sip:bob@" + LOOPBACK + ":" + port();
    }

    static String sdp(String formats, String more) {
        return "v=0\r\no=- 7 7 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " + SDP_PORT
                + " RTP/AVP " + formats + "\r\na=rtpmap:101 telephone-event/8000\r\n" + more;
    }

    void send(String message) throws IOException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(LOOPBACK, fixture.port())));
    }

    /** @return the next message that comes; null = none within so many real milliseconds. */
    String receive(long maxMs) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        long began = System.nanoTime();
        do {
            fixture.agent.doWork(2_000_000);
            try {
                socket.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException _) {
                // Not yet: another pass.
            }
        } while (System.nanoTime() - began < maxMs * 1_000_000);
        return null;
    }

    /** @return the next message, which must begin so. */
    String expect(String start) throws IOException {
        String message = receive(3_000);
        assertThat(message)
                .as("waiting for %s; events %s, errors %s", start, fixture.heard, fixture.errors)
                .isNotNull()
                .startsWith(start);
        return message;
    }

    void expectSilence() throws IOException {
        assertThat(receive(60)).isNull();
    }

    private String head(String line, String callId, String from, String to, String cseq) {
        return line + " SIP/2.0\r\nVia: SIP/2.0/UDP " + LOOPBACK + ":" + port() + ";branch=z9hG4bKf" + ++branches + "x"
                + port() + ";rport\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + to + "\r\nCall-ID: " + callId
                + "\r\nCSeq: " + cseq + "\r\nContact: <sip:alice@" + LOOPBACK + ":" + port() + ">\r\n";
    }

    static String body(String type, String body) {
        return (body.isEmpty() ? "" : "Content-Type: " + type + "\r\n") + "Content-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    String invite(String callId, String more, String sdp) {
        return head(
                        "INVITE sip:+4930@" + LOOPBACK + ":" + fixture.port(),
                        callId,
                        "\"Alice A\" <sip:alice@example.com>;tag=a1",
                        "<sip:+4930@example.com>",
                        "1 INVITE")
                + more
                + body("application/sdp", sdp);
    }

    /** A request outside of any dialog. */
    String request(String method, String uri, String callId, String more) {
        return head(
                        method + " " + uri,
                        callId,
                        "<sip:alice@example.com>;tag=a1",
                        "<sip:alice@example.com>",
                        "1 " + method)
                + more
                + body("", "");
    }

    /** A request of the caller in the dialog that a response of ours belongs to. */
    String inDialog(String method, int cseq, String response, String more, String body) {
        String type = body.startsWith("v=") ? "application/sdp" : "application/dtmf-relay";
        return head(
                        method + " sip:+4930@" + LOOPBACK + ":" + fixture.port(),
                        header(response, "Call-ID"),
                        header(response, "From"),
                        header(response, "To"),
                        cseq + " " + method)
                + more
                + body(type, body);
    }

    /** A request of the called side in the dialog that an INVITE of ours made. */
    String back(String method, int cseq, String invite, String toTag, String more, String body) {
        String type = body.startsWith("v=") ? "application/sdp" : "application/dtmf-relay";
        return head(
                        method + " sip:x@" + LOOPBACK + ":" + fixture.port(),
                        header(invite, "Call-ID"),
                        header(invite, "To") + ";tag=" + toTag,
                        header(invite, "From"),
                        cseq + " " + method)
                + more
                + body(type, body);
    }

    /** CANCEL of an INVITE sent before: same branch. */
    static String cancel(String invite) {
        StringBuilder cancel = new StringBuilder();
        for (String line : invite.substring(0, invite.indexOf("\r\n\r\n")).split("\r\n")) {
            if (line.startsWith("INVITE ")) {
                cancel.append("CANCEL").append(line.substring(6)).append("\r\n");
            } else if (line.startsWith("CSeq:")) {
                cancel.append(line.replace("INVITE", "CANCEL")).append("\r\n");
            } else if (line.matches("(Via|Max-Forwards|From|To|Call-ID):.*")) {
                cancel.append(line).append("\r\n");
            }
        }
        return cancel.append("Content-Length: 0\r\n\r\n").toString();
    }

    /** Answers a request with its own Via, From, To, Call-ID and CSeq. */
    String answer(String request, String statusLine, String toTag, String more, String sdp) {
        StringBuilder answer = new StringBuilder("SIP/2.0 " + statusLine + "\r\n");
        for (String line : request.substring(0, request.indexOf("\r\n\r\n")).split("\r\n")) {
            if (line.matches("(Via|From|Call-ID|CSeq):.*")) {
                answer.append(line).append("\r\n");
            } else if (line.startsWith("To:")) {
                answer.append(line)
                        .append(line.contains(";tag=") || toTag.isEmpty() ? "" : ";tag=" + toTag)
                        .append("\r\n");
            }
        }
        return answer.append("Contact: <")
                .append(uri())
                .append(">\r\n")
                .append(more)
                .append(body("application/sdp", sdp))
                .toString();
    }

    static String header(String message, String name) {
        for (String line : message.split("\r\n")) {
            if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }

    static String bodyOf(String message) {
        return message.substring(message.indexOf("\r\n\r\n") + 4);
    }

    @Override
    public void close() {
        socket.close();
    }
}
