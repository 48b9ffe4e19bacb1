package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A leg that we call, rule by rule, over real sockets. */
class OutboundLegTest {
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
        assertThat(fixture.errors).isEmpty();
        fixture.close();
    }

    private String invited() throws IOException {
        fixture.invite(LEG, farEnd);
        fixture.expect("INVITED");
        return farEnd.expect("INVITE ");
    }

    private void settled() {
        fixture.expect("TERMINATED");
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 9.1
    void shouldHoldTheCancelUntilAProvisionalWhenEndedBefore() throws IOException {
        String invite = invited();
        fixture.end(LEG, 487, "Reason: SIP;cause=200;text=\"Call completed elsewhere\"");
        farEnd.expectSilence();
        farEnd.send(farEnd.answer(invite, "100 Trying", "", "", ""));
        String cancel = farEnd.expect("CANCEL ");
        assertThat(FarEnd.header(cancel, "Via")).isEqualTo(FarEnd.header(invite, "Via"));
        assertThat(FarEnd.header(cancel, "CSeq")).isEqualTo("1 CANCEL");
        assertThat(FarEnd.header(cancel, "Reason")).startsWith("SIP;cause=200");
        farEnd.send(farEnd.answer(cancel, "200 OK", "b1", "", ""));
        farEnd.send(farEnd.answer(invite, "487 Request Terminated", "b1", "", ""));
        farEnd.expect("ACK ");
        settled();
    }

    @Test // RFC 3261 section 9.1
    void shouldCancelAtOnceWhenAProvisionalHasCome() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expect("PROGRESSED");
        fixture.end(LEG, 487);
        String cancel = farEnd.expect("CANCEL ");
        farEnd.send(farEnd.answer(cancel, "200 OK", "b1", "", ""));
        fixture.expectNothing();
        farEnd.send(farEnd.answer(invite, "487 Request Terminated", "b1", "", ""));
        farEnd.expect("ACK ");
        settled();
    }

    @Test // RFC 3261 section 9.1: 64*T1 after the CANCEL
    void shouldGiveUpWhenNothingFollowsTheCancel() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expect("PROGRESSED");
        fixture.end(LEG, 487);
        String cancel = farEnd.expect("CANCEL ");
        farEnd.send(farEnd.answer(cancel, "200 OK", "b1", "", ""));
        fixture.pass(31_900);
        fixture.expectNothing();
        fixture.pass(200);
        settled();
    }

    @Test // RFC 3261 section 15, design: a late 200 after CANCEL
    void shouldAcknowledgeAndEndWhenThe200CrossesTheCancel() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expect("PROGRESSED");
        fixture.end(LEG, 487);
        farEnd.expect("CANCEL ");
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", SDP));
        farEnd.expect("ACK ");
        String bye = farEnd.expect("BYE ");
        assertThat(FarEnd.header(bye, "CSeq")).isEqualTo("2 BYE");
        farEnd.send(farEnd.answer(bye, "200 OK", "b1", "", ""));
        settled();
    }

    @Test // RFC 3261 section 9.1
    void shouldAcknowledgeAndEndWhenThe200ComesWhileTheCancelIsHeld() throws IOException {
        String invite = invited();
        fixture.end(LEG, 487);
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", SDP));
        farEnd.expect("ACK ");
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(bye, "200 OK", "b1", "", ""));
        settled();
    }

    @Test // RFC 3261 section 13.2.2.4
    void shouldAcknowledgeAndEndTheLaterDialogWhenForked() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        farEnd.send(farEnd.answer(invite, "200 OK", "other", "", SDP));
        String ack = farEnd.expect("ACK ");
        assertThat(FarEnd.header(ack, "To")).endsWith(";tag=other");
        String bye = farEnd.expect("BYE ");
        assertThat(FarEnd.header(bye, "To")).endsWith(";tag=other");
        farEnd.send(farEnd.answer(bye, "200 OK", "other", "", ""));
        fixture.expectNothing();
        fixture.end(LEG, 0);
        String own = farEnd.expect("BYE ");
        assertThat(FarEnd.header(own, "To")).endsWith(";tag=b1");
        farEnd.send(farEnd.answer(own, "200 OK", "b1", "", ""));
        settled();
    }

    @Test // found by broken messages: the other fork's fault is not the leg's
    void shouldGoOnWhenTheLaterDialogCannotBeAcknowledged() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        String other = farEnd.answer(invite, "200 OK", "other", "", SDP).replaceFirst("Contact: [^\r]*\r\n", "");
        farEnd.send(other);
        farEnd.expectSilence();
        fixture.expectNothing();
        assertThat(fixture.errors).hasSize(1);
        fixture.errors.clear();
        fixture.end(LEG, 0);
        farEnd.send(farEnd.answer(farEnd.expect("BYE "), "200 OK", "b1", "", ""));
        settled();
    }

    @Test // RFC 3261 section 13.2.2.4: up to 64*T1 after the first 2xx
    void shouldEndTheLaterDialogWhenTheLegIsOverAlready() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        fixture.end(LEG, 0);
        farEnd.send(farEnd.answer(farEnd.expect("BYE "), "200 OK", "b1", "", ""));
        fixture.expect("TERMINATED");
        fixture.pass(5_000);
        farEnd.send(farEnd.answer(invite, "200 OK", "late", "", SDP));
        assertThat(FarEnd.header(farEnd.expect("ACK "), "To")).endsWith(";tag=late");
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(bye, "200 OK", "late", "", ""));
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 13.2.2.4
    void shouldAcknowledgeAgainWhenThe200ComesAgain() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", SDP));
        farEnd.expect("ACK ");
        fixture.expectNothing();
    }

    @Test // RFC 3261 section 17.1.1.3
    void shouldAcknowledgeAndEndWhenRejected() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "486 Busy Here", "b1", "", ""));
        farEnd.expect("ACK ");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(486);
        assertThat(ended.cause()).isEqualTo(Cause.REJECTED);
        assertThat(ended.text(Field.REASON)).isEqualTo("Busy Here");
        settled();
    }

    @Test // RFC 3261 section 17.1.1.2, timer B
    void shouldBeUnreachableWhenTheFarEndIsSilent() throws IOException {
        invited();
        fixture.pass(33_000);
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(408);
        assertThat(ended.cause()).isEqualTo(Cause.UNREACHABLE);
        settled();
    }

    @Test // a far end that never answers a CANCEL held for ever
    void shouldSettleWhenEndedAndTheFarEndIsSilent() throws IOException {
        invited();
        fixture.end(LEG, 487);
        fixture.pass(33_000);
        settled();
    }

    @Test
    void shouldReportEarlyMediaWhenAProvisionalCarriesSdp() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "183 Session Progress", "b1", "", FarEnd.sdp("8 101", "")));
        Heard early = fixture.expect("PROGRESSED");
        assertThat(early.status()).isEqualTo(183);
        assertThat(early.mediaText()).isEqualTo("127.0.0.1:4000 PCMA@8 event@101 send receive");
        // A change between 183 and 200 is honoured.
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", SDP));
        farEnd.expect("ACK ");
        assertThat(fixture.expect("ANSWERED").mediaText()).startsWith("127.0.0.1:4000 PCMU@0");
    }

    @Test // RFC 3261 section 13.2.1: the 200 may leave out what a provisional has answered
    void shouldKeepTheEarlyAnswerWhenThe200HasNone() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "183 Session Progress", "b1", "", SDP));
        fixture.expect("PROGRESSED");
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", ""));
        farEnd.expect("ACK ");
        assertThat(fixture.expect("ANSWERED").mediaText()).startsWith("127.0.0.1:4000 PCMU@0");
    }

    @Test
    void shouldAcknowledgeEndAndReportWhenThe200HasNothingInCommon() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", FarEnd.sdp("18", "")));
        farEnd.expect("ACK ");
        String bye = farEnd.expect("BYE ");
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.cause()).isEqualTo(Cause.NO_COMMON_MEDIA);
        farEnd.send(farEnd.answer(bye, "200 OK", "b1", "", ""));
        settled();
    }

    @Test // RFC 3262 section 4
    void shouldAcknowledgeReliableProvisionalsOnceAndInOrder() throws IOException {
        String invite = invited();
        String reliable = "Require: 100rel\r\nRSeq: 10\r\n";
        farEnd.send(farEnd.answer(invite, "183 Session Progress", "b1", reliable, SDP));
        String prack = farEnd.expect("PRACK ");
        assertThat(FarEnd.header(prack, "RAck")).isEqualTo("10 1 INVITE");
        farEnd.send(farEnd.answer(prack, "200 OK", "b1", "", ""));
        assertThat(fixture.expect("PROGRESSED").mediaText()).startsWith("127.0.0.1:4000");
        farEnd.send(farEnd.answer(invite, "183 Session Progress", "b1", reliable, SDP));
        farEnd.expectSilence();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "Require: 100rel\r\nRSeq: 12\r\n", ""));
        farEnd.expectSilence();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "Require: 100rel\r\nRSeq: 11\r\n", ""));
        prack = farEnd.expect("PRACK ");
        assertThat(FarEnd.header(prack, "RAck")).isEqualTo("11 1 INVITE");
        farEnd.send(farEnd.answer(prack, "200 OK", "b1", "", ""));
        assertThat(fixture.expect("PROGRESSED").status()).isEqualTo(180);
        fixture.expectNothing();
    }

    private String challenged(UnaryOperator<String> challenge, int status) throws IOException {
        fixture.command(SipCommand.INVITE, LEG, command -> {
            AgentFixture.dial(command, farEnd.uri(), "udp:127.0.0.1:" + farEnd.port());
            command.put(Field.AUTH_USER, "trunk");
            command.put(Field.AUTH_PASSWORD, "secret");
        });
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        String name = status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
        String value = name + ": Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", algorithm=MD5";
        farEnd.send(farEnd.answer(invite, status + " Challenge", "c1", challenge.apply(value) + "\r\n", ""));
        assertThat(FarEnd.header(farEnd.expect("ACK "), "CSeq")).isEqualTo("1 ACK");
        return invite;
    }

    @ParameterizedTest // RFC 3261 section 22.2, 22.3; RFC 7616
    @ValueSource(ints = {401, 407})
    void shouldProveItselfInTheSameCallWhenChallenged(int status) throws IOException {
        String first = challenged(value -> value, status);
        String second = farEnd.expect("INVITE ");
        assertThat(FarEnd.header(second, "Call-ID")).isEqualTo(FarEnd.header(first, "Call-ID"));
        assertThat(FarEnd.header(second, "From")).isEqualTo(FarEnd.header(first, "From"));
        assertThat(FarEnd.header(second, "Via")).isNotEqualTo(FarEnd.header(first, "Via"));
        assertThat(FarEnd.header(second, "CSeq")).isEqualTo("2 INVITE");
        assertThat(FarEnd.header(second, status == 401 ? "Authorization" : "Proxy-Authorization"))
                .startsWith("Digest username=\"trunk\"")
                .contains("realm=\"r\"", "nonce=\"n1\"", "uri=\"" + farEnd.uri() + "\"", "qop=auth", "nc=00000001");
        assertThat(FarEnd.bodyOf(second)).isEqualTo(FarEnd.bodyOf(first));
        farEnd.send(farEnd.answer(second, "200 OK", "b1", "", SDP));
        assertThat(FarEnd.header(farEnd.expect("ACK "), "CSeq")).isEqualTo("2 ACK");
        fixture.expect("ANSWERED");
        fixture.end(LEG, 0);
        String bye = farEnd.expect("BYE ");
        farEnd.send(farEnd.answer(
                bye, "407 Again", "b1", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n2\", qop=\"auth\"\r\n", ""));
        String proved = farEnd.expect("BYE ");
        assertThat(FarEnd.header(proved, "Proxy-Authorization")).contains("nonce=\"n2\"");
        farEnd.send(farEnd.answer(proved, "200 OK", "b1", "", ""));
        settled();
    }

    @Test // RFC 3261 section 22.3: a proxy on the way and the far end each ask for themselves
    void shouldProveItselfToBothWhenAProxyAndTheFarEndAsk() throws IOException {
        challenged(value -> value, 407);
        String second = farEnd.expect("INVITE ");
        String far = "WWW-Authenticate: Digest realm=\"far\", nonce=\"f1\", qop=\"auth\"\r\n";
        farEnd.send(farEnd.answer(second, "401 Unauthorized", "c2", far, ""));
        farEnd.expect("ACK ");
        String third = farEnd.expect("INVITE ");
        assertThat(FarEnd.header(third, "Authorization")).contains("nonce=\"f1\"", "nc=00000001");
        assertThat(FarEnd.header(third, "Proxy-Authorization")).contains("nonce=\"n1\"", "nc=00000002");
    }

    @Test // RFC 7616 section 3.3
    void shouldAnswerTwiceAtMostWhenTheNonceIsStale() throws IOException {
        challenged(value -> value, 401);
        String second = farEnd.expect("INVITE ");
        String stale = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", stale=true\r\n";
        farEnd.send(farEnd.answer(second, "401 Unauthorized", "c2", stale, ""));
        farEnd.expect("ACK ");
        String third = farEnd.expect("INVITE ");
        assertThat(FarEnd.header(third, "CSeq")).isEqualTo("3 INVITE");
        assertThat(FarEnd.header(third, "Authorization")).contains("nonce=\"n2\"");
        farEnd.send(farEnd.answer(third, "401 Unauthorized", "c3", stale, ""));
        farEnd.expect("ACK ");
        assertThat(fixture.expect("ENDED").status()).isEqualTo(401);
        settled();
    }

    @Test
    void shouldFailWhenThePasswordIsWrong() throws IOException {
        challenged(value -> value, 407);
        String second = farEnd.expect("INVITE ");
        String again = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n2\", qop=\"auth\"\r\n";
        farEnd.send(farEnd.answer(second, "407 Proxy Authentication Required", "c2", again, ""));
        farEnd.expect("ACK ");
        assertThat(fixture.expect("ENDED").status()).isEqualTo(407);
        settled();
    }

    @Test // RFC 3261 section 8.1.3.4
    void shouldFollowFourRedirectionsAndNoMore() throws IOException {
        try (FarEnd other = new FarEnd(fixture)) {
            String invite = invited();
            String callId = FarEnd.header(invite, "Call-ID");
            FarEnd at = farEnd;
            FarEnd next = other;
            for (int i = 1; i <= 4; i++) {
                String contact = "Contact: <sip:u" + i + "@127.0.0.1:" + next.port() + ";transport=udp>\r\n";
                at.send(redirection(at, invite, contact));
                at.expect("ACK ");
                invite = next.expect("INVITE sip:u" + i + "@127.0.0.1:" + next.port());
                assertThat(FarEnd.header(invite, "Call-ID")).isEqualTo(callId);
                assertThat(FarEnd.header(invite, "CSeq")).isEqualTo(i + 1 + " INVITE");
                FarEnd was = at;
                at = next;
                next = was;
            }
            at.send(redirection(at, invite, "Contact: <" + next.uri() + ">\r\n"));
            at.expect("ACK ");
            assertThat(fixture.expect("ENDED").status()).isEqualTo(302);
            settled();
        }
    }

    private static String redirection(FarEnd at, String invite, String contact) {
        String answer = at.answer(invite, "302 Moved", "m1", "", "");
        return answer.replaceFirst("Contact: <[^\r]*\r\n", contact);
    }

    @ParameterizedTest // defence in depth: control refuses these before
    @ValueSource(
            strings = {
                "X-A: b\r\nX-Evil: 1", "X-A: b\nX-Evil: 1", "X-A: \0", "Via: SIP/2.0/UDP x", "call-id: mine", "i: mine",
                "Contact: <sip:me@evil>", "Content-Length: 0", "bad name: x", ": x", "no colon", "Route: <sip:evil;lr>"
            })
    void shouldSendNothingWhenAHeaderIsNotAllowed(String header) throws IOException {
        fixture.invite(LEG, farEnd, header);
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(500);
        assertThat(ended.cause()).isEqualTo(Cause.BAD_REQUEST);
        fixture.expect("TERMINATED");
        farEnd.expectSilence();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bob@127.0.0.1",
                "sip:",
                "sips:bob@127.0.0.1",
                "sip:bob@127.0.0.1\r\nX: y",
                "sip:b ob@127.0.0.1",
                "tel:+49",
                "sip:bob@127.0.0.1:99999999999",
                "sip:bob@[::1",
                "sip:<bob>@h"
            })
    void shouldSendNothingWhenTheUriIsBad(String uri) throws IOException {
        fixture.command(
                SipCommand.INVITE, LEG, command -> AgentFixture.dial(command, uri, "udp:127.0.0.1:" + farEnd.port()));
        Heard ended = fixture.expect("ENDED");
        assertThat(ended.status()).isEqualTo(500);
        assertThat(ended.cause()).isEqualTo(Cause.BAD_REQUEST);
        fixture.expect("TERMINATED");
        farEnd.expectSilence();
    }

    @Test
    void shouldSendToTheNextHopWhenTheRequestUriIsElsewhere() throws IOException {
        fixture.command(
                SipCommand.INVITE,
                LEG,
                command -> AgentFixture.dial(
                        command, "sip:bob@example.com;user=phone?X=y", "udp:127.0.0.1:" + farEnd.port()));
        fixture.expect("INVITED");
        String invite = farEnd.expect("INVITE sip:bob@example.com;user=phone SIP/2.0");
        assertThat(FarEnd.header(invite, "To")).isEqualTo("<sip:bob@example.com;user=phone>");
        assertThat(FarEnd.header(invite, "Route")).isNull();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expect("PROGRESSED");
        fixture.end(LEG, 487);
        String cancel = farEnd.expect("CANCEL sip:bob@example.com;user=phone SIP/2.0");
        farEnd.send(farEnd.answer(cancel, "200 OK", "b1", "", ""));
        farEnd.send(farEnd.answer(invite, "487 Request Terminated", "b1", "", ""));
        farEnd.expect("ACK sip:bob@example.com;user=phone SIP/2.0");
        settled();
    }

    @Test // RFC 3261 section 12.2.1.1
    void shouldFollowTheRouteSetWhenAProxyRecordedItself() throws IOException {
        try (FarEnd proxy = new FarEnd(fixture)) {
            String invite = invited();
            String route = "Record-Route: <sip:127.0.0.1:" + proxy.port() + ";lr>\r\n";
            farEnd.send(farEnd.answer(invite, "200 OK", "b1", route, SDP));
            String ack = proxy.expect("ACK " + farEnd.uri());
            assertThat(FarEnd.header(ack, "Route")).isEqualTo("<sip:127.0.0.1:" + proxy.port() + ";lr>");
            fixture.expect("ANSWERED");
            fixture.end(LEG, 0);
            String bye = proxy.expect("BYE " + farEnd.uri());
            proxy.send(proxy.answer(bye, "200 OK", "b1", "", ""));
            settled();
        }
    }

    @Test // a far end behind a NAT names an address that leads nowhere
    void shouldSendToTheSourceWhenTheContactIsPrivate() throws IOException {
        String invite = invited();
        String ok = farEnd.answer(invite, "200 OK", "b1", "", SDP)
                .replaceFirst("Contact: <[^\r]*\r\n", "Contact: <sip:bob@192.168.1.7:5066>\r\n");
        farEnd.send(ok);
        farEnd.expect("ACK sip:bob@192.168.1.7:5066");
        fixture.expect("ANSWERED");
        fixture.end(LEG, 0);
        String bye = farEnd.expect("BYE sip:bob@192.168.1.7:5066");
        farEnd.send(farEnd.answer(bye, "200 OK", "b1", "", ""));
        settled();
    }

    @Test
    void shouldSettleWhenTheByeIsNeverAnswered() throws IOException {
        fixture.confirmedOut(LEG);
        fixture.end(LEG, 0);
        farEnd.expect("BYE ");
        fixture.pass(31_000);
        fixture.expectNothing();
        fixture.pass(3_000);
        settled();
    }

    @Test // both hang up at the same moment
    void shouldSettleOnceWhenByesCross() throws IOException {
        String invite = fixture.confirmedOut(LEG);
        fixture.end(LEG, 0);
        String ours = farEnd.expect("BYE ");
        farEnd.send(farEnd.back("BYE", 1, invite, "b1", "", ""));
        String answer = farEnd.expect("SIP/2.0 ");
        assertThat(answer).startsWith("SIP/2.0 200");
        farEnd.send(farEnd.answer(ours, "481 Call Does Not Exist", "b1", "", ""));
        settled();
    }
}
