package io.hookswitch.sip.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 3264, with bodies as far ends write them. */
class OfferAnswerTest {
    private final OfferAnswer session = new OfferAnswer(42, OfferAnswerTest::masterKey, "");
    private final MediaFlyweight result = media();

    private static MediaFlyweight media() {
        MediaFlyweight media = new MediaFlyweight();
        return media.wrap(new UnsafeBuffer(ByteBuffer.allocateDirect(MediaFlyweight.LENGTH)), 0);
    }

    private static MediaFlyweight ours(int... codecs) {
        MediaFlyweight ours = media().begin().address(new byte[] {10, 0, 0, 1}).ports(20_000, 20_001);
        for (int codec : codecs) {
            ours.addCodec(codec, 0, -1, 8000);
        }
        return ours;
    }

    private static MediaFlyweight ours6() {
        byte[] address = new byte[16];
        address[15] = 1;
        return ours(Codec.PCMU).address(address);
    }

    /** Not random: a test reads it. */
    static byte[] masterKey() {
        byte[] key = new byte[30];
        java.util.Arrays.fill(key, (byte) 1);
        return key;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String answer(String offer) {
        assertThat(session.readOffer(bytes(offer), result))
                .as(session.refusal())
                .isTrue();
        return session.answer(result);
    }

    @Test
    void shouldOfferInOrderWithTelephoneEvents() {
        session.ours(ours(Codec.PCMA, Codec.PCMU));
        assertThat(session.offer())
                .isEqualTo(Bodies.lines(
                        "v=0",
                        "o=- 42 1 IN IP4 10.0.0.1",
                        "s=-",
                        "c=IN IP4 10.0.0.1",
                        "t=0 0",
                        "m=audio 20000 RTP/AVP 8 0 101",
                        "a=rtpmap:8 PCMA/8000",
                        "a=rtpmap:0 PCMU/8000",
                        "a=rtpmap:101 telephone-event/8000",
                        "a=fmtp:101 0-15",
                        "a=rtcp-mux",
                        "a=ptime:20",
                        "a=sendrecv"));
    }

    @Test
    void shouldGiveEachFormatItsOwnNumberWhenOneIsAskedForTwice() {
        MediaFlyweight ours = ours(Codec.PCMU).telephoneEvent(96, 8000);
        ours.addCodec(Codec.OPUS, 96, -1, 48_000);
        session.ours(ours);
        assertThat(session.offer())
                .contains("m=audio 20000 RTP/AVP 0 96 101 110", "a=rtpmap:96 opus/48000/2")
                .contains("a=rtpmap:101 telephone-event/8000", "a=rtpmap:110 telephone-event/48000");
    }

    @Test
    void shouldNameTheRtcpPortOnlyWhenItIsNotTheNext() {
        session.ours(ours(Codec.PCMU).ports(20_000, 20_010));
        assertThat(session.offer()).contains("a=rtcp:20010\r\n");
        session.ours(ours(Codec.PCMU).ports(20_000, 20_000));
        assertThat(session.offer()).contains("a=rtcp:20000\r\n");
    }

    @Test
    void shouldWriteIPv6() {
        byte[] address = new byte[16];
        address[15] = 1;
        session.ours(ours(Codec.PCMU).address(address));
        assertThat(session.offer()).contains("IN IP6 0:0:0:0:0:0:0:1\r\n");
    }

    @Test // section 6.1: our preference among what was offered, with the offer's numbers
    void shouldAnswerWithOurFirstCodecThatIsOffered() {
        session.ours(ours(Codec.PCMA, Codec.PCMU));
        String answer = answer(Bodies.BARESIP);
        assertThat(answer).contains("m=audio 20000 RTP/AVP 8 97\r\n", "a=rtpmap:97 telephone-event/8000");
        assertThat(result.codecCount()).isEqualTo(2);
        assertThat(result.codec(0)).isEqualTo(Codec.PCMA);
        assertThat(result.payloadType(0)).isEqualTo(8);
        assertThat(result.codec(1)).isEqualTo(Codec.PCMU);
        assertThat(result.telephoneEventPayloadType()).isEqualTo(97);
        assertThat(result.rtpPort()).isEqualTo(10_452);
        assertThat(result.rtcpPort()).isEqualTo(10_453);
        assertThat(result.ptimeMs()).isEqualTo(20);
    }

    @Test // section 6: every m= line has its answer, refused ones with port 0
    void shouldRefuseTheOtherStreamsWithPortZero() {
        session.ours(ours(Codec.PCMU));
        assertThat(answer(Bodies.ASTERISK))
                .contains("m=audio 20000 RTP/AVP 0 101\r\n")
                .endsWith("m=video 0 RTP/AVP 99\r\n");
        String two = Bodies.SIPP.replace("m=audio 6000", "m=image 5000 udptl t38\r\nm=audio 6000");
        OfferAnswer other = new OfferAnswer(1, OfferAnswerTest::masterKey, "");
        other.ours(ours(Codec.PCMU));
        assertThat(other.readOffer(bytes(two), result)).isTrue();
        assertThat(other.answer(result)).contains("m=image 0 udptl t38\r\nm=audio 20000 RTP/AVP 0\r\n");
    }

    @Test
    void shouldTellEveryCodecWeKnowWhenAnOfferIsRead() {
        assertThat(session.readOffer(bytes(Bodies.FREESWITCH), result)).isTrue();
        assertThat(result.codecCount()).isEqualTo(4);
        assertThat(result.codec(0)).isEqualTo(Codec.OPUS);
        assertThat(result.payloadType(0)).isEqualTo(102);
        assertThat(result.eventPayloadType(0)).isEqualTo(103);
        assertThat(result.codec(1)).isEqualTo(Codec.G722);
        assertThat(result.eventPayloadType(1)).isEqualTo(101);
        assertThat(result.telephoneEventPayloadType()).isEqualTo(103);
        assertThat(result.telephoneEventClockRate()).isEqualTo(48_000);
        assertThat(result.addressLength()).isEqualTo(16);
    }

    @Test // RFC 5761 section 5.1.1
    void shouldMultiplexWhenTheFarEndWants() {
        session.ours(ours6());
        assertThat(answer(Bodies.FREESWITCH)).contains("a=rtcp-mux\r\n").doesNotContain("a=rtcp:");
        assertThat(result.rtcpPort()).isEqualTo(result.rtpPort());
        OfferAnswer other = new OfferAnswer(1, OfferAnswerTest::masterKey, "");
        other.ours(ours(Codec.PCMU));
        assertThat(other.readOffer(bytes(Bodies.ASTERISK), result)).isTrue();
        assertThat(other.answer(result)).doesNotContain("rtcp-mux");
        assertThat(result.rtcpPort()).isEqualTo(result.rtpPort() + 1);
    }

    @Test // RFC 5761 section 5.1.1: what the answer says holds, offer by offer
    void shouldUseOnePortOnlyWhenTheAnswerSaysSo() {
        session.ours(ours(Codec.PCMU));
        assertThat(session.offer()).contains("a=rtcp-mux\r\n");
        assertThat(session.readAnswer(bytes(Bodies.SIPP), result)).isTrue();
        assertThat(result.rtcpPort()).isEqualTo(6001);
        assertThat(session.readAnswer(bytes(Bodies.SIPP + "a=rtcp-mux\r\n"), result))
                .isTrue();
        assertThat(result.rtcpPort()).isEqualTo(6000);
    }

    @Test // RFC 3605
    void shouldFollowReportsToAnotherPortButNotToAnotherHost() {
        session.ours(ours(Codec.PCMU));
        answer(Bodies.SIPP + "a=rtcp:7777\r\n");
        assertThat(result.rtcpPort()).isEqualTo(7777);
        answer(Bodies.SIPP + "a=rtcp:7777 IN IP4 192.0.2.20\r\n");
        assertThat(result.rtcpPort()).isEqualTo(7777);
        answer(Bodies.SIPP + "a=rtcp:7777 IN IP4 192.0.2.21\r\n");
        assertThat(result.rtcpPort()).isZero();
    }

    @Test
    void shouldRefuseWithTheReasonWhenTheFarEndHasTheOtherIpVersion() {
        session.ours(ours(Codec.PCMU));
        assertThat(session.readOffer(bytes(Bodies.FREESWITCH), result)).isTrue();
        assertThat(session.answer(result)).isNull();
        assertThat(session.refusal()).contains("IP version");
        session.offer();
        assertThat(session.readAnswer(bytes(Bodies.FREESWITCH), result)).isFalse();
        assertThat(session.refusal()).contains("IP version");
        assertThat(session.readAnswer(bytes(Bodies.SIPP), result)).isTrue();
        OfferAnswer six = new OfferAnswer(1, OfferAnswerTest::masterKey, "");
        six.ours(ours6());
        six.offer();
        assertThat(six.readAnswer(bytes(Bodies.SIPP), result)).isFalse();
        assertThat(six.readAnswer(bytes(Bodies.SIPP.replace("c=IN IP4 192.0.2.20", "c=IN IP4 0.0.0.0")), result))
                .as("a hold as RFC 2543 wrote it")
                .isTrue();
    }

    @Test
    void shouldRefuseWhenNothingIsPlainAudio() {
        assertThat(session.readOffer(bytes(Bodies.BROWSER), result)).isFalse();
        assertThat(session.readOffer(bytes("v=0"), result)).isFalse();
        assertThat(session.readOffer(bytes(Bodies.SIPP.replace("m=audio 6000", "m=audio 0")), result))
                .isFalse();
        assertThat(session.owesAnswer()).isFalse();
        session.ours(ours(Codec.G722));
        assertThat(session.readOffer(bytes(Bodies.SIPP), result)).isTrue();
        assertThat(session.answer(result)).isNull();
    }

    @ParameterizedTest // section 6.1 and 8.4
    @CsvSource({
        "a=sendrecv, sendrecv, 3",
        "a=sendonly, recvonly, 2",
        "a=recvonly, sendonly, 1",
        "a=inactive, inactive, 0"
    })
    void shouldAnswerTheDirectionFromOurSide(String offered, String answered, int bits) {
        session.ours(ours(Codec.PCMU));
        assertThat(answer(Bodies.SIPP + offered + "\r\n")).endsWith("a=" + answered + "\r\n");
        assertThat(result.direction()).isEqualTo(bits);
    }

    @Test // section 8.4: RFC 2543's hold
    void shouldSendNothingWhenTheAddressIsZero() {
        session.ours(ours(Codec.PCMU));
        assertThat(answer(Bodies.SIPP.replace("c=IN IP4 192.0.2.20", "c=IN IP4 0.0.0.0")))
                .endsWith("a=recvonly\r\n");
        assertThat(result.direction()).isEqualTo(MediaFlyweight.RECEIVE);
    }

    @Test // section 8: the version grows by one with each change and only then
    void shouldCountVersionsByChange() {
        session.ours(ours(Codec.PCMU));
        assertThat(answer(Bodies.SIPP)).contains("o=- 42 1 ");
        assertThat(answer(Bodies.SIPP)).contains("o=- 42 1 ");
        assertThat(answer(Bodies.SIPP + "a=sendonly\r\n")).contains("o=- 42 2 ");
        assertThat(answer(Bodies.SIPP)).contains("o=- 42 3 ");
    }

    @Test // section 8: a later offer keeps every m= line in its place
    void shouldKeepTheStreamsInPlaceWhenItOffersLater() {
        session.ours(ours(Codec.PCMU, Codec.PCMA));
        answer(Bodies.ASTERISK);
        assertThat(session.offer())
                .contains("m=audio 20000 RTP/AVP 0 8 101\r\n")
                .endsWith("m=video 0 RTP/AVP 99\r\n");
    }

    @Test // section 7: the answerer's first
    void shouldSelectTheFirstOfTheAnswerThatWeOffered() {
        session.ours(ours(Codec.PCMU, Codec.PCMA));
        session.offer();
        assertThat(session.readAnswer(bytes(Bodies.ASTERISK), result)).isTrue();
        assertThat(result.codec(0)).isEqualTo(Codec.PCMA);
        assertThat(result.codecCount()).as("G722 was not offered").isEqualTo(2);
        assertThat(result.telephoneEventPayloadType()).isEqualTo(101);
        assertThat(session.readAnswer(bytes(Bodies.SIPP), result))
                .as("changed in the 200")
                .isTrue();
        assertThat(result.codec(0)).isEqualTo(Codec.PCMU);
        assertThat(result.telephoneEventPayloadType()).isEqualTo(-1);
    }

    @Test
    void shouldRefuseWhenTheAnswerHasNoneOfOurCodecs() {
        session.ours(ours(Codec.G722));
        session.offer();
        assertThat(session.readAnswer(bytes(Bodies.SIPP), result)).isFalse();
        assertThat(session.readAnswer(bytes("v=0\r\no=- 1 1 IN IP4 h\r\n"), result))
                .isFalse();
        assertThat(session.readAnswer(bytes("nonsense"), result)).isFalse();
    }
}
