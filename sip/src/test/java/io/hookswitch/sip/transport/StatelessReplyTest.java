package io.hookswitch.sip.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers without state: from the bytes of the request, of its length, never to a response or an ACK. */
class StatelessReplyTest {
    private static final InetSocketAddress SOURCE = new InetSocketAddress("127.0.0.9", 4711);

    private final StatelessReply reply = new StatelessReply();

    private String make(String request, int status) {
        UnsafeBuffer bytes = new UnsafeBuffer(request.getBytes(StandardCharsets.ISO_8859_1));
        int length = reply.make(bytes, 0, bytes.capacity(), status, 7, SOURCE);
        return length == 0 ? null : reply.buffer().getStringWithoutLengthAscii(0, length);
    }

    @Test // RFC 3261 section 8.2.6, RFC 3581 section 4
    void shouldCopyWhatAResponseNeedsWhenRefusing() {
        String two = WireGuardTest.INVITE.replace(
                "Max-Forwards", "Via: SIP/2.0/TCP outer;branch=z9hG4bKouter, SIP/2.0/UDP last\r\nMax-Forwards");
        assertThat(make(two, 400))
                .isEqualTo("SIP/2.0 400 Bad Request\r\n"
                        + "Via: SIP/2.0/UDP 192.0.2.1:5070;received=127.0.0.9;branch=z9hG4bKabc;rport=4711\r\n"
                        + "Via: SIP/2.0/TCP outer;branch=z9hG4bKouter, SIP/2.0/UDP last\r\n"
                        + "From: \"A; tag=not \\\" this\" <sip:alice@example.com;tag=nor>;x=y;tag=a1\r\n"
                        + "To: <sip:bob@example.com>;tag=" + tagOf(make(two, 400)) + "\r\n"
                        + "Call-ID: c1@example.com\r\n"
                        + "CSeq: 314159 INVITE\r\n"
                        + "Content-Length: 0\r\n\r\n");
        assertThat(reply.port(SOURCE)).isEqualTo(4711);
    }

    private static String tagOf(String reply) {
        return reply.replaceAll("(?s).*\r\nTo: [^\r]*;tag=([0-9a-f]{8})\r\n.*", "$1");
    }

    @Test
    void shouldGoToTheViaPortWhenRportIsNotAsked() {
        String reply503 = make(WireGuardTest.INVITE.replace(";rport", ""), 503);
        assertThat(reply503).startsWith("SIP/2.0 503 ").contains("\r\nRetry-After: 7\r\n");
        assertThat(reply.port(SOURCE)).isEqualTo(5070);
        make(WireGuardTest.INVITE.replace(":5070", "").replace(";rport", ""), 400);
        assertThat(reply.port(SOURCE)).isEqualTo(5060);
    }

    @Test // RFC 3261 section 8.2.7
    void shouldGiveTheSameTagWhenTheRequestIsRepeated() {
        assertThat(tagOf(make(WireGuardTest.INVITE, 503))).isEqualTo(tagOf(make(WireGuardTest.INVITE, 503)));
        assertThat(tagOf(make(WireGuardTest.INVITE, 503)))
                .isNotEqualTo(tagOf(make(WireGuardTest.INVITE.replace("bKabc", "bKabd"), 503)));
    }

    @Test
    void shouldKeepTheTagWhenThereIsOne() {
        assertThat(make(WireGuardTest.INVITE.replace("To: <sip:bob@example.com>", "t: <sip:bob@x>;tag=b1"), 400))
                .contains("\r\nTo: <sip:bob@x>;tag=b1\r\n");
    }

    @Test
    void shouldReadCompactAndFoldedWhenCopying() {
        String odd = WireGuardTest.INVITE
                .replace("Via:", "v :")
                .replace("From:", "f:")
                .replace("Call-ID:", "i:")
                .replace(";rport", "\r\n ;rport");
        assertThat(make(odd, 505)).startsWith("SIP/2.0 505 ").contains("rport=4711", "Call-ID: c1@example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Via", "From", "To", "Call-ID", "CSeq"})
    void shouldStaySilentWhenAHeaderToCopyIsMissing(String name) {
        assertThat(make(WireGuardTest.INVITE.replace("\r\n" + name + ":", "\r\nX:"), 400))
                .isNull();
    }

    @Test
    void shouldStaySilentWhenItIsNoRequestOrAnAckOrItsViaIsATrap() {
        assertThat(make(WireGuardTest.INVITE.replace("INVITE", "ACK"), 400)).isNull();
        assertThat(make(WireGuardTest.INVITE.replace("INVITE sip:bob@example.com SIP/2.0", "SIP/2.0 200 OK"), 400))
                .isNull();
        assertThat(make(WireGuardTest.INVITE.replace(";rport", "(x"), 400)).isNull();
        assertThat(make(WireGuardTest.INVITE.replace("SIP/2.0/UDP", "nonsense"), 400))
                .isNull();
        assertThat(make("\u0000\u0001\u0002", 400)).isNull();
        assertThat(make("", 400)).isNull();
    }

    @Test
    void shouldNotAmplifyWhenAnswering() {
        assertThat(make(WireGuardTest.INVITE, 503).length()).isLessThan(WireGuardTest.INVITE.length() + 100);
        String huge = WireGuardTest.INVITE.replace("c1@example.com", "c".repeat(9_000));
        assertThat(make(huge, 400)).as("does not fit").isNull();
    }

    @Test
    void shouldNeverThrowWhenTheRequestIsCutAnywhere() {
        for (int length = 0; length < WireGuardTest.INVITE.length(); length++) {
            make(WireGuardTest.INVITE.substring(0, length), 400);
        }
    }
}
