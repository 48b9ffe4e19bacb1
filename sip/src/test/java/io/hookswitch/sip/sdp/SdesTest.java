package io.hookswitch.sip.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.srtp.SrtpSuite;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of SRTP in descriptions, RFC 4568. */
class SdesTest {
    private static final String OURS = inline(1);
    private static final String THEIRS = inline(9);

    private int keysMade;
    private final OfferAnswer session = new OfferAnswer(42, () -> key(++keysMade), "");
    private final MediaFlyweight result = media();

    private static MediaFlyweight media() {
        return new MediaFlyweight().wrap(new UnsafeBuffer(ByteBuffer.allocateDirect(MediaFlyweight.LENGTH)), 0);
    }

    private static byte[] key(int value) {
        byte[] key = new byte[SrtpSuite.MASTER_LENGTH];
        Arrays.fill(key, (byte) value);
        return key;
    }

    private static String inline(int value) {
        return "inline:" + Base64.getEncoder().encodeToString(key(value));
    }

    private static byte[] sdp(String protocol, String... attributes) {
        String head = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 "
                + protocol + " 0\r\n";
        return (head + String.join("\r\n", attributes) + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private void ours() {
        session.ours(media().begin().address(new byte[] {10, 0, 0, 1}).ports(20_000, 20_001));
        session.ours().addCodec(Codec.PCMU, 0, -1, 8000);
    }

    private void expectKeys(SrtpSuite suite) {
        byte[] local = new byte[SrtpSuite.MASTER_LENGTH];
        byte[] remote = new byte[SrtpSuite.MASTER_LENGTH];
        result.copyLocalKey(local);
        result.copyRemoteKey(remote);
        assertThat(result.srtpSuite()).isEqualTo(1 + suite.ordinal());
        assertThat(local).isEqualTo(key(1));
        assertThat(remote).isEqualTo(key(9));
    }

    @Test
    void shouldAnswerWithOurKeyUnderTheirTagWhenTheOfferIsSecure() {
        ours();
        byte[] offer = sdp(
                "RTP/SAVP",
                "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:c29tZXRoaW5nZWxzZQ==",
                "a=crypto:7 AES_CM_128_HMAC_SHA1_32 " + THEIRS + "|2^31 WSH=64",
                "a=crypto:8 AES_CM_128_HMAC_SHA1_80 " + inline(5));
        assertThat(session.readOffer(offer, result)).isTrue();
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_32);
        assertThat(session.answer(result))
                .contains("m=audio 20000 RTP/SAVP 0")
                .containsOnlyOnce("a=crypto:")
                .contains("a=crypto:7 AES_CM_128_HMAC_SHA1_32 " + OURS + "\r\n");
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_32);
    }

