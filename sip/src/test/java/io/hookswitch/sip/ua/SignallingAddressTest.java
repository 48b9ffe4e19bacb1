package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every description tells the core where the message it came in was sent from, beside what it says of itself. */
class SignallingAddressTest {
    private static final long LEG = 77;
    private static final int LOOPBACK = 0x7F000001;
    private static final int ELSEWHERE = 0x7F000002;
    /** A far end behind a NAT: the address in its description is not the one it sends from. */
    private static final String NATTED = FarEnd.sdp("0 101", "").replace("c=IN IP4 127.0.0.1", "c=IN IP4 192.168.7.7");

    private AgentFixture fixture;
    private FarEnd farEnd;

    @BeforeEach
    void open() throws IOException {
        fixture = new AgentFixture();
        farEnd = fixture.farEnd;
    }

    @AfterEach
    void close() {
        assertThat(fixture.errors).isEmpty();
        fixture.close();
    }

    @Test
    void shouldNameTheSourceOfTheInviteWhenCalled() throws IOException {
        farEnd.send(farEnd.invite("call-in", "", NATTED));
        farEnd.expect("SIP/2.0 100");
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.mediaText()).startsWith("192.168.7.7:4000");
        assertThat(offered.media().signallingIpv4()).isEqualTo(LOOPBACK);
        fixture.bind(offered, LEG);
        fixture.answer(LEG);
        farEnd.expect("SIP/2.0 200");
        assertThat(fixture.expect("MEDIA_CHANGED").media().signallingIpv4()).isEqualTo(LOOPBACK);
    }

    @Test
    void shouldNameTheSourceOfTheResponsesWhenCalling() throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        farEnd.send(farEnd.answer(invite, "183 Early", "b1", "", NATTED));
        assertThat(fixture.expect("PROGRESSED").media().signallingIpv4()).isEqualTo(LOOPBACK);
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", NATTED));
        assertThat(fixture.expect("ANSWERED").media().signallingIpv4()).isEqualTo(LOOPBACK);
    }

    @Test // a phone that changed its network says so with a re-INVITE from there
    void shouldNameTheNewSourceWhenTheFarEndHasMoved() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        byte[] moved = farEnd.inDialog("INVITE", 2, ok, "", NATTED).getBytes(StandardCharsets.UTF_8);
        try (DatagramSocket elsewhere = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
            elsewhere.send(
                    new DatagramPacket(moved, moved.length, new InetSocketAddress(FarEnd.LOOPBACK, fixture.port())));
            assertThat(fixture.expect("MEDIA_CHANGED").media().signallingIpv4()).isEqualTo(ELSEWHERE);
        }
    }

    @Test // RFC 3261 section 12.2.2: a phone behind a NAT is reached the way it came last
    void shouldSendTheByeToTheNewSourceWhenTheFarEndHasMoved() throws IOException {
        String natted =
                farEnd.invite("call-1", "", NATTED).replaceFirst("Contact: [^\r]*", "Contact: <sip:a@10.9.9.9>");
        farEnd.send(natted);
        farEnd.expect("SIP/2.0 100");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        fixture.expect("MEDIA_CHANGED");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        FarEnd moved = new FarEnd(fixture);
        try (moved) {
            moved.send(moved.inDialog("UPDATE", 2, ok, "", NATTED));
            moved.expect("SIP/2.0 200");
            fixture.end(LEG, 0);
            moved.expect("BYE ");
        }
    }

    @Test // RFC 3261 section 13.2.1: our 200 offers, the ACK answers
    void shouldNameTheSourceOfTheAckWhenItAnswers() throws IOException {
        farEnd.send(farEnd.invite("call-in", "", ""));
        farEnd.expect("SIP/2.0 100");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", NATTED));
        assertThat(fixture.expect("MEDIA_CHANGED").media().signallingIpv4()).isEqualTo(LOOPBACK);
    }
}
