package io.hookswitch.sip.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8866 as far ends write it. */
class SdpReaderTest {
    private static Sdp read(String body) {
        assertThat(SdpReader.read(body)).isInstanceOf(Sdp.Read.class);
        return ((Sdp.Read) SdpReader.read(body)).sdp();
    }

    private static Sdp.Stream first(String body) {
        return read(body).media().getFirst();
    }

    private static String payloads(Sdp.Stream stream) {
        return stream.payloads().stream()
                .map(each -> each.type() + "=" + each.name() + "/" + each.clockRate())
                .collect(Collectors.joining(" "));
    }

    @Test
    void shouldReadWhatASoftphoneWrites() {
        Sdp.Stream audio = first(Bodies.BARESIP);
        assertThat(audio.port()).isEqualTo(10_452);
        assertThat(audio.rtcpPort()).isEqualTo(10_453);
        assertThat(audio.address().getHostAddress()).isEqualTo("192.0.2.10");
        assertThat(audio.ptimeMs()).isEqualTo(20);
        assertThat(payloads(audio)).isEqualTo("96=opus/48000 0=PCMU/8000 8=PCMA/8000 97=telephone-event/8000");
        assertThat(audio.payloads().getFirst().channels()).isEqualTo(2);
        assertThat(audio.payloads().getFirst().parameters()).isEqualTo("stereo=1;sprop-stereo=1");
        assertThat(audio.telephoneEvent(8000)).isEqualTo(97);
        assertThat(audio.isUsableAudio()).isTrue();
    }

    @Test
    void shouldReadEveryStreamAndIPv6() {
        assertThat(read(Bodies.ASTERISK).media()).hasSize(2);
        assertThat(read(Bodies.ASTERISK).media().get(1).type()).isEqualTo("video");
        Sdp.Stream audio = first(Bodies.FREESWITCH);
        assertThat(audio.address().getHostAddress()).isEqualTo("2001:db8:0:0:0:0:0:40");
        assertThat(audio.rtcpMux()).isTrue();
        assertThat(audio.telephoneEvent(48_000)).isEqualTo(103);
    }

    @Test
    void shouldKeepLongNumbersAndSeeThatABrowserIsNotPlain() {
        assertThat(read(Bodies.BROWSER).origin()).startsWith("- 18446744073709551615 2 ");
        assertThat(first(Bodies.BROWSER).isUsableAudio()).isFalse();
        assertThat(first(Bodies.BROWSER).direction()).isEqualTo(Sdp.SENDS);
    }

    @Test // RFC 3551 section 6
    void shouldKnowStaticTypesWithoutRtpmap() {
        String body = Bodies.lines(
                "v=0", "o=- 1 1 IN IP4 h", "c=IN IP4 192.0.2.1", "m=audio 4000/2 RTP/AVP 8 0 9 18 99 x 128");
        assertThat(payloads(first(body))).isEqualTo("8=PCMA/8000 0=PCMU/8000 9=G722/8000");
        assertThat(first(body).port()).isEqualTo(4000);
    }

    @Test // RFC 8866 section 5.7, 6.7: the stream's own line wins
    void shouldApplyTheSessionsLinesWhereTheStreamHasNone() {
        Sdp sdp = read(Bodies.lines(
                "v=0",
                "o=- 1 1 IN IP4 h",
                "c=IN IP4 192.0.2.1",
                "a=sendonly",
                "a=ptime:30",
                "m=audio 4000 RTP/AVP 0",
                "m=audio 4002 RTP/AVP 0",
                "c=IN IP4 192.0.2.2",
                "a=recvonly",
                "a=ptime:40"));
        assertThat(sdp.media().get(0).direction()).isEqualTo(Sdp.SENDS);
        assertThat(sdp.media().get(0).ptimeMs()).isEqualTo(30);
        assertThat(sdp.media().get(1).direction()).isEqualTo(Sdp.RECEIVES);
        assertThat(sdp.media().get(1).ptimeMs()).isEqualTo(40);
        assertThat(sdp.media().get(1).address().getHostAddress()).isEqualTo("192.0.2.2");
    }