    @Test
    void shouldBePlainWhenTheFarEndOffersPlainRtpWithAKeyBeside() {
        ours();
        assertThat(session.readOffer(sdp("RTP/AVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS), result))
                .isTrue();
        assertThat(session.answer(result)).contains("RTP/AVP 0").doesNotContain("crypto");
        assertThat(result.srtpSuite()).isEqualTo(MediaFlyweight.NO_SRTP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:c29tZXRoaW5nZWxzZQ==",
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:tooshort",
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:!!!notbase64",
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 outline:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ",
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ|2^20|1:4",
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ UNENCRYPTED_SRTP",
                "a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ",
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80"
            })
    void shouldRefuseTheOfferWhenThereIsNoKeyThatWeCanUse(String attribute) {
        ours();
        assertThat(session.readOffer(sdp("RTP/SAVP", attribute), result)).isFalse();
    }

    @Test
    void shouldOfferSrtpAndNothingElseWhenAskedTo() {
        ours();
        session.offerSecurely(false);
        assertThat(session.offer())
                .contains("m=audio 20000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + OURS + "\r\n");
        assertThat(session.readAnswer(sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS), result))
                .isTrue();
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
        // Later offers of ours keep the key: nothing that is under way becomes unreadable.
        assertThat(session.offer()).contains("RTP/SAVP", OURS);
    }

    @Test
    void shouldRefuseTheAnswerWhenSomebodyTookTheProtectionAway() {
        ours();
        session.offerSecurely(false);
        session.offer();
        assertThat(session.readAnswer(sdp("RTP/AVP"), result)).isFalse();
        assertThat(session.readAnswer(sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_32 " + THEIRS), result))
                .isFalse();
        assertThat(session.refusal()).contains("SRTP");
    }

    @Test
    void shouldRefuseThePlainOfferWhenTheCallWasDialledWithSrtp() {
        ours();
        session.offerSecurely(false);
        session.offer();
        byte[] secure = sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS);
        assertThat(session.readAnswer(secure, result)).isTrue();
        assertThat(session.readOffer(sdp("RTP/AVP"), result)).isFalse();
        assertThat(session.refusal()).contains("SRTP");
        assertThat(session.readOffer(secure, result)).isTrue();
        assertThat(session.answer(result)).contains(OURS);
    }

    @Test
    void shouldRefuseTheAnswerWhenItHasAKeyAndTheOfferHadNone() {
        ours();
        session.offer();
        assertThat(session.readAnswer(sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS), result))
                .isFalse();
        assertThat(session.refusal()).contains("SRTP");
        assertThat(session.readAnswer(sdp("RTP/AVP"), result)).isTrue();
    }

    @Test // a re-INVITE without SDP: the offer is ours, in the suite that is in force
    void shouldOfferTheAgreedSuiteAndKeyWhenWeOfferAgain() {
        ours();
        byte[] offer = sdp("RTP/SAVP", "a=crypto:3 AES_CM_128_HMAC_SHA1_32 " + THEIRS);
        assertThat(session.readOffer(offer, result)).isTrue();
        session.answer(result);
        assertThat(session.offer()).contains("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_32 " + OURS + "\r\n");
        assertThat(session.readAnswer(sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_32 " + THEIRS), result))
                .isTrue();
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_32);
    }

    @Test // RFC 3711 section 9.1: counting begins anew, so the key must be another
    void shouldMakeAnotherKeyWhenTheSuiteChangesOrTheCallWasPlainBetween() {
        ours();
        byte[] long80 = sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS);
        byte[] rekeyed = sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + inline(77));
        byte[] short32 = sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_32 " + THEIRS);
        assertThat(answer(long80)).contains(OURS);
        assertThat(answer(rekeyed)).contains(OURS);
        assertThat(answer(short32)).contains(inline(2));
        assertThat(answer(long80)).contains(inline(3));
        assertThat(answer(sdp("RTP/AVP"))).doesNotContain("crypto");
        assertThat(answer(long80)).contains(inline(4));
        byte[] local = new byte[SrtpSuite.MASTER_LENGTH];
        result.copyLocalKey(local);
        assertThat(local).isEqualTo(key(4));
    }

    private String answer(byte[] offer) {
        assertThat(session.readOffer(offer, result)).isTrue();
        return session.answer(result);
    }

    @Test
    void shouldLeaveNoKeyWhenADescriptionHasKeysOfOtherKinds() {
        String text = new String(
                sdp("RTP/SAVP", "k=clear:opensesame", "a=key-mgmt:mikey AQAFgM0X CQkJ", "a=ptime:20"),
                StandardCharsets.UTF_8);
        assertThat(OfferAnswer.withoutKeys(text))
                .contains("k=***\r\n", "a=key-mgmt:***\r\n", "a=ptime:20")
                .doesNotContain("sesame", "AQAF", "CQkJ");
    }

    @Test
    void shouldLeaveNoKeyWhenADescriptionIsMasked() {
        String text = new String(
                sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS + "|2^20"), StandardCharsets.UTF_8);
        assertThat(OfferAnswer.withoutKeys(text))
                .contains("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20")
                .doesNotContain("CQkJ");
    }

    private static final String[] THEIR_ICE = {
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 " + THEIRS,
        "a=rtcp-mux",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv"
    };

    private static byte[] withIce(String... more) {
        String[] lines = Arrays.copyOf(THEIR_ICE, THEIR_ICE.length + more.length);
        System.arraycopy(more, 0, lines, THEIR_ICE.length, more.length);
        return sdp("RTP/SAVP", lines);
    }

    @Test // dial.md 3.16, RFC 8839
    void shouldOfferOurSideOfIceBesideTheKeyWhenAskedTo() {
        ours();
        session.offerSecurely(true);
        String offer = session.offer();
        assertThat(offer)
                .contains("t=0 0\r\na=ice-lite\r\nm=audio 20000 RTP/SAVP 0", OURS)
                .containsPattern("a=ice-ufrag:[A-Za-z0-9+/]{8}\r\na=ice-pwd:[A-Za-z0-9+/]{24}\r\n")
                .contains("a=candidate:1 1 udp 2130706431 10.0.0.1 20000 typ host\r\n", "a=rtcp-mux\r\n");
        assertThat(session.readAnswer(withIce(), result)).isTrue();
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
        assertThat(result.hasIce()).isTrue();
        assertThat(result.isDtls()).isFalse();
        assertThat(session.offer()).as("a later one goes on with it").isEqualTo(offer);
    }

    @Test
    void shouldDoWithoutIceWhenTheAnswerHasNone() {
        ours();
        session.offerSecurely(true);
        session.offer();
        assertThat(session.readAnswer(sdp("RTP/SAVP", THEIR_ICE[0]), result)).isTrue();
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
        assertThat(result.hasIce()).isFalse();
        assertThat(session.offer()).doesNotContain("ice-");
    }

    @Test
    void shouldTakeNoIceThatWasNotOffered() {
        ours();
        session.offerSecurely(false);
        session.offer();
        assertThat(session.readAnswer(withIce(), result)).isTrue();
        assertThat(result.hasIce()).isFalse();
    }

    @Test
    void shouldAnswerIceWithOurSideOfItUnlessTheFarEndIsLiteToo() {
        ours();
        assertThat(session.readOffer(withIce("a=candidate:1 1 udp 1 192.0.2.9 4000 typ host"), result))
                .isTrue();
        String answer = session.answer(result);
        assertThat(answer).contains("a=ice-lite\r\n", "a=ice-ufrag:", "a=candidate:1 1 udp", OURS);
        assertThat(result.hasIce()).isTrue();
        // Two lite sides would wait for each other's checks for ever.
        assertThat(session.readOffer(withIce("a=ice-lite"), result)).isTrue();
        assertThat(session.answer(result)).doesNotContain("ice-").contains(OURS);
        assertThat(result.hasIce()).isFalse();
        expectKeys(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    }
}
