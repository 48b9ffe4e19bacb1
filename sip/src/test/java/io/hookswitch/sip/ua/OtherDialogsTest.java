package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One INVITE of ours makes several dialogs, or a wrong one: what is not in use neither disturbs nor stays. */
class OtherDialogsTest {
    private static final long LEG = 77;
    private static final String SDP = FarEnd.sdp("0 101", "");

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

    private String ringing() throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expect("PROGRESSED");
        return invite;
    }

    private void endAndRest() throws IOException {
        fixture.end(LEG, 0);
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
        fixture.expectNothing();
        fixture.assertRests();
        assertThat(fixture.errors).isEmpty();
    }

    @Test // RFC 3261 section 13.2.2.4: both sides of the later dialog hang up at the same time
    void shouldGoOnWhenTheLaterDialogEndsItself() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        farEnd.send(farEnd.answer(invite, "200 OK", "b2", "", SDP));
        farEnd.expect("ACK ");
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.back("BYE", 5, invite, "b2", "", ""));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 200"), "CSeq")).isEqualTo("5 BYE");
        farEnd.send(farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expectNothing();
        endAndRest();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INFO", "UPDATE", "INVITE"})
    void shouldTellNothingWhenADialogThatLostSpeaks(String method) throws IOException {
        String invite = ringing();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b2", "", ""));
        fixture.expect("PROGRESSED");
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", SDP));
        farEnd.expect("ACK ");
        fixture.expect("ANSWERED");
        String body = method.equals("INFO") ? "Signal=1\r\n" : SDP.replace("127.0.0.1", "10.6.6.6");
        farEnd.send(farEnd.back(method, 5, invite, "b2", "", body));
        farEnd.expect("SIP/2.0 481");
        fixture.expectNothing();
        endAndRest();
    }

    @Test // a border controller answers the CANCEL by itself while the phone behind it picks up
    void shouldAcknowledgeAndEndWhenA200ComesBehindThe487() throws IOException {
        String invite = ringing();
        fixture.end(LEG, 0);
        farEnd.send(farEnd.answer(farEnd.expect("CANCEL "), "200 OK", "b1", "", ""));
        farEnd.send(farEnd.answer(invite, "487 Request Terminated", "b1", "", ""));
        farEnd.expect("ACK ");
        fixture.expect("TERMINATED");
        farEnd.send(farEnd.answer(invite, "200 OK", "b2", "", SDP));
        assertThat(FarEnd.header(farEnd.expect("ACK "), "To")).endsWith(";tag=b2");
        String bye = farEnd.expect("BYE ");
        assertThat(FarEnd.header(bye, "To")).endsWith(";tag=b2");
        farEnd.send(farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expectNothing();
        fixture.assertRests();
        assertThat(fixture.errors).isEmpty();
    }

    @Test // RFC 3261 section 12.1.2: without a tag there is no dialog that could go on
    void shouldEndWhenThe200HasNoTag() throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        farEnd.send(farEnd.answer(invite, "200 OK", "", "", SDP));
        farEnd.expect("ACK ");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.cause()).isEqualTo(Cause.BAD_REQUEST);
        fixture.expect("TERMINATED");
        farEnd.send(farEnd.answer(farEnd.expect("BYE "), "200 OK", "", "", ""));
        fixture.expectNothing();
        fixture.assertRests();
        assertThat(fixture.errors).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Contact: <tel:+4930>\r\n"})
    void shouldLeaveNoDialogWhenThe200CannotBeAcknowledged(String contact) throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", SDP).replaceFirst("Contact: [^\r]*\r\n", contact));
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
        fixture.expectNothing();
        fixture.assertRests();
        assertThat(fixture.errors).isNotEmpty();
    }
}
