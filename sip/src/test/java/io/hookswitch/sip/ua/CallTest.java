package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A call in each direction from its first to its last message, over real sockets. */
class CallTest {
    private static final long LEG = 77;

    private AgentFixture fixture;
    private FarEnd farEnd;

    @BeforeEach
    void open() throws IOException {
        fixture = new AgentFixture();
        farEnd = fixture.farEnd;
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldOfferAnswerAndEndWhenCalled() throws IOException {
        farEnd.send(farEnd.invite("call-1", "X-Own: yes\r\n", FarEnd.sdp("8 0 101", "")));
        farEnd.expect("SIP/2.0 100");
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.text(Field.CALL_ID)).isEqualTo("call-1");
        assertThat(offered.text(Field.FROM_USER)).isEqualTo("alice");
        assertThat(offered.text(Field.FROM_DISPLAY)).isEqualTo("Alice A");
        assertThat(offered.text(Field.FROM_HOST)).isEqualTo("example.com");
        assertThat(offered.text(Field.TO_USER)).isEqualTo("+4930");
        assertThat(offered.text(Field.REQUEST_URI)).isEqualTo("sip:+4930@127.0.0.1:" + fixture.port());
        assertThat(offered.text(Field.SOURCE)).isEqualTo("udp:127.0.0.1:" + farEnd.port());
        assertThat(offered.text(Field.LOCAL)).isEqualTo("udp:127.0.0.1:" + fixture.port());
        assertThat(offered.text(Field.ORIGIN)).isEqualTo("carrier:acc:trunk");
        assertThat(offered.headers()).contains("X-Own: yes");
        assertThat(offered.text(Field.BODY)).startsWith("v=0");
        assertThat(offered.text(Field.RAW)).startsWith("INVITE sip:+4930@").contains("X-Own: yes\r\n");
        assertThat(offered.mediaText()).isEqualTo("127.0.0.1:4000 PCMA@8 PCMU@0 event@101 send receive");
        fixture.bind(offered, LEG);
        fixture.progress(LEG, 180, false);
        assertThat(FarEnd.bodyOf(farEnd.expect("SIP/2.0 180"))).isEmpty();
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        assertThat(ok)
                .contains("m=audio 20000 RTP/AVP 0 101\r\n", "c=IN IP4 10.0.0.9")
                .contains("Allow: ", "Supported: 100rel, timer", "Server: Test/1");
        Heard changed = fixture.expect("MEDIA_CHANGED");
        assertThat(changed.leg()).isEqualTo(LEG);
        assertThat(changed.mediaText()).isEqualTo("127.0.0.1:4000 PCMU@0 PCMA@8 event@101 send receive");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        farEnd.send(farEnd.inDialog("BYE", 2, ok, "X-Why: enough\r\nReason: Q.850;cause=16\r\n", ""));
        farEnd.expect("SIP/2.0 200");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(200);
        assertThat(ended.cause()).isEqualTo(Cause.FAR_END_BYE);
        assertThat(ended.headers()).containsExactlyInAnyOrder("X-Why: enough", "Reason: Q.850;cause=16");
        fixture.expect("TERMINATED");
        fixture.expectNothing();
        fixture.assertRests();
        assertThat(fixture.errors).isEmpty();
    }

    @Test
    void shouldInviteAcknowledgeAndEndWhenTold() throws IOException {
        fixture.invite(LEG, farEnd, "X-Call-Sid: abc", "X-Two: 1", "X-Two: 2");
        Heard invited = fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE sip:bob@127.0.0.1:" + farEnd.port() + " SIP/2.0");
        assertThat(invited.text(Field.CALL_ID)).isEqualTo(FarEnd.header(invite, "Call-ID"));
        assertThat(invited.text(Field.LOCAL)).isEqualTo("udp:127.0.0.1:" + fixture.port());
        assertThat(FarEnd.header(invite, "From"))
                .startsWith("\"Ann \\\"A\\\"\" <sip:+4940@127.0.0.1:" + fixture.port() + ">;tag=");
        assertThat(FarEnd.header(invite, "To")).isEqualTo("<" + farEnd.uri() + ">");
        assertThat(FarEnd.header(invite, "Max-Forwards")).isEqualTo("70");
        assertThat(FarEnd.header(invite, "User-Agent")).isEqualTo("Test/1");
        assertThat(FarEnd.header(invite, "Supported")).isEqualTo("100rel, timer");
        assertThat(FarEnd.header(invite, "Via")).contains(";rport");
        assertThat(invite).contains("X-Call-Sid: abc\r\n", "X-Two: 1\r\n", "X-Two: 2\r\n");
        assertThat(invite).contains("m=audio 20000 RTP/AVP 0 8 101\r\n");
        farEnd.send(farEnd.answer(invite, "100 Trying", "", "", ""));
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        Heard ringing = fixture.expect("PROGRESSED");
        assertThat(ringing.status()).isEqualTo(180);
        assertThat(ringing.media().present()).isFalse();
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", FarEnd.sdp("0 101", "")));
        String ack = farEnd.expect("ACK sip:bob@127.0.0.1:" + farEnd.port());
        assertThat(FarEnd.header(ack, "CSeq")).isEqualTo("1 ACK");
        Heard answered = fixture.expect("ANSWERED");
        assertThat(answered.status()).isEqualTo(200);
        assertThat(answered.text(Field.REASON)).isEqualTo("OK");
        assertThat(answered.mediaText()).isEqualTo("127.0.0.1:4000 PCMU@0 event@101 send receive");
        fixture.end(LEG, 0, "X-Reason: Media Timeout");
        String bye = farEnd.expect("BYE sip:bob@127.0.0.1:" + farEnd.port());
        assertThat(bye).contains("X-Reason: Media Timeout\r\n", "User-Agent: Test/1");
        fixture.expectNothing();
        farEnd.send(farEnd.answer(bye, "200 OK", "b1", "", ""));
        assertThat(fixture.expect("TERMINATED").leg()).isEqualTo(LEG);
        fixture.expectNothing();
        fixture.assertRests();
        assertThat(fixture.errors).isEmpty();
    }
}
