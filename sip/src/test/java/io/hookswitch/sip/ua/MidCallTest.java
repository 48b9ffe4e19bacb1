package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a far end does inside a confirmed dialog, answered by the leg itself. */
class MidCallTest {
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
        assertThat(fixture.errors).isEmpty();
        fixture.close();
    }

    private static String version(String message) {
        return FarEnd.bodyOf(message).split("\r\n")[1].split(" ")[2];
    }

    @Test // RFC 3264 section 8.4, RFC 3261 section 14.2
    void shouldAnswerHoldAndItsEndFromTheSamePort() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", FarEnd.sdp("0 101", "a=sendonly\r\n")));
        String held = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(held)).contains("m=audio 20000 RTP/AVP 0 101", "a=recvonly");
        assertThat(version(held)).isEqualTo("2");
        farEnd.send(farEnd.inDialog("ACK", 2, ok, "", ""));
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).isEqualTo("127.0.0.1:4000 PCMU@0 event@101 receive");
        farEnd.send(farEnd.inDialog("INVITE", 3, ok, "", FarEnd.sdp("0 101", "a=sendonly\r\n")));
        String again = farEnd.expect("SIP/2.0 200");
        assertThat(version(again)).as("nothing has changed").isEqualTo("2");
        farEnd.send(farEnd.inDialog("ACK", 3, ok, "", ""));
        fixture.expect("MEDIA_CHANGED");
        String elsewhere = FarEnd.sdp("0 101", "").replace("m=audio 4000", "m=audio 4444");
        farEnd.send(farEnd.inDialog("INVITE", 4, ok, "", elsewhere));
        String back = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(back)).contains("m=audio 20000 RTP/AVP 0 101", "a=sendrecv");
        assertThat(version(back)).isEqualTo("3");
        farEnd.send(farEnd.inDialog("ACK", 4, ok, "", ""));
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText())
                .isEqualTo("127.0.0.1:4444 PCMU@0 event@101 send receive");
        end(ok, 5);
    }

    private void end(String ok, int cseq) throws IOException {
        farEnd.send(farEnd.inDialog("BYE", cseq, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test // RFC 3311
    void shouldAnswerAnUpdateWithSdp() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        String old = FarEnd.sdp("8 101", "").replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
        farEnd.send(farEnd.inDialog("UPDATE", 2, ok, "", old));
        String held = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(held)).contains("m=audio 20000 RTP/AVP 8 101", "a=recvonly");
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).isEqualTo("0.0.0.0:4000 PCMA@8 event@101 receive");
        end(ok, 3);
    }

    @Test // RFC 3261 section 14.2: what cannot be agreed leaves the session as it is
    void shouldRefuseWith488AndGoOnWhenAReInviteHasNothingInCommon() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        String bad = farEnd.inDialog("INVITE", 2, ok, "", FarEnd.sdp("18", ""));
        farEnd.send(bad);
        farEnd.expect("SIP/2.0 488");
        farEnd.send(FarEnd.cancel(bad).replace("CANCEL ", "ACK ").replace(" CANCEL\r\n", " ACK\r\n"));
        fixture.expectNothing();
        end(ok, 3);
    }

    @Test // RFC 3261 section 14.1: a re-INVITE without SDP asks for an offer
    void shouldOfferWhatIsInForceWhenAReInviteHasNoSdp() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", ""));
        String offer = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(offer)).contains("m=audio 20000 RTP/AVP 0 8 101");
        farEnd.send(farEnd.inDialog("ACK", 2, ok, "", FarEnd.sdp("8 101", "")));
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).startsWith("127.0.0.1:4000 PCMA@8");
        end(ok, 3);
    }

    @Test
    void shouldAnswerReInvitesOfTheCalledSide() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        farEnd.send(farEnd.back("INVITE", 1, invite, "b1", "", FarEnd.sdp("0 101", "a=inactive\r\n")));
        String held = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(held)).contains("m=audio 20000", "a=inactive");
        farEnd.send(farEnd.back("ACK", 1, invite, "b1", "", ""));
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).isEqualTo("127.0.0.1:4000 PCMU@0 event@101");
        farEnd.send(farEnd.back("BYE", 2, invite, "b1", "", ""));
        farEnd.expect("SIP/2.0 200");
        assertThat(fixture.expect("ENDED").cause()).isEqualTo(Cause.FAR_END_BYE);
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @ParameterizedTest
    @CsvSource({"5, 160, 5, 160", "*, 80, *, 80", "10, x, *, 160", "11, 99999, #, 8000", "d, 1, D, 1"})
    void shouldTellTheDigitWhenInfoCarriesOne(String signal, String duration, char digit, long ms) throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INFO", 2, ok, "", "Signal= " + signal + "\r\nDuration= " + duration + "\r\n"));
        farEnd.expect("SIP/2.0 200");
        Heard pressed = fixture.expect("INFO_DIGIT");
        assertThat(pressed.cause()).isEqualTo(digit);
        assertThat(pressed.durationNs()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "#, #", "a, A", "10, *"})
    void shouldTellTheDigitOnceWhenInfoIsNothingElse(String body, char digit) throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        String info = farEnd.inDialog("INFO", 2, ok, "", body + "\r\n").replace("/dtmf-relay", "/dtmf");
        farEnd.send(info);
        farEnd.expect("SIP/2.0 200");
        // Our 200 was lost: the same press again (RFC 3261 section 17.2.2).
        farEnd.send(info);
        farEnd.expect("SIP/2.0 200");
        Heard pressed = fixture.expect("INFO_DIGIT");
        assertThat(pressed.cause()).isEqualTo(digit);
        assertThat(pressed.durationNs()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(160));
        fixture.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Signal=\r\n",
                "Signal=55\r\n",
                "Duration=5\r\n",
                "Signal=E\r\n",
                "\r\n=\r\n",
                "Signal=1\r\nSignal=2\r\n"
            })
    void shouldAnswer200AndTellNothingWhenInfoCarriesNoDigit(String body) throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INFO", 2, ok, "", body));
        farEnd.expect("SIP/2.0 200");
        fixture.expectNothing();
    }

    @ParameterizedTest // RFC 3261 sections 8.2.1 and 11.2
    @CsvSource({"OPTIONS, 200", "NOTIFY, 481", "SUBSCRIBE, 405"})
    void shouldAnswerOtherRequestsInTheDialog(String method, int status) throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        String more = "";
        if (method.equals("NOTIFY") || method.equals("SUBSCRIBE")) {
            more = "Event: x\r\nSubscription-State: active\r\nExpires: 60\r\n";
        }
        farEnd.send(farEnd.inDialog(method, 2, ok, more, ""));
        farEnd.expect("SIP/2.0 " + status);
        fixture.expectNothing();
        end(ok, 3);
    }

    @Test // RFC 3515 sections 2.4.2 and 2.4.4
    void shouldTellWhatCameOfAReferWhenItWasAccepted() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("REFER", 2, ok, "Refer-To: <sip:x@127.0.0.1>\r\nX-Why: y\r\n", ""));
        Heard referred = fixture.expect("REFERRED");
        assertThat(referred.text(Field.HEADER)).contains("<sip:x@127.0.0.1>");
        fixture.referResult(LEG, 202);
        farEnd.expect("SIP/2.0 202");
        String trying = farEnd.expect("NOTIFY ");
        assertThat(FarEnd.header(trying, "Event")).isEqualTo("refer;id=2");
        assertThat(FarEnd.header(trying, "Subscription-State")).isEqualTo("active;expires=60");
        assertThat(FarEnd.header(trying, "Content-Type")).startsWith("message/sipfrag;version=");
        assertThat(FarEnd.bodyOf(trying)).isEqualTo("SIP/2.0 100 Trying\r\n");
        farEnd.send(farEnd.answer(trying, "200 OK", "", "", ""));
        fixture.referResult(LEG, 200);
        String done = farEnd.expect("NOTIFY ");
        assertThat(FarEnd.header(done, "Subscription-State")).isEqualTo("terminated;reason=noresource");
        assertThat(FarEnd.bodyOf(done)).isEqualTo("SIP/2.0 200 OK\r\n");
        farEnd.send(farEnd.answer(done, "200 OK", "", "", ""));
        end(ok, 3);
    }

    @Test
    void shouldRefuseAReferThatNamesNobodyAndAnswerAnOpenOneWhenTheLegEnds() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("REFER", 2, ok, "", ""));
        farEnd.expect("SIP/2.0 400");
        farEnd.send(farEnd.inDialog("REFER", 3, ok, "Refer-To: <sip:x@127.0.0.1>\r\n", ""));
        fixture.expect("REFERRED");
        farEnd.send(farEnd.inDialog("BYE", 4, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        farEnd.expect("SIP/2.0 481");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test // RFC 6086, RFC 3428
    void shouldTellOfInfoAndMessageAndAnswerTheMessageAsItIsTold() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(text("INFO", 2, ok, "one"));
        farEnd.expect("SIP/2.0 200");
        Heard info = fixture.expect("REQUESTED");
        assertThat(info.text(Field.METHOD)).isEqualTo("INFO");
        assertThat(info.text(Field.BODY)).isEqualTo("one");
        farEnd.send(text("MESSAGE", 3, ok, "two"));
        assertThat(fixture.expect("REQUESTED").text(Field.BODY)).isEqualTo("two");
        fixture.command(SipCommand.REQUEST_RESULT, LEG, command -> command.status(202));
        farEnd.expect("SIP/2.0 202");
        farEnd.send(text("MESSAGE", 4, ok, "x".repeat(3_000)));
        farEnd.expect("SIP/2.0 413");
        farEnd.send(text("MESSAGE", 5, ok, "three"));
        fixture.expect("REQUESTED");
        farEnd.send(farEnd.inDialog("BYE", 6, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        farEnd.expect("SIP/2.0 481");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    private String text(String method, int cseq, String ok, String body) {
        return farEnd.inDialog(method, cseq, ok, "X-A: b\r\n", body).replace("application/dtmf-relay", "text/plain");
    }

    private void request(long reference) {
        fixture.command(SipCommand.REQUEST, LEG, command -> {
            command.reference(reference).put(Field.METHOD, "INFO");
            command.put(Field.CONTENT_TYPE, "application/json;charset=utf-8");
            command.put(Field.BODY, "{}");
            command.put(Field.HEADER, "X-A: b");
        });
    }

    @Test
    void shouldSendARequestOfTheApplicationAndTellWhatItCameTo() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        request(11);
        String info = farEnd.expect("INFO ");
        assertThat(FarEnd.header(info, "Content-Type")).isEqualTo("application/json;charset=utf-8");
        assertThat(FarEnd.header(info, "X-A")).isEqualTo("b");
        assertThat(FarEnd.bodyOf(info)).isEqualTo("{}");
        farEnd.send(farEnd.answer(info, "488 No", "", "", ""));
        Heard answered = fixture.expect("REQUEST_ANSWERED");
        assertThat(answered.reference()).isEqualTo(11);
        assertThat(answered.status()).isEqualTo(488);
        assertThat(answered.text(Field.REASON)).isEqualTo("No");
        request(12);
        farEnd.expect("INFO ");
        fixture.pass(33_000);
        answered = fixture.expect("REQUEST_ANSWERED");
        assertThat(answered.reference()).isEqualTo(12);
        assertThat(answered.status()).isEqualTo(408);
        request(13);
        while (!farEnd.expect("INFO ").contains("CSeq: 3 ")) {
            // Of the one before, sent again and again.
        }
        farEnd.send(farEnd.inDialog("BYE", 2, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        answered = fixture.expect("REQUEST_ANSWERED");
        assertThat(List.of(answered.reference(), (long) answered.status())).containsExactly(13L, 481L);
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
        request(14);
        assertThat(fixture.expect("REQUEST_ANSWERED").status()).isEqualTo(481);
        fixture.assertRests();
    }

    @Test // RFC 3311 section 5.2: an offer before ours is answered
    void shouldRefuseWith491WhenAnUpdateCrossesOurOffer() throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expect("PROGRESSED");
        farEnd.send(farEnd.back("UPDATE", 1, invite, "b1", "", FarEnd.sdp("0 101", "")));
        farEnd.expect("SIP/2.0 491");
        farEnd.send(farEnd.answer(invite, "183 Session Progress", "b1", "", FarEnd.sdp("0 101", "")));
        fixture.expect("PROGRESSED");
        farEnd.send(farEnd.back("UPDATE", 2, invite, "b1", "", FarEnd.sdp("8 101", "")));
        farEnd.expect("SIP/2.0 200");
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).startsWith("127.0.0.1:4000 PCMA@8");
    }

    @Test // RFC 3261 section 14.2: a second INVITE before the first is answered (the stack says 491 where 500 is meant)
    void shouldRefuseWhenAReInviteComesBeforeTheAnswer() throws IOException {
        farEnd.send(farEnd.invite("call-1", "", FarEnd.sdp("0 101", "")));
        farEnd.expect("SIP/2.0 100");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 180, false);
        String ringing = farEnd.expect("SIP/2.0 180");
        farEnd.send(farEnd.inDialog("INVITE", 2, ringing, "", FarEnd.sdp("8 101", "")));
        String refused = farEnd.expect("SIP/2.0 491");
        assertThat(FarEnd.header(refused, "Retry-After")).isNotNull();
        fixture.answer(LEG);
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 200"), "CSeq")).isEqualTo("1 INVITE");
    }

    @Test // RFC 4028 section 9: the far end refreshes
    void shouldEndWhenTheRefreshDoesNotCome() throws IOException {
        farEnd.send(farEnd.invite(
                "call-1", "Supported: timer\r\nSession-Expires: 90\r\nAllow: UPDATE\r\n", FarEnd.sdp("0 101", "")));
        farEnd.expect("SIP/2.0 100");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.header(ok, "Session-Expires")).isEqualTo("90;refresher=uac");
        assertThat(FarEnd.header(ok, "Require")).isEqualTo("timer");
        fixture.expect("MEDIA_CHANGED");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        farEnd.receive(20);
        fixture.pass(50_000);
        String refresh = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
        farEnd.send(farEnd.inDialog("UPDATE", 2, ok, refresh, ""));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 200"), "Session-Expires"))
                .isEqualTo("90;refresher=uac");
        fixture.pass(59_000);
        fixture.expectNothing();
        fixture.pass(2_000);
        assertThat(fixture.expect("ENDED").status()).isEqualTo(408);
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test // RFC 4028 section 10: we refresh at half time
    void shouldRefreshWithUpdateWhenTheFarEndWantsUsTo() throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        String timer = "Require: timer\r\nSession-Expires: 100;refresher=uac\r\nAllow: INVITE, UPDATE\r\n";
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", timer, FarEnd.sdp("0 101", "")));
        farEnd.expect("ACK ");
        fixture.expect("ANSWERED");
        fixture.pass(49_800);
        farEnd.expectSilence();
        fixture.pass(400);
        String update = farEnd.expect("UPDATE ");
        assertThat(FarEnd.header(update, "Session-Expires")).isEqualTo("100;refresher=uac");
        farEnd.send(farEnd.answer(update, "200 OK", "b1", "Session-Expires: 100;refresher=uac\r\n", ""));
        fixture.expectNothing();
        fixture.pass(50_200);
        update = farEnd.expect("UPDATE ");
        farEnd.send(farEnd.answer(update, "481 Gone", "b1", "", ""));
        assertThat(fixture.expect("ENDED").status()).isEqualTo(408);
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(bye, "481 Gone", "b1", "", ""));
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test // RFC 4028 section 9
    void shouldRefuseWith422WhenTheSessionIsTooShort() throws IOException {
        farEnd.send(farEnd.invite("call-1", "Supported: timer\r\nSession-Expires: 60\r\n", FarEnd.sdp("0 101", "")));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 422"), "Min-SE")).isEqualTo("90");
        fixture.expectNothing();
    }

    @ParameterizedTest // RFC 3262 section 3: the stack would throw, or say nothing
    @ValueSource(strings = {"RAck: 1 1 INVITE\r\n", ""})
    void shouldAnswer481WhenAPrackAcknowledgesNothing(String rack) throws IOException {
        farEnd.send(farEnd.invite("call-1", "Supported: 100rel\r\n", FarEnd.sdp("0 101", "")));
        farEnd.expect("SIP/2.0 100");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 180, false);
        String ringing = farEnd.expect("SIP/2.0 180");
        farEnd.send(farEnd.inDialog("PRACK", 2, ringing, rack, ""));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 481"), "CSeq")).isEqualTo("2 PRACK");
        fixture.answer(LEG);
        String ok = farEnd.expect("SIP/2.0 200");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        fixture.expect("MEDIA_CHANGED");
        farEnd.send(farEnd.inDialog("PRACK", 3, ok, rack, ""));
        farEnd.expect("SIP/2.0 481");
        end(ok, 4);
    }

    @Test // RFC 3262 section 3
    void shouldAnswer481WhenAPrackIsOfAnotherProvisional() throws IOException {
        farEnd.send(farEnd.invite("call-1", "Require: 100rel\r\n", FarEnd.sdp("0 101", "")));
        farEnd.expect("SIP/2.0 100");
        fixture.bind(fixture.expect("OFFERED"), LEG);
        fixture.progress(LEG, 180, false);
        String ringing = farEnd.expect("SIP/2.0 180");
        long rseq = Long.parseLong(FarEnd.header(ringing, "RSeq"));
        farEnd.send(farEnd.inDialog("PRACK", 2, ringing, "RAck: " + (rseq + 1) + " 1 INVITE\r\n", ""));
        farEnd.expect("SIP/2.0 481");
        String prack = farEnd.inDialog("PRACK", 3, ringing, "RAck: " + rseq + " 1 INVITE\r\n", "");
        farEnd.send(prack);
        farEnd.expect("SIP/2.0 200");
        farEnd.send(prack);
        farEnd.expect("SIP/2.0 200");
    }

    @Test // RFC 6337 section 2.3: our 200 has offered, the ACK owes the answer
    void shouldRefuseWith491WhenAnOfferCrossesOurs() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        String hold = FarEnd.sdp("0 101", "a=sendonly\r\n");
        farEnd.send(farEnd.inDialog("UPDATE", 3, ok, "", hold));
        farEnd.expect("SIP/2.0 491");
        farEnd.send(farEnd.inDialog("ACK", 2, ok, "", FarEnd.sdp("0 101", "")));
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).endsWith("send receive");
        farEnd.send(farEnd.inDialog("UPDATE", 4, ok, "", hold));
        farEnd.expect("SIP/2.0 200");
        assertThat(fixture.expect("MEDIA_CHANGED").mediaText()).endsWith("event@101 receive");
        end(ok, 5);
    }

    @Test // RFC 3261 section 14.2
    void shouldRefuseWith491WhenAReInviteCrossesOurOffer() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", ""));
        farEnd.expect("SIP/2.0 200");
        farEnd.send(farEnd.inDialog("INVITE", 3, ok, "", FarEnd.sdp("0 101", "a=sendonly\r\n")));
        farEnd.expect("SIP/2.0 491");
        fixture.expectNothing();
        end(ok, 4);
    }

    @Test // RFC 3264 section 4: nobody has asked for it
    void shouldIgnoreADescriptionInTheAckWhenTheInviteHasOffered() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", FarEnd.sdp("0 101", "")));
        farEnd.expect("SIP/2.0 200");
        fixture.expect("MEDIA_CHANGED");
        farEnd.send(farEnd.inDialog("ACK", 2, ok, "", FarEnd.sdp("0 101", "").replace("127.0.0.1", "10.6.6.6")));
        fixture.expectNothing();
        end(ok, 3);
    }

    @Test // RFC 3261 section 14.2
    void shouldEndWhenTheAnswerToAReInviteIsNeverAcknowledged() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", FarEnd.sdp("0 101", "")));
        fixture.expect("MEDIA_CHANGED");
        fixture.pass(40_000);
        assertThat(fixture.expect("ENDED").cause()).isEqualTo(Cause.NO_ACK);
        String next = farEnd.receive(3_000);
        while (next.startsWith("SIP/2.0 200")) {
            next = farEnd.receive(3_000);
        }
        assertThat(next).startsWith("BYE ");
        farEnd.send(farEnd.answer(next, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
        fixture.assertRests();
    }

    @Test // RFC 3261 section 8.2.3: not taken for a request without a description
    void shouldRefuseWith415WhenAReInviteHasAnotherBody() throws IOException {
        String ok = fixture.confirmed(LEG, "call-1");
        farEnd.send(farEnd.inDialog("INVITE", 2, ok, "", "not a description"));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 415"), "Accept")).isEqualTo("application/sdp");
        farEnd.send(farEnd.inDialog("ACK", 2, ok, "", ""));
        fixture.expectNothing();
        end(ok, 3);
    }

    /** @return the UPDATE that refreshes a call we made to somebody who knows our password. */
    private String refreshed() throws IOException {
        fixture.command(SipCommand.INVITE, LEG, command -> {
            AgentFixture.dial(command, farEnd.uri(), "udp:127.0.0.1:" + farEnd.port());
            command.put(Field.AUTH_USER, "us");
            command.put(Field.AUTH_PASSWORD, "secret");
        });
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        String timer = "Require: timer\r\nSession-Expires: 200;refresher=uac\r\nAllow: INVITE, UPDATE\r\n";
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", timer, FarEnd.sdp("0 101", "")));
        farEnd.expect("ACK ");
        fixture.expect("ANSWERED");
        fixture.pass(100_200);
        return farEnd.expect("UPDATE ");
    }

    @Test // RFC 3261 section 22.2: a carrier that asks for a proof again must not cost the call
    void shouldProveTheRefreshWhenChallenged() throws IOException {
        String asked = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n";
        farEnd.send(farEnd.answer(refreshed(), "401 Unauthorized", "b1", asked, ""));
        String proved = farEnd.expect("UPDATE ");
        assertThat(FarEnd.header(proved, "Authorization")).contains("username=\"us\"", "nonce=\"n1\"");
        farEnd.send(farEnd.answer(proved, "200 OK", "b1", "Session-Expires: 200;refresher=uac\r\n", ""));
        fixture.pass(99_000);
        fixture.expectNothing();
        fixture.pass(1_500);
        farEnd.expect("UPDATE ");
    }

    @ParameterizedTest // RFC 3311 section 5.2
    @ValueSource(strings = {"491 Request Pending", "500 Server Internal Error"})
    void shouldRefreshOnceMoreWhenTheRefreshCrossesAnOffer(String status) throws IOException {
        farEnd.send(farEnd.answer(refreshed(), status, "b1", "", ""));
        farEnd.expectSilence();
        fixture.pass(4_200);
        String again = farEnd.expect("UPDATE ");
        farEnd.send(farEnd.answer(again, "200 OK", "b1", "Session-Expires: 200;refresher=uac\r\n", ""));
        fixture.pass(90_000);
        fixture.expectNothing();
    }
}
