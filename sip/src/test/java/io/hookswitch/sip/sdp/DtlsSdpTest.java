package io.hookswitch.sip.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptions of far ends with ICE and DTLS, as browsers write them: RFC 8839, RFC 8842, RFC 9143. */
class DtlsSdpTest {
    private static final String OURS = String.join(":", Collections.nCopies(32, "0A"));
    private static final String THEIRS = String.join(":", Collections.nCopies(32, "c5"));
    private static final String ICE = "a=ice-ufrag:fAr1\na=ice-pwd:abcdefghijklmnopqrstuv\n";
    private static final String PRINT = "a=fingerprint:sha-256 " + THEIRS + "\n";
    private static final String BROWSER = ICE + PRINT + "a=setup:actpass\na=mid:0\na=rtcp-mux\n";

    private int secretsMade;
    private final OfferAnswer session = session(OURS);
    private final MediaFlyweight result = media();

    private OfferAnswer session(String fingerprint) {
        OfferAnswer made = new OfferAnswer(42, () -> secret(++secretsMade), fingerprint);
        made.ours(media().begin().address(new byte[] {10, 0, 0, 1}).ports(20_000, 20_001));
        made.ours().addCodec(Codec.PCMU, 0, -1, 8000);
        return made;
    }

    private static MediaFlyweight media() {
        return new MediaFlyweight().wrap(new UnsafeBuffer(ByteBuffer.allocateDirect(MediaFlyweight.LENGTH)), 0);
    }

    private static byte[] secret(int value) {
        byte[] made = new byte[30];
        Arrays.fill(made, (byte) value);
        return made;
    }

    private static String text(int value, int bytes) {
        return Base64.getEncoder().encodeToString(Arrays.copyOf(secret(value), bytes));
    }

