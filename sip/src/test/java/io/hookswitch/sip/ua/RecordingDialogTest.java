package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.sip.RecordingSession;
import io.hookswitch.sip.RecordingSession.Offer;
import io.hookswitch.sip.RecordingSession.Server;
import io.hookswitch.sip.RecordingSession.Stream;
import io.hookswitch.sip.RecordingSession.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A recording session (RFC 7866) with a server that is played by hand: refusals, crossings, later offers, its end. */
class RecordingDialogTest {
    private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();
    private static final String TAKEN = FarEnd.sdp("8", "a=recvonly\r\n");
    private static final int SDP_PORT = 4_000;

    private AgentFixture fixture;
    private FarEnd farEnd;
    private final List<String> told = new ArrayList<>();
    private RecordingSession session;

    private final class Listener implements RecordingSession.Listener {
        @Override
        public void onAgreed(List<Target> targets) {
            told.add("agreed " + targets);
        }

        @Override
        public void onEnded(int sipStatus, String reason) {
            told.add("ended " + sipStatus + " " + reason);
        }
    }

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

    private static Offer offer(boolean sends, int streams) {
        List<Stream> offered = new ArrayList<>();
        for (int i = 1; i <= streams; i++) {
            offered.add(new Stream(Integer.toString(i), 30_000 + 2 * i, sends));
        }
        return new Offer(ADDRESS, offered, "<recording/>");
    }

    private String invited() throws IOException {
        Server server = new Server(farEnd.uri(), "udp:127.0.0.1:" + farEnd.port(), null, null, List.of("X-A: b"));
        session = fixture.agent.record(server, offer(true, 1), new Listener());
        return farEnd.expect("INVITE ");
    }

