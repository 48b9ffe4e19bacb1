package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.sip.transport.SipCounters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leg that calls us, rule by rule, over real sockets. */
class InboundLegTest {
    private static final long LEG = 77;
    private static final String SDP = FarEnd.sdp("0 8 101", "");

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

    private String offered(String more, String sdp) throws IOException {
        String invite = farEnd.invite("call-in", more, sdp);
        farEnd.send(invite);
        farEnd.expect("SIP/2.0 100");
        return invite;
    }

    private void settled() {
        fixture.expect("TERMINATED");
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 9.2
    void shouldAnswerBothWhenCancelled() throws IOException {
        String invite = offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 180, false);
        farEnd.expect("SIP/2.0 180");
        farEnd.send(FarEnd.cancel(invite));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 200"), "CSeq")).isEqualTo("1 CANCEL");
        String terminated = farEnd.expect("SIP/2.0 487");
        farEnd.send(ack(invite, terminated));
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(487);
        assertThat(ended.cause()).isEqualTo(Cause.FAR_END_CANCEL);
        settled();
    }

    /** ACK of a response other than 2xx: the branch of the INVITE (RFC 3261 section 17.1.1.3). */
    private static String ack(String invite, String response) {
        return FarEnd.cancel(invite)
                .replace("CANCEL ", "ACK ")
                .replace(" CANCEL\r\n", " ACK\r\n")
                .replaceFirst(
                        "To: [^\r]*\r\n", "To: " + FarEnd.header(response, "To").replace("$", "") + "\r\n");
    }