    private static byte[] sdp(String session, String protocol, String attributes) {
        String head = "v=0\no=mozilla 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n" + session + "m=audio 9 " + protocol
                + " 111 0 8 110\nc=IN IP4 0.0.0.0\na=rtcp:9 IN IP4 0.0.0.0\n";
        return (head + attributes + "a=sendrecv\na=rtpmap:111 opus/48000/2\na=rtpmap:110 telephone-event/48000\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] browser() {
        return sdp("a=group:BUNDLE 0\n", "UDP/TLS/RTP/SAVPF", BROWSER);
    }

    private void expectDtls(int secret) {
        byte[] ufrag = new byte[MediaFlyweight.UFRAG_LENGTH];
        byte[] password = new byte[MediaFlyweight.PASSWORD_LENGTH];
        byte[] fingerprint = new byte[MediaFlyweight.FINGERPRINT_LENGTH];
        result.copyUfrag(ufrag);
        result.copyPassword(password);
        result.copyFingerprint(fingerprint);
        assertThat(result.isDtls()).isTrue();
        assertThat(new String(ufrag, StandardCharsets.US_ASCII)).isEqualTo(text(secret, 6));
        assertThat(new String(password, StandardCharsets.US_ASCII)).isEqualTo(text(secret, 18));
        assertThat(fingerprint).containsOnly(0xC5);
    }

    @Test
    void shouldAnswerABrowserAsLiteAndAsTheServer() {
        assertThat(session.readOffer(browser(), result)).isTrue();
        assertThat(session.answer(result)).isEqualToNormalizingNewlines("""
                v=0
                o=- 42 1 IN IP4 10.0.0.1
                s=-
                c=IN IP4 10.0.0.1
                t=0 0
                a=ice-lite
                a=group:BUNDLE 0
                m=audio 20000 UDP/TLS/RTP/SAVPF 0
                a=rtpmap:0 PCMU/8000
                a=mid:0
                a=msid:hookswitch audio
                a=fingerprint:sha-256 %s
                a=setup:passive
                a=ice-ufrag:%s
                a=ice-pwd:%s
                a=candidate:1 1 udp 2130706431 10.0.0.1 20000 typ host
                a=end-of-candidates
                a=rtcp-mux
                a=ptime:20
                a=sendrecv
                """.formatted(OURS, text(1, 6), text(1, 18)));
        expectDtls(1);
        assertThat(result.direction()).isEqualTo(MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
    }

    @Test
    void shouldReadWhatIsSaidForTheWholeSession() {
        byte[] offer = sdp(ICE + PRINT + "a=setup:active\n", "UDP/TLS/RTP/SAVPF", "a=rtcp-mux\n");
        assertThat(session.readOffer(offer, result)).isTrue();
        assertThat(session.answer(result))
                .doesNotContain("a=mid")
                .doesNotContain("a=group")
                .contains("a=setup:passive");
        expectDtls(1);
    }

    @Test
    void shouldOfferAndReadTheAnswer() {
        session.offerDtls();
        assertThat(session.offer())
                .contains("a=ice-lite\r\na=group:BUNDLE 0\r\nm=audio 20000 UDP/TLS/RTP/SAVPF 0 101\r\n")
                .contains("a=mid:0\r\n")
                .contains("a=setup:actpass\r\n")
                .contains("a=rtcp-mux\r\n")
                .doesNotContain("a=rtcp:");
        byte[] answer = sdp("a=group:BUNDLE 0\n", "UDP/TLS/RTP/SAVPF", BROWSER.replace("actpass", "active"));
        assertThat(session.readAnswer(answer, result)).isTrue();
        expectDtls(1);
        assertThat(session.offer()).contains("UDP/TLS/RTP/SAVPF").contains("a=ice-ufrag:" + text(1, 6));
    }

    @Test
    void shouldMakeNewSecretsWhenTheFarEndRestartsIce() {
        session.readOffer(browser(), result);
        session.answer(result);
        session.readOffer(browser(), result);
        session.answer(result);
        expectDtls(1);
        byte[] restarted = sdp("", "UDP/TLS/RTP/SAVPF", BROWSER.replace("fAr1", "fAr2"));
        session.readOffer(restarted, result);
        assertThat(session.answer(result)).contains("a=ice-ufrag:" + text(2, 6));
        expectDtls(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=setup:passive",
                "a=setup:holdconn",
                "a=ice-ufrag:abc",
                "a=ice-pwd:tooShort",
                "a=ice-pwd:abcdefghijklmnopqrst v",
                "a=fingerprint:sha-1 C5:C5",
                "a=fingerprint:sha-256 C5:C5",
                "a=fingerprint:sha-256",
                "a=fingerprint",
            })
    void shouldRefuseWhatCannotBeShakenHandsWith(String line) {
        String name = line.substring(0, line.indexOf(':') < 0 ? line.length() : line.indexOf(':'));
        String rest = BROWSER.lines()
                .filter(each -> !each.startsWith(name + ":"))
                .collect(java.util.stream.Collectors.joining("\n", "", "\n"));
        assertThat(session.readOffer(sdp("", "UDP/TLS/RTP/SAVPF", rest + line + "\n"), result))
                .isFalse();
        assertThat(session.refusal()).contains("no audio stream");
    }

    @Test
    void shouldRefuseWithoutMultiplexedRtcp() {
        byte[] offer = sdp("", "UDP/TLS/RTP/SAVPF", BROWSER.replace("a=rtcp-mux\n", ""));
        assertThat(session.readOffer(offer, result)).isFalse();
    }

    @Test
    void shouldRefuseWhenThereIsNoCertificate() {
        OfferAnswer without = session("");
        assertThat(without.readOffer(browser(), result)).isFalse();
        assertThat(without.refusal()).contains("ws or wss");
        without.offerDtls();
        assertThat(without.offer()).contains("RTP/AVP").doesNotContain("ice-");
    }

    @Test
    void shouldNotBeTalkedOutOfDtls() {
        session.offerDtls();
        session.offer();
        byte[] plain = sdp("", "RTP/AVP", "").clone();
        String reachable = new String(plain, StandardCharsets.UTF_8).replace("0.0.0.0", "192.0.2.9");
        assertThat(session.readAnswer(reachable.getBytes(StandardCharsets.UTF_8), result))
                .isFalse();
        assertThat(session.refusal()).contains("DTLS was offered");
    }

    @Test
    void shouldNotAcceptDtlsThatWasNotOffered() {
        session.offer();
        assertThat(session.readAnswer(browser(), result)).isFalse();
        assertThat(session.refusal()).contains("DTLS was answered");
    }

    @Test
    void shouldHoldAndResumeWithoutANewAssociation() {
        session.readOffer(browser(), result);
        session.answer(result);
        byte[] hold = new String(browser(), StandardCharsets.UTF_8)
                .replace("sendrecv", "sendonly")
                .getBytes(StandardCharsets.UTF_8);
        session.readOffer(hold, result);
        assertThat(session.answer(result)).contains("a=recvonly").contains("a=ice-ufrag:" + text(1, 6));
        assertThat(result.direction()).isEqualTo(MediaFlyweight.RECEIVE);
        expectDtls(1);
    }

    @Test
    void shouldNotShowThePassword() {
        session.offerDtls();
        assertThat(OfferAnswer.withoutKeys(session.offer()))
                .contains("a=ice-pwd:***")
                .doesNotContain(text(1, 18));
    }
}
