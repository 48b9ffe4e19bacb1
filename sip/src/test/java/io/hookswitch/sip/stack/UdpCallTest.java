package io.hookswitch.sip.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import javax.sip.ClientTransaction;
import javax.sip.SipProvider;
import javax.sip.TransactionUnavailableException;
import javax.sip.message.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls over real UDP sockets; the far end's messages are written by hand, time is the test's. */
class UdpCallTest {
    private StackFixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new StackFixture();
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    @Test
    void shouldAnswerAndEndWhenCalled() throws IOException {
        fixture.send(SipText.invite("1", "call-1", fixture.via(), fixture.farEnd.getLocalPort()));
        String answer = fixture.receive();
        assertThat(answer).startsWith("SIP/2.0 200");
        assertThat(SipText.header(answer, "Via"))
                .contains("received=127.0.0.1", "rport=" + fixture.farEnd.getLocalPort());
        fixture.send(SipText.inDialog("ACK", 1, "2", "call-1", fixture.via(), "b1"));
        fixture.send(SipText.inDialog("BYE", 2, "3", "call-1", fixture.via(), "b1"));
        assertThat(fixture.receive()).startsWith("SIP/2.0 200").contains("CSeq: 2 BYE");
        assertThat(fixture.listener.heard).startsWith("INVITE", "ACK", "BYE");

        fixture.pass(70_000);
        assertThat(fixture.stack.tables().isResting())
                .as("%s", fixture.stack.tables())
                .isTrue();
        assertThat(fixture.errors).isEmpty();
        assertThat(fixture.stack.stackErrors()).isZero();
    }

    @Test // RFC 3261 section 13.3.1.4
    void shouldRepeatThe200OnOurClockWhenNoAckComes() throws IOException {
        fixture.send(SipText.invite("1", "call-1", fixture.via(), fixture.farEnd.getLocalPort()));
        assertThat(fixture.receive()).startsWith("SIP/2.0 200");
        List<Long> at = new ArrayList<>();
        for (long ms = 100; ms <= 4_000; ms += 100) {
            fixture.pass(100);
            if (fixture.receive(5) != null) {
                at.add(ms);
            }
        }
        assertThat(at).hasSize(3);
        assertThat(at.get(0)).isBetween(500L, 700L);
        assertThat(at.get(1)).isBetween(1_500L, 1_800L);
        assertThat(at.get(2)).isBetween(3_500L, 3_900L);
        assertThat(fixture.receive(100)).as("no time, no repetition").isNull();
    }

    @Test // RFC 3261 section 17.1.1.2
    void shouldRepeatTheInviteAndGiveUpWhenTheFarEndIsSilent() throws Exception {
        place("call-out");
        List<Long> at = new ArrayList<>();
        for (long ms = 0; ms <= 34_000; ms += 100) {
            if (fixture.receive(1) != null) {
                at.add(ms);
            }
            fixture.pass(100);
        }
        assertThat(at).hasSizeBetween(6, 7);
        assertThat(at.get(1)).isBetween(500L, 700L);
        assertThat(at.get(2)).isBetween(1_500L, 1_800L);
        assertThat(fixture.listener.heard).contains("timeout");
    }

    private ClientTransaction place(String callId) throws Exception {
        String text = SipText.invite(
                        "out-" + callId, callId, "UDP 127.0.0.1:" + fixture.udp.getPort(), fixture.udp.getPort())
                .replace("INVITE sip:bob@127.0.0.1", "INVITE sip:bob@127.0.0.1:" + fixture.farEnd.getLocalPort());
        Request invite = fixture.listener.messages.createRequest(text);
        ClientTransaction transaction = fixture.stack.provider(Transport.UDP).getNewClientTransaction(invite);
        transaction.sendRequest();
        return transaction;
    }

    @Test // RFC 3261 section 13.2.2.4
    void shouldAcknowledgeAgainWhenThe200ComesAgain() throws Exception {
        place("call-out");
        String invite = fixture.receive();
        String contact = "Contact: <sip:bob@127.0.0.1:" + fixture.farEnd.getLocalPort() + ">\r\n";
        String answer = SipText.answer(invite, "200 OK", "b9", contact);
        fixture.send(answer);
        fixture.settle(1);
        assertThat(fixture.listener.heard).contains("200");
        var dialog = fixture.listener.lastResponseEvent.getDialog();
        dialog.sendAck(dialog.createAck(1));
        assertThat(fixture.receive()).startsWith("ACK ");
        fixture.send(answer);
        assertThat(fixture.receive()).startsWith("ACK ");
        assertThat(fixture.listener.heard).containsOnlyOnce("200");
        assertThat(fixture.counters.get(SipCounters.UNMATCHED_RESPONSE)).isZero();
    }

