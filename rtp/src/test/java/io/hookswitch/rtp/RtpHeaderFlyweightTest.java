package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class RtpHeaderFlyweightTest {
    private static final String PLAIN = "8008 1234 00000140 deadbeef 0102030405060708";
    /** Two CSRC, an extension of one word (profile 0xBEDE, RFC 8285), four bytes of padding. */
    private static final String FULL =
            "b280 ffff 80000000 cafebabe 00000001 00000002 bede0001 10ff0000 aabbccdd 00000004";

    private final RtpHeaderFlyweight packet = new RtpHeaderFlyweight();

    private static UnsafeBuffer bytes(String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test // RFC 3550 section 5.1
    void shouldReadEveryFieldWhenHeaderIsPlain() {
        UnsafeBuffer buffer = bytes(PLAIN);
        assertThat(packet.wrap(buffer, 0, buffer.capacity())).isEqualTo(12);
        assertThat(packet.payloadType()).isEqualTo(8);
        assertThat(packet.marker()).isFalse();
        assertThat(packet.sequence()).isEqualTo(0x1234);
        assertThat(packet.timestamp()).isEqualTo(320);
        assertThat(packet.ssrc()).isEqualTo(0xDEADBEEF);
        assertThat(packet.payloadOffset()).isEqualTo(12);
        assertThat(packet.payloadLength()).isEqualTo(8);
    }

    @Test // RFC 3550 sections 5.1 and 5.3.1
    void shouldFindThePayloadWhenSourcesExtensionAndPaddingSurroundIt() {
        UnsafeBuffer buffer = bytes(FULL);
        assertThat(packet.wrap(buffer, 0, buffer.capacity())).isEqualTo(28);
        assertThat(packet.marker()).isTrue();
        assertThat(packet.payloadType()).isZero();
        assertThat(packet.sequence()).isEqualTo(0xFFFF);
        assertThat(packet.payloadLength()).isEqualTo(4);
        assertThat(buffer.getInt(packet.payloadOffset(), java.nio.ByteOrder.BIG_ENDIAN))
                .isEqualTo(0xAABBCCDD);
    }

    @Test
    void shouldChangeOnlyItsFieldWhenOneIsRewritten() {
        UnsafeBuffer buffer = bytes(PLAIN);
        packet.wrap(buffer, 0, buffer.capacity());
        packet.marker(true).payloadType(101).sequence(0x1_0001).timestamp(-1).ssrc(7);
        assertThat(buffer.byteArray())
                .isEqualTo(bytes("80e5 0001 ffffffff 00000007 0102030405060708").byteArray());
        packet.marker(false);
        assertThat(packet.payloadType()).isEqualTo(101);
        assertThat(packet.marker()).isFalse();
    }

    @Test
    void shouldWriteAHeaderWhenABeginOverOldBytes() {
        UnsafeBuffer buffer = bytes("ffffffffffffffffffffffffffffffff");
        packet.begin(buffer, 0, 16).payloadType(0).sequence(1).timestamp(2).ssrc(3);
        assertThat(buffer.byteArray())
                .isEqualTo(bytes("8000 0001 00000002 00000003 ffffffff").byteArray());
        assertThat(packet.payloadLength()).isEqualTo(4);
    }

    @Test
    void shouldRefuseOrStayInsideWhenCutAtEveryByte() {
        byte[] whole = bytes(FULL).byteArray();
        for (int length = 0; length <= whole.length; length++) {
            // A buffer of exactly that many bytes: reading past it would throw.
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[Math.max(length, 1)]);
            buffer.putBytes(0, whole, 0, length);
            int header = packet.wrap(buffer, 0, length);
            if (length < 28) {
                assertThat(header).as("length %d", length).isEqualTo(RtpHeaderFlyweight.NOT_RTP);
            } else if (header != RtpHeaderFlyweight.NOT_RTP) {
                assertThat(packet.payloadOffset() + packet.payloadLength()).isLessThanOrEqualTo(length);
                assertThat(packet.payloadLength()).isNotNegative();
            }
        }
    }

    @Test
    void shouldRefuseWhenVersionLengthOrPaddingIsWrong() {
        assertThat(wrap("4008 1234 00000140 deadbeef")).isEqualTo(RtpHeaderFlyweight.NOT_RTP);
        assertThat(wrap("a008 1234 00000140 deadbeef 0100")).isEqualTo(RtpHeaderFlyweight.NOT_RTP);
        assertThat(wrap("a008 1234 00000140 deadbeef 0103")).isEqualTo(RtpHeaderFlyweight.NOT_RTP);
        assertThat(wrap("a008 1234 00000140 deadbeef 0102")).isEqualTo(12);
        assertThat(packet.payloadLength()).isZero();
        assertThat(wrap("9008 1234 00000140 deadbeef bedeffff 00000000")).isEqualTo(RtpHeaderFlyweight.NOT_RTP);
    }

    private int wrap(String hex) {
        UnsafeBuffer buffer = bytes(hex);
        return packet.wrap(buffer, 0, buffer.capacity());
    }

    @Test
    void shouldNeverReadOutsideWhenBytesAreRandom() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(64)];
            random.nextBytes(bytes);
            bytes[0] = (byte) (0x80 | bytes[0] & 0x3F);
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            if (packet.wrap(buffer, 0, bytes.length) != RtpHeaderFlyweight.NOT_RTP) {
                assertThat(packet.payloadOffset()).isBetween(12, bytes.length);
                assertThat(packet.payloadLength()).isBetween(0, bytes.length - 12);
            }
        }
    }

    @Test // RFC 5761 section 4
    void shouldTellRtcpFromRtpWhenBothShareAPort() {
        assertThat(RtpHeaderFlyweight.isRtcp(bytes("80c8"), 0, 2)).isTrue();
        assertThat(RtpHeaderFlyweight.isRtcp(bytes("80cb"), 0, 2)).isTrue();
        assertThat(RtpHeaderFlyweight.isRtcp(bytes("8000"), 0, 2)).isFalse();
        assertThat(RtpHeaderFlyweight.isRtcp(bytes("80e5"), 0, 2)).isFalse();
        assertThat(RtpHeaderFlyweight.isRtcp(bytes("80c8"), 0, 1)).isFalse();
    }

    @Test
    void shouldCompareAcrossTheWrapWhenSequencesAreCompared() {
        assertThat(SequenceMath.isNewer(0, 65535)).isTrue();
        assertThat(SequenceMath.isNewer(65535, 0)).isFalse();
        assertThat(SequenceMath.isNewer(5, 5)).isFalse();
        assertThat(SequenceMath.distance(65530, 4)).isEqualTo(10);
        assertThat(SequenceMath.distance(4, 65530)).isEqualTo(-10);
        assertThat(SequenceMath.next(65535)).isZero();
        assertThat(SequenceMath.add(3, -5)).isEqualTo(65534);
        assertThat(SequenceMath.timestampDistance(-160, 160)).isEqualTo(320);
    }

    @Test // RFC 3550 section 4
    void shouldConvertTimesWhenRtpAndNtpAreAsked() {
        assertThat(RtpClock.ticks(20_000_000L, 8000)).isEqualTo(160);
        assertThat(RtpClock.ticksLong(Long.MAX_VALUE, 48_000)).isEqualTo(442_721_857_769_029L);
        assertThat(RtpClock.ntp(500_000_000L)).isEqualTo(2_208_988_800L << 32 | 0x8000_0000L);
        assertThat(RtpClock.ntpMiddle(0x1111_2222_3333_4444L)).isEqualTo(0x2222_3333);
        assertThat(RtpClock.ntpShort(1_500_000_000L)).isEqualTo(0x1_8000);
    }
}