    private String recorded() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", TAKEN));
        farEnd.expect("ACK ");
        assertThat(told).containsExactly("agreed " + targets(8));
        told.clear();
        return invite;
    }

    private static List<Target> targets(int payloadType) {
        return List.of(new Target(new InetSocketAddress(FarEnd.LOOPBACK, SDP_PORT), payloadType));
    }

    private void byeAnswered() throws IOException {
        farEnd.send(farEnd.answer(farEnd.expect("BYE "), "200 OK", "b1", "", ""));
        fixture.expectNothing();
    }

    /** The server offers something, and acknowledges the refusal in the same transaction. */
    private void refused(String invite, String sdp, int status) throws IOException {
        String theirs = farEnd.back("INVITE", 7, invite, "b1", "", sdp);
        farEnd.send(theirs);
        farEnd.expect("SIP/2.0 " + status);
        farEnd.send(farEnd.back("ACK", 7, invite, "b1", "", "")
                .replaceFirst("Via: .*", "Via: " + FarEnd.header(theirs, "Via")));
    }

    @Test // RFC 7866 sections 6.1 and 9.1
    void shouldSayThatItRecordsAndEndWithBye() throws IOException {
        String invite = recorded();
        assertThat(FarEnd.header(invite, "Require")).isEqualTo("siprec");
        assertThat(FarEnd.header(invite, "Contact")).endsWith(";+sip.src");
        assertThat(FarEnd.header(invite, "X-A")).isEqualTo("b");
        assertThat(invite)
                .contains("Content-Type: application/sdp\r\n\r\nv=0\r\n", "m=audio 30002 RTP/AVP 0 8\r\n")
                .contains("a=label:1\r\na=sendonly\r\n", "Content-Disposition: recording-session\r\n\r\n<recording/>");
        session.end();
        byeAnswered();
        assertThat(told).as("it ended it itself").isEmpty();
        fixture.assertRests();
    }

    @Test
    void shouldTellOnceWhatWasRefusedWith() throws IOException {
        farEnd.send(farEnd.answer(invited(), "486 Busy Here", "b1", "", ""));
        farEnd.expect("ACK ");
        assertThat(told).containsExactly("ended 486 Busy Here");
        session.end();
        session.offer(offer(true, 2));
        farEnd.expectSilence();
        assertThat(told).hasSize(1);
        fixture.assertRests();
    }

    @Test // RFC 3261 section 9.1
    void shouldHoldTheCancelUntilAProvisionalWhenEndedBefore() throws IOException {
        String invite = invited();
        session.end();
        farEnd.expectSilence();
        farEnd.send(farEnd.answer(invite, "100 Trying", "", "", ""));
        String cancel = farEnd.expect("CANCEL ");
        farEnd.send(farEnd.answer(cancel, "200 OK", "b1", "", ""));
        farEnd.send(farEnd.answer(invite, "487 Request Terminated", "b1", "", ""));
        farEnd.expect("ACK ");
        assertThat(told).isEmpty();
        fixture.assertRests();
    }

    @Test
    void shouldAcknowledgeAndEndA200ThatCrossesTheCancel() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(invite, "180 Ringing", "b1", "", ""));
        fixture.expectNothing();
        session.end();
        String cancel = farEnd.expect("CANCEL ");
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", TAKEN));
        farEnd.expect("ACK ");
        farEnd.send(farEnd.answer(cancel, "200 OK", "b1", "", ""));
        byeAnswered();
        assertThat(told).isEmpty();
        fixture.assertRests();
    }

    @Test
    void shouldGiveUpOnAServerThatSaysNothing() throws IOException {
        String invite = invited();
        fixture.pass(4_100);
        assertThat(told).containsExactly("ended 408 no answer in time");
        for (String again = farEnd.receive(60); again != null; again = farEnd.receive(60)) {
            assertThat(FarEnd.header(again, "CSeq")).isEqualTo(FarEnd.header(invite, "CSeq"));
        }
        fixture.pass(64_000);
        assertThat(told).hasSize(1);
        while (farEnd.receive(60) != null) {
            // What was repeated meanwhile.
            fixture.pass(100);
        }
        fixture.assertRests();
    }

    @Test
    void shouldEndASessionWhoseServerTakesNoStream() throws IOException {
        String invite = invited();
        farEnd.send(farEnd.answer(
                invite, "200 OK", "b1", "", FarEnd.sdp("8", "").replace("m=audio " + SDP_PORT, "m=audio 0")));
        farEnd.expect("ACK ");
        byeAnswered();
        assertThat(told).containsExactly("ended 488 no stream of ours is taken");
        fixture.assertRests();
    }

    @Test // RFC 3261 section 14.1
    void shouldOfferTheNewestAgainBehindA491() throws IOException {
        String first = recorded();
        session.offer(offer(true, 2));
        String second = farEnd.expect("INVITE ");
        assertThat(second).contains("a=label:2");
        refused(first, TAKEN, 491);
        session.offer(offer(false, 2));
        farEnd.send(farEnd.answer(second, "491 Request Pending", "b1", "", ""));
        farEnd.expect("ACK ");
        farEnd.expectSilence();
        fixture.pass(2_600);
        String third = farEnd.expect("INVITE ");
        assertThat(third).contains("a=label:2\r\na=inactive");
        farEnd.send(farEnd.answer(third, "200 OK", "b1", "", TAKEN));
        farEnd.expect("ACK ");
        assertThat(told).hasSize(1).first().asString().contains("null");
        session.end();
        byeAnswered();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 14.1: what was agreed stays
    void shouldGoOnAsBeforeWhenALaterOfferIsRefused() throws IOException {
        recorded();
        session.offer(offer(true, 2));
        farEnd.send(farEnd.answer(farEnd.expect("INVITE "), "488 Not Acceptable Here", "b1", "", ""));
        farEnd.expect("ACK ");
        farEnd.expectSilence();
        assertThat(told).isEmpty();
        session.offer(offer(true, 1));
        farEnd.send(farEnd.answer(farEnd.expect("INVITE "), "481 Gone", "b1", "", ""));
        farEnd.expect("ACK ");
        byeAnswered();
        assertThat(told).containsExactly("ended 481 Gone");
        fixture.assertRests();
    }

    @Test // RFC 3264 section 5, RFC 3261 section 14.2
    void shouldOfferInThe200WhenTheServerRefreshesWithoutOffer() throws IOException {
        String invite = recorded();
        farEnd.send(farEnd.back("INVITE", 7, invite, "b1", "", ""));
        String ok = farEnd.expect("SIP/2.0 200");
        assertThat(FarEnd.bodyOf(ok)).contains("m=audio 30002 RTP/AVP 0 8", "a=sendonly");
        farEnd.send(farEnd.back("ACK", 7, invite, "b1", "", FarEnd.sdp("0", "a=recvonly\r\n")));
        fixture.expectNothing();
        assertThat(told).containsExactly("agreed " + targets(0));
        session.end();
        byeAnswered();
        fixture.assertRests();
    }

    @Test
    void shouldRefuseAnOfferThatIsNotForOurStreamsAndAnswerOtherRequests() throws IOException {
        String invite = recorded();
        refused(invite, TAKEN + "m=video 5000 RTP/AVP 96\r\n", 488);
        farEnd.send(farEnd.back("OPTIONS", 8, invite, "b1", "", ""));
        farEnd.expect("SIP/2.0 200");
        farEnd.send(farEnd.back("INFO", 9, invite, "b1", "", "Signal=1\r\n"));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 405"), "Allow")).isEqualTo(RecordingContent.ALLOW);
        assertThat(told).isEmpty();
        farEnd.send(farEnd.back("BYE", 10, invite, "b1", "", ""));
        farEnd.expect("SIP/2.0 200");
        assertThat(told).containsExactly("ended 200 the server hung up");
        session.offer(offer(true, 2));
        farEnd.expectSilence();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 13.2.2.4
    void shouldEndASecondDialogOfTheSameInvite() throws IOException {
        String invite = recorded();
        farEnd.send(farEnd.answer(invite, "200 OK", "other", "", TAKEN));
        assertThat(FarEnd.header(farEnd.expect("ACK "), "To")).endsWith(";tag=other");
        String bye = farEnd.expect("BYE ");
        assertThat(FarEnd.header(bye, "To")).endsWith(";tag=other");
        farEnd.send(farEnd.answer(bye, "200 OK", "other", "", ""));
        assertThat(told).isEmpty();
        session.end();
        byeAnswered();
        fixture.assertRests();
    }

    @Test
    void shouldEndEverySessionWhenTheThreadLeaves() throws IOException {
        recorded();
        fixture.agent.onClose();
        String bye = farEnd.receive(100);
        assertThat(bye).startsWith("BYE ");
    }
}