    @Test // RFC 3261 section 9.1
    void shouldEndWith487WhenWeCancelWhatRings() throws Exception {
        ClientTransaction invitation = place("call-out");
        String invite = fixture.receive();
        fixture.send(SipText.answer(invite, "180 Ringing", "b9", ""));
        fixture.settle(1);
        fixture.stack
                .provider(Transport.UDP)
                .getNewClientTransaction(invitation.createCancel())
                .sendRequest();
        String cancel = fixture.receive();
        assertThat(cancel).startsWith("CANCEL ");
        fixture.send(SipText.answer(cancel, "200 OK", "b9", ""));
        fixture.send(SipText.answer(invite, "487 Request Terminated", "b9", ""));
        assertThat(fixture.receive()).startsWith("ACK ");
        fixture.settle(3);
        assertThat(fixture.listener.heard).contains("180", "200", "487");
        // Timer D, then 40 s in which another fork's 200 would still find its transaction.
        fixture.pass(80_000);
        assertThat(fixture.stack.tables().isResting())
                .as("%s", fixture.stack.tables())
                .isTrue();
    }

    @Test // RFC 3261 section 12.1.2: the far end of our INVITE may ask before it answers
    void shouldDeliverWhatTheFarEndAsksInAnEarlyDialog() throws Exception {
        place("Call-Out");
        String invite = fixture.receive();
        fixture.send(SipText.answer(
                invite,
                "183 Session Progress",
                "B9",
                "Contact: <sip:bob@127.0.0.1:" + fixture.farEnd.getLocalPort() + ">\r\n"));
        fixture.settle(1);
        fixture.send(SipText.inDialog("INFO", 7, "early", "Call-Out", fixture.via(), "a1")
                .replace("From: \"Alice\" <sip:alice@example.com>;tag=a1", "From: <sip:bob@example.com>;tag=B9"));
        assertThat(fixture.receive()).startsWith("SIP/2.0 200").contains("7 INFO");
        assertThat(fixture.listener.heard).contains("183", "INFO");
    }

    @Test
    void shouldSendToTheLearntAddressWhenTheTargetIsAName() throws Exception {
        String text = SipText.invite("n", "call-n", "UDP 127.0.0.1:" + fixture.udp.getPort(), fixture.udp.getPort())
                .replace("INVITE sip:bob@127.0.0.1", "INVITE sip:bob@pbx.example.com");
        Request invite = fixture.listener.messages.createRequest(text);
        SipProvider provider = fixture.stack.provider(Transport.UDP);
        assertThatThrownBy(() -> provider.getNewClientTransaction((Request) invite.clone()))
                .isInstanceOf(TransactionUnavailableException.class);
        fixture.stack.learn("call-n", Transport.UDP, (InetSocketAddress) fixture.farEnd.getLocalSocketAddress());
        provider.getNewClientTransaction(invite).sendRequest();
        assertThat(fixture.receive()).startsWith("INVITE sip:bob@pbx.example.com");
        assertThat(fixture.stack.tables().routes()).isOne();
        fixture.stack.forget("call-n");
        assertThat(fixture.stack.tables().routes()).isZero();
    }

    @Test
    void shouldLeaveNoThreadWhenClosed() throws Exception {
        assertThat(names()).as("the stack's own thread ends at once").doesNotContain("EventScannerThread");
        place("call-out");
        fixture.receive();
        fixture.close();
        assertThat(names())
                .noneMatch(name -> name.contains("EventScanner")
                        || name.contains("Timer")
                        || name.contains("pool")
                        || name.contains("jain"));
    }

    /** Names of live threads, after those that are ending have ended. */
    private static List<String> names() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("EventScannerThread")) {
                thread.join(2_000);
            }
        }
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    @Test
    void shouldDropWithoutParsingWhenNobodyWaitsForTheResponse() throws Exception {
        String invite = SipText.invite("x", "call-x", fixture.via(), 1);
        fixture.send(SipText.answer(invite, "486 Busy Here", "b9", ""));
        fixture.settle(1);
        assertThat(fixture.counters.get(SipCounters.UNMATCHED_RESPONSE)).isOne();
        assertThat(fixture.listener.heard).isEmpty();
    }
}