    @Test // a leg speaks only after it is bound
    void shouldTellAfterBindWhenCancelledBefore() throws IOException {
        String invite = offered("", SDP);
        Heard offered = fixture.expect("OFFERED");
        farEnd.send(FarEnd.cancel(invite));
        farEnd.expect("SIP/2.0 200");
        farEnd.send(ack(invite, farEnd.expect("SIP/2.0 487")));
        fixture.expectNothing();
        fixture.bind(offered, LEG);
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.leg()).isEqualTo(LEG);
        assertThat(ended.cause()).isEqualTo(Cause.FAR_END_CANCEL);
        settled();
    }

    @Test
    void shouldTellNothingWhenCancelledAndThenRefused() throws IOException {
        String invite = offered("", SDP);
        Heard offered = fixture.expect("OFFERED");
        farEnd.send(FarEnd.cancel(invite));
        farEnd.expect("SIP/2.0 200");
        farEnd.send(ack(invite, farEnd.expect("SIP/2.0 487")));
        fixture.command(SipCommand.REFUSE, 0, command -> command.otherLeg(offered.otherLeg())
                .status(503));
        fixture.expectNothing();
        farEnd.expectSilence();
        fixture.assertRests();
    }

    @Test
    void shouldSendStatusAndRetryAfterWhenRefused() throws IOException {
        String invite = offered("", SDP);
        Heard offered = fixture.expect("OFFERED");
        fixture.command(SipCommand.REFUSE, 0, command -> {
            command.otherLeg(offered.otherLeg()).status(503);
            command.put(Field.RETRY_AFTER, "7");
        });
        String refused = farEnd.expect("SIP/2.0 503");
        assertThat(FarEnd.header(refused, "Retry-After")).isEqualTo("7");
        farEnd.send(ack(invite, refused));
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 20.43
    void shouldWarnOfTheAddressWhenTheMediaIsOfTheOtherIpVersion() throws IOException {
        String invite = offered("", SDP);
        Heard offered = fixture.expect("OFFERED");
        fixture.command(SipCommand.REFUSE, 0, command -> command.otherLeg(offered.otherLeg())
                .status(488));
        String refused = farEnd.expect("SIP/2.0 488");
        assertThat(FarEnd.header(refused, "Warning")).startsWith("301 ");
        farEnd.send(ack(invite, refused));
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test
    void shouldSendStatusReasonAndHeadersWhenEndedUnanswered() throws IOException {
        String invite = offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.command(SipCommand.END, LEG, command -> {
            command.status(603);
            command.put(Field.REASON, "Not Now");
            command.put(Field.HEADER, "X-Reason: lunch");
            command.put(Field.HEADER, "Retry-After: 30");
            command.put(Field.HEADER, "Via: evil");
            command.put(Field.HEADER, "X-Evil: a\r\nX-More: b");
        });
        String declined = farEnd.expect("SIP/2.0 603 Not Now");
        assertThat(declined)
                .contains("X-Reason: lunch\r\n", "Retry-After: 30\r\n")
                .doesNotContain("evil", "X-More");
        assertThat(fixture.agent.counters().get(SipCounters.HEADERS_LEFT_OUT)).isEqualTo(2);
        farEnd.send(ack(invite, declined));
        settled();
    }

    @Test // RFC 3261 section 13.3.1.4
    void shouldEndWithByeWhenThe200IsNeverAcknowledged() throws IOException {
        offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        farEnd.expect("SIP/2.0 200");
        fixture.expect("MEDIA_CHANGED");
        fixture.pass(31_000);
        fixture.expectNothing();
        fixture.pass(2_000);
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.cause()).isEqualTo(Cause.NO_ACK);
        String message = farEnd.expect("");
        while (message.startsWith("SIP/2.0 200")) {
            message = farEnd.expect("");
        }
        assertThat(message).startsWith("BYE ");
        farEnd.send(farEnd.answer(message, "200 OK", "", "", ""));
        settled();
    }

    @Test // RFC 3261 section 15: no BYE before the ACK
    void shouldHoldTheByeUntilTheAckWhenEndedRightAfterAnswering() throws IOException {
        offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        fixture.expect("MEDIA_CHANGED");
        fixture.end(LEG, 0);
        farEnd.expectSilence();
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(bye, "200 OK", "", "", ""));
        settled();
    }

    @Test // the caller hangs up while our BYE waits for its ACK
    void shouldSettleOnceWhenTheCallerEndsBeforeTheAck() throws IOException {
        offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        fixture.expect("MEDIA_CHANGED");
        fixture.end(LEG, 0);
        farEnd.send(farEnd.inDialog("BYE", 2, ok, "", ""));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 200"), "CSeq")).isEqualTo("2 BYE");
        fixture.expect("TERMINATED");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        farEnd.expectSilence();
        fixture.pass(40_000);
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test // RFC 3262 section 3: a final response other than 2xx does not wait for the PRACK
    void shouldRefuseAtOnceWhenEndedBeforeThePrack() throws IOException {
        String invite = offered("Require: 100rel\r\n", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 183, true);
        farEnd.expect("SIP/2.0 183");
        fixture.expect("MEDIA_CHANGED");
        fixture.answer(LEG);
        fixture.end(LEG, 486);
        farEnd.send(ack(invite, farEnd.expect("SIP/2.0 486")));
        settled();
    }

    @Test // RFC 3261 section 15: the caller may end an early dialog with BYE
    void shouldEndBothWhenTheCallerSendsByeEarly() throws IOException {
        String invite = offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 180, false);
        String ringing = farEnd.expect("SIP/2.0 180");
        farEnd.send(farEnd.inDialog("BYE", 2, ringing, "", ""));
        List<String> answers = new ArrayList<>(List.of(farEnd.expect("SIP/2.0"), farEnd.expect("SIP/2.0")));
        assertThat(answers).anyMatch(answer -> answer.startsWith("SIP/2.0 200") && answer.contains("2 BYE"));
        assertThat(answers).anyMatch(answer -> answer.startsWith("SIP/2.0 487") && answer.contains("1 INVITE"));
        farEnd.send(ack(invite, answers.getLast()));
        assertThat(fixture.expect("ENDED").status()).isEqualTo(487);
        settled();
    }

    @Test // RFC 3261 section 13.3.1.4, RFC 6026
    void shouldSayTheSameInThe200AsInThe183() throws IOException {
        offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.command(SipCommand.PROGRESS, LEG, command -> {
            command.status(183);
            AgentFixture.media(command, Codec.PCMA);
        });
        String early = farEnd.expect("SIP/2.0 183");
        assertThat(FarEnd.bodyOf(early)).contains("m=audio 20000 RTP/AVP 8 101");
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).startsWith("127.0.0.1:4000 PCMA@8");
        fixture.answer(LEG);
        assertThat(FarEnd.bodyOf(farEnd.expect("SIP/2.0 200"))).isEqualTo(FarEnd.bodyOf(early));
        fixture.expectNothing();
    }

    @Test // RFC 3262 sections 3 and 5
    void shouldSendReliablyAndHoldThe200WhenTheCallerRequires100rel() throws IOException {
        offered("Require: 100rel\r\n", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 183, true);
        String early = farEnd.expect("SIP/2.0 183");
        assertThat(FarEnd.header(early, "Require")).isEqualTo("100rel");
        assertThat(FarEnd.bodyOf(early)).contains("m=audio 20000");
        fixture.expect("MEDIA_CHANGED");
        fixture.pass(700);
        assertThat(farEnd.expect("SIP/2.0 183")).as("repeated until PRACK").isEqualTo(early);
        fixture.answer(LEG);
        farEnd.expectSilence();
        String rack = "RAck: " + FarEnd.header(early, "RSeq") + " 1 INVITE\r\n";
        farEnd.send(farEnd.inDialog("PRACK", 2, early, rack, ""));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 200"), "CSeq")).isEqualTo("2 PRACK");
        String ok = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.header(ok, "CSeq")).isEqualTo("1 INVITE");
        assertThat(FarEnd.bodyOf(ok)).as("answered in the reliable 183").isEmpty();
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        farEnd.send(farEnd.inDialog("BYE", 3, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        fixture.expect("ENDED");
        settled();
    }

    @Test // RFC 3262 section 3
    void shouldRefuseWhenAReliableProvisionalIsNeverAcknowledged() throws IOException {
        offered("Require: 100rel\r\n", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 183, true);
        farEnd.expect("SIP/2.0 183");
        fixture.expect("MEDIA_CHANGED");
        fixture.pass(33_000);
        assertThat(fixture.expect("ENDED").status()).isEqualTo(504);
        settled();
    }

    @Test // RFC 3261 section 13.2.1, RFC 3264: late offer
    void shouldOfferInThe200AndReadTheAckWhenTheInviteHasNoSdp() throws IOException {
        offered("", "");
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.media().present()).isFalse();
        fixture.bind(offered, LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(ok)).contains("m=audio 20000 RTP/AVP 0 8 101");
        fixture.expectNothing();
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", FarEnd.sdp("8 101", "")));
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).startsWith("127.0.0.1:4000 PCMA@8 event@101");
        farEnd.send(farEnd.inDialog("BYE", 2, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        fixture.expect("ENDED");
        settled();
    }

    @Test
    void shouldEndWhenTheAckOfALateOfferHasNoAnswer() throws IOException {
        offered("", "");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        String bye = farEnd.expect("BYE ");
        assertThat(fixture.expect("ENDED").cause()).isEqualTo(Cause.NO_COMMON_MEDIA);
        farEnd.send(farEnd.answer(bye, "200 OK", "", "", ""));
        settled();
    }

    @Test
    void shouldRefuseWith488WhenTheCodecsDoNotMeet() throws IOException {
        offered("", FarEnd.sdp("9 101", ""));
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        farEnd.expect("SIP/2.0 488");
        assertThat(fixture.expect("ENDED").cause()).isEqualTo(Cause.NO_COMMON_MEDIA);
        settled();
    }

    @Test // RFC 3261 section 17.2.1
    void shouldRepeatTheLastResponseWhenTheInviteIsRepeated() throws IOException {
        String invite = offered("", SDP);
        fixture.bind(fixture.expect("OFFERED"), LEG);
        farEnd.send(invite);
        farEnd.expect("SIP/2.0 100");
        fixture.progress(LEG, 180, false);
        farEnd.expect("SIP/2.0 180");
        farEnd.send(invite);
        farEnd.expect("SIP/2.0 180");
        fixture.expectNothing();
    }

    @Test
    void shouldIgnoreWhenACommandComesLate() throws IOException {
        String ok = fixture.confirmed(LEG, "call-in");
        farEnd.send(farEnd.inDialog("BYE", 2, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
        fixture.end(LEG, 0);
        fixture.answer(LEG);
        fixture.progress(LEG, 180, false);
        fixture.end(4711, 0);
        farEnd.expectSilence();
        fixture.expectNothing();
        fixture.assertRests();
    }
}
