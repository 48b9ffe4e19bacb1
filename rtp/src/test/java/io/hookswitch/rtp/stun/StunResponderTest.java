package io.hookswitch.rtp.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** RFC 8489 with the vectors of RFC 5769; what is expected of codes is made by the JDK's Mac. */
class StunResponderTest {
    private static final HexFormat HEX = HexFormat.of();
    /** RFC 5769 section 2.1. */
    private static final byte[] REQUEST = HEX.parseHex("000100582112a442b7e7a701bc34d686fa87dfae"
            + "802200105354554e207465737420636c69656e74"
            + "002400046e0001ff"
            + "80290008932ff9b151263b36"
            + "000600096576746a3a68367659202020"
            + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
            + "80280004e57a3bcf");

    private static final int FINGERPRINT_AT = REQUEST.length - 8;

    private static final String TRANSACTION = "b7e7a701bc34d686fa87dfae";
    private static final byte[] UFRAG = ascii("evtj");
    private static final byte[] PASSWORD = ascii("VOkJxbRl1RmTxUk/WvJxBt");
    private static final long SOURCE = 0xFFFF_C000_0201L;
    private static final int PORT = 32_853;

    private final StunResponder responder = new StunResponder();
    private final StunResponder.Session session = new StunResponder.Session();
    private final byte[] bytes = new byte[1500];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);

    StunResponderTest() {
        session.set(UFRAG, PASSWORD);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private int answer(byte[] request) {
        Arrays.fill(bytes, (byte) 0);
        System.arraycopy(request, 0, bytes, 7, request.length);
        return responder.from(0, SOURCE, true, PORT).answer(buffer, 7, request.length, session);
    }

    private String response(int length) {
        return HEX.formatHex(bytes, 7, 7 + length);
    }

    /** A request of ours: attributes behind the header, then integrity and fingerprint of the JDK's. */
    private static byte[] request(String attributes, byte[] password) {
        byte[] more = HEX.parseHex(attributes);
        byte[] made = new byte[20 + more.length + 24 + 8];
        System.arraycopy(HEX.parseHex("000100002112a442" + TRANSACTION), 0, made, 0, 20);
        System.arraycopy(more, 0, made, 20, more.length);
        sign(made, 20 + more.length, password);
        return made;
    }

    private static void sign(byte[] made, int at, byte[] password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(password, "HmacSHA1"));
            length(made, at + 24 - 20);
            mac.update(made, 0, at);
            System.arraycopy(HEX.parseHex("00080014"), 0, made, at, 4);
            System.arraycopy(mac.doFinal(), 0, made, at + 4, 20);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        length(made, at + 32 - 20);
        CRC32 crc = new CRC32();
        crc.update(made, 0, at + 24);
        int sum = (int) crc.getValue() ^ 0x5354554E;
        System.arraycopy(HEX.parseHex("80280004" + "%08x".formatted(sum)), 0, made, at + 24, 8);
    }

    private static void length(byte[] made, int length) {
        made[2] = (byte) (length >>> 8);
        made[3] = (byte) length;
    }

    private static final String USER = "000600096576746a3a68367659000000";

    @Test // RFC 5769 sections 2.1 and 2.2
    void shouldAnswerTheVectorWithTheMappedAddressOfTheVector() {
        int length = answer(REQUEST);

        assertThat(length).isEqualTo(64);
        assertThat(response(length))
                .startsWith("0101002c2112a442" + TRANSACTION + "002000080001a147e112a643" + "00080014");
        assertThat(responder.nominates()).isFalse();
        byte[] expected = new byte[64];
        System.arraycopy(bytes, 7, expected, 0, 32);
        sign(expected, 32, PASSWORD);
        assertThat(response(length)).isEqualTo(HEX.formatHex(expected));
    }

    @Test // RFC 5769 section 2.3 has this address
    void shouldMapAnIpv6Address() {
        System.arraycopy(REQUEST, 0, bytes, 0, REQUEST.length);

        int length = responder
                .from(0x2001_0DB8_1234_5678L, 0x0011_2233_4455_6677L, false, PORT)
                .answer(buffer, 0, REQUEST.length, session);

        assertThat(length).isEqualTo(76);
        assertThat(HEX.formatHex(bytes, 20, 28)).isEqualTo("002000140002a147");
        byte[] clear = Arrays.copyOfRange(bytes, 28, 44);
        byte[] mask = HEX.parseHex("2112a442" + TRANSACTION);
        for (int i = 0; i < clear.length; i++) {
            clear[i] ^= mask[i];
        }
        assertThat(HEX.formatHex(clear)).isEqualTo("20010db8123456780011223344556677");
    }

    @Test // RFC 8445 section 7.1.2
    void shouldTellANomination() {
        assertThat(answer(request(USER + "00250000", PASSWORD))).isEqualTo(64);
        assertThat(responder.nominates()).isTrue();
        assertThat(answer(request(USER, PASSWORD))).isEqualTo(64);
        assertThat(responder.nominates()).isFalse();
    }

    @Test // RFC 8489 section 14.5
    void shouldNotBelieveWhatComesBehindTheIntegrity() {
        byte[] signed = request(USER, PASSWORD);
        byte[] more = Arrays.copyOf(signed, signed.length - 4);
        System.arraycopy(HEX.parseHex("00250000"), 0, more, signed.length - 8, 4);
        length(more, more.length - 20);

        assertThat(answer(more)).isEqualTo(64);
        assertThat(responder.nominates()).isFalse();
    }

    @Test
    void shouldNotAnswerWhoDoesNotKnowThePassword() {
        byte[] wrong = request(USER, ascii("VOkJxbRl1RmTxUk/WvJxBu"));
        assertThat(answer(wrong)).isEqualTo(StunResponder.NOT_PROVEN);
        assertThat(response(wrong.length)).isEqualTo(HEX.formatHex(wrong));
        assertThat(answer(request("000600096576746b3a68367659000000", PASSWORD)))
                .isEqualTo(StunResponder.NOT_PROVEN);
        assertThat(answer(request("000600046576746a", PASSWORD))).isEqualTo(StunResponder.NOT_PROVEN);
        assertThat(answer(request("", PASSWORD))).isEqualTo(StunResponder.NOT_PROVEN);
        byte[] unsigned = HEX.parseHex("000100102112a442" + TRANSACTION + USER);
        assertThat(answer(unsigned)).isEqualTo(StunResponder.NOT_PROVEN);
    }

    @Test
    void shouldAnswerNothingButRequests() {
        byte[] indication = request(USER, PASSWORD);
        indication[1] = 0x11;
        assertThat(answer(indication)).isEqualTo(StunResponder.NO_REQUEST);
    }

    @Test // RFC 8489 section 6.3.1
    void shouldNameAnAttributeThatItWouldHaveToKnow() {
        int length = answer(request(USER + "7ffe0004" + "00000000" + "00250000", PASSWORD));

        assertThat(response(length))
                .startsWith("011100302112a442" + TRANSACTION + "0009000400000414" + "000a00047ffe7ffe" + "00080014");
        assertThat(responder.nominates()).isFalse();
    }

    @Test
    void shouldRefuseEveryCutAndEveryChangedBit() {
        for (int length = 0; length < REQUEST.length; length++) {
            assertThat(answer(Arrays.copyOf(REQUEST, length)))
                    .as("%s bytes", length)
                    .isNegative();
        }
        for (int bit = 0; bit < REQUEST.length * 8; bit++) {
            if (bit / 8 == FINGERPRINT_AT || bit / 8 == FINGERPRINT_AT + 1) {
                // Another attribute then, behind the integrity, and nobody has to know it.
                continue;
            }
            byte[] changed = REQUEST.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(answer(changed)).as("bit %s", bit).isNegative();
        }
    }

    @Test
    void shouldStandAnything() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200_000; i++) {
            byte[] some = REQUEST.clone();
            for (int j = random.nextInt(1, 12); j > 0; j--) {
                some[random.nextInt(some.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(some, random.nextInt(3, some.length / 4 + 1) * 4);
            if (random.nextBoolean()) {
                length(cut, cut.length - 20);
            }
            // The length is not covered as it is, but as it was in front of the fingerprint.
            System.arraycopy(REQUEST, 2, some, 2, 2);
            boolean isProven =
                    cut.length >= FINGERPRINT_AT && Arrays.equals(some, 0, FINGERPRINT_AT, REQUEST, 0, FINGERPRINT_AT);
            assertThat(answer(cut) < 0 || isProven).isTrue();
        }
    }
}