    @Test
    void shouldReadLinesThatEndWithLfOnly() {
        assertThat(payloads(first(Bodies.SIPP.replace("\r\n", "\n")))).isEqualTo("0=PCMU/8000");
        assertThat(payloads(first(Bodies.SIPP.strip()))).isEqualTo("0=PCMU/8000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|empty",
                "garbage|line 1 is not name=value",
                "s=-|does not begin with v=0",
                "v=1|does not begin with v=0",
                "v=0|no o= line",
                "v=0;o=- 1 1 IN IP4|o= line without its six parts",
                "v=0;o=- 1 1 IN IP4 h;m=audio|line 3: m= line without type, port, protocol and format",
                "v=0;o=- 1 1 IN IP4 h;m=audio 99999 RTP/AVP 0|line 3: m= line without type, port, protocol and format",
                "v=0;o=- 1 1 IN IP4 h;m=audio -1 RTP/AVP 0|line 3: m= line without type, port, protocol and format",
                "v=0;o=- 1 1 IN IP4 h;hello|line 3 is not name=value"
            })
    void shouldSayWhyWhenItCannotBeUsed(String body, String reason) {
        assertThat(SdpReader.read(body.replace(";", "\r\n"))).isEqualTo(new Sdp.Unreadable(reason));
    }

    @Test
    void shouldRefuseWhenThereIsTooMuch() {
        String head = "v=0\r\no=- 1 1 IN IP4 h\r\n";
        assertThat(SdpReader.read(head + "a=x\r\n".repeat(1_000))).isInstanceOf(Sdp.Unreadable.class);
        assertThat(SdpReader.read(head + "m=audio 1 RTP/AVP 0\r\n".repeat(33))).isInstanceOf(Sdp.Unreadable.class);
        assertThat(SdpReader.read(new byte[65_537])).isInstanceOf(Sdp.Unreadable.class);
        Sdp.Stream wide = first(head + "m=audio 1 RTP/AVP" + " 0".repeat(500) + "\r\n");
        assertThat(wide.formats()).hasSize(64);
    }

    @Test // a name would have to be looked up
    void shouldHaveNoAddressWhenTheConnectionIsAName() {
        Sdp.Stream audio = first(Bodies.SIPP.replace("c=IN IP4 192.0.2.20", "c=IN IP4 media.example.com"));
        assertThat(audio.address()).isNull();
        assertThat(audio.isUsableAudio()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v=0\r\no=- 1 1 IN IP4 h\r\na=x\0y\r\n", "v=0\r\no=- 1 1 IN IP4 h\r\nm=a 1 b c\rd\r\n"})
    void shouldRefuseWhenALineHasAControlCharacterThatEndsLines(String body) {
        assertThat(SdpReader.read(body)).isInstanceOf(Sdp.Unreadable.class);
    }

    @Test
    void shouldNeverThrowWhenCutAtAnyByte() {
        for (String body : List.of(Bodies.BARESIP, Bodies.SIPP, Bodies.ASTERISK, Bodies.FREESWITCH, Bodies.BROWSER)) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            for (int cut = 0; cut <= bytes.length; cut++) {
                assertThat(SdpReader.read(java.util.Arrays.copyOf(bytes, cut))).isNotNull();
            }
        }
    }

    @Test
    void shouldNeverThrowWhenMutated() {
        Random random = new Random(11);
        String[] seeds = {Bodies.BARESIP, Bodies.ASTERISK, Bodies.FREESWITCH, Bodies.BROWSER};
        String alphabet = "=: \r\n/0189-amcov\0\uffff";
        for (int round = 0; round < 40_000; round++) {
            StringBuilder body = new StringBuilder(seeds[round % seeds.length]);
            for (int i = random.nextInt(8); i >= 0; i--) {
                int at = random.nextInt(body.length());
                switch (random.nextInt(3)) {
                    case 0 -> body.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 1 -> body.deleteCharAt(at);
                    default -> body.insert(at, body.substring(at, Math.min(body.length(), at + random.nextInt(60))));
                }
            }
            assertThat(SdpReader.read(body.toString())).isNotNull();
        }
    }
}
