package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class RtcpTest {
    /** SR with one block, SDES with CNAME and a second item, BYE with a reason: laid out by hand from the RFC. */
    private static final String COMPOUND = "81c8000c 11111111 83aa7e80 80000000 00001f40 00000032 00001f40"
            + " 22222222 40fffffe 00010005 00000007 7e808000 00010000"
            + " 81ca0004 11111111 0105 616c696365 0202 4162 00"
            + " 81cb0003 11111111 06 6279652e2e2e 00";

    private final RtcpReader reader = new RtcpReader();
    private final RtcpWriter writer = new RtcpWriter();

    private static UnsafeBuffer bytes(String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private boolean wrap(String hex) {
        UnsafeBuffer buffer = bytes(hex);
        return reader.wrap(buffer, 0, buffer.capacity());
    }

    @Test // RFC 3550 sections 6.4.1, 6.5 and 6.6
    void shouldReadEveryFieldWhenTheCompoundIsValid() {
        UnsafeBuffer buffer = bytes(COMPOUND);
        assertThat(reader.wrap(buffer, 0, buffer.capacity())).isTrue();
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(RtcpReader.SENDER_REPORT);
        assertThat(reader.senderSsrc()).isEqualTo(0x1111_1111);
        assertThat(reader.ntp()).isEqualTo(0x83AA_7E80_8000_0000L);
        assertThat(reader.ntpMiddle()).isEqualTo(0x7E80_8000);
        assertThat(reader.rtpTimestamp()).isEqualTo(8000);
        assertThat(reader.packetsSent()).isEqualTo(50);
        assertThat(reader.octetsSent()).isEqualTo(8000);
        assertThat(reader.count()).isEqualTo(1);
        assertThat(reader.blockSsrc(0)).isEqualTo(0x2222_2222);
        assertThat(reader.fractionLost(0)).isEqualTo(64);
        assertThat(reader.cumulativeLost(0)).isEqualTo(-2);
        assertThat(reader.extendedHighestSequence(0)).isEqualTo(0x1_0005);
        assertThat(reader.jitterTicks(0)).isEqualTo(7);
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(RtcpReader.SOURCE_DESCRIPTION);
        int cname = reader.cnameOffset();
        assertThat(buffer.getStringWithoutLengthAscii(cname, reader.cnameLength(cname)))
                .isEqualTo("alice");
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(RtcpReader.BYE);
        assertThat(reader.byeSsrc(0)).isEqualTo(0x1111_1111);
        assertThat(reader.next()).isFalse();
    }

    @Test // RFC 3550 section 6.4.1, figure 2
    void shouldGiveTheRoundTripOfTheRfcWhenItsExampleIsRead() {
        // A = 0xb710:8000 (46864.500 s), DLSR = 0x0005:4000 (5.250 s), LSR = 0xb705:2000 (46853.125 s): 6.125 s
        assertThat(wrap("81c90007 00000001 00000002 00000000 00000000 00000000 b7052000 00054000"))
                .isTrue();
        reader.next();
        assertThat(reader.roundTripNs(0, 0xB710_8000)).isEqualTo(6_125_000_000L);
        assertThat(reader.roundTripNs(0, 0xB705_0000)).isEqualTo(-1L);
        assertThat(wrap("81c90007 00000001 00000002 00000000 00000000 00000000 00000000 00000000"))
                .isTrue();
        reader.next();
        assertThat(reader.roundTripNs(0, 0xB710_8000)).isEqualTo(-1L);
    }

    @Test // RFC 3550 appendix A.2
    void shouldRefuseWhenTheCompoundIsNotValid() {
        assertThat(wrap("81ca0003 11111111 0105616c 69636500"))
                .as("first is no report")
                .isFalse();
        assertThat(wrap("a0c90002 11111111 00000004"))
                .as("padding in the first")
                .isFalse();
        assertThat(wrap("40c90001 11111111")).as("version 1").isFalse();
        assertThat(wrap("80c90002 11111111")).as("longer than the datagram").isFalse();
        assertThat(wrap("80c90001 11111111 00000000")).as("rest is no packet").isFalse();
        assertThat(wrap("81c90001 11111111")).as("a block is missing").isFalse();
        assertThat(wrap("80c80001 11111111")).as("sender info is missing").isFalse();
        assertThat(wrap("80c90001 11111111 81cb0000")).as("a source is missing").isFalse();
        assertThat(wrap("80c90001 11111111 81cb0002 11111111 04414141"))
                .as("reason is cut")
                .isFalse();
        assertThat(wrap("80c90001 11111111 81ca0002 11111111 01034141"))
                .as("item is cut")
                .isFalse();
        assertThat(wrap("80c90001 11111111 81ca0002 11111111 01024141"))
                .as("items do not end")
                .isFalse();
        assertThat(wrap("80c90001 11111111 a1cb0002 11111111 00000000"))
                .as("padding of 0")
                .isFalse();
        assertThat(wrap("80c90001 11111111 a1cb0002 11111111 00000008"))
                .as("padding over a source")
                .isFalse();
        assertThat(wrap("80c90001 11111111 a1cb0002 11111111 00000003"))
                .as("padding of 3")
                .isFalse();
        assertThat(wrap("80c90001 11111111 a1cb0002 11111111 00000004 81cb0001 00000004"))
                .as("padding before the last")
                .isFalse();
        assertThat(reader.next()).isFalse();
        assertThat(wrap("80c90001 11111111 a1cb0002 11111111 00000004"))
                .as("padding in the last")
                .isTrue();
        assertThat(wrap("80c90001 11111111 80cc0001 11111111"))
                .as("a type not known here")
                .isTrue();
    }

    @Test
    void shouldNeverReadOutsideWhenCutAtEveryByte() {
        byte[] whole = bytes(COMPOUND).byteArray();
        for (int length = 0; length <= whole.length; length++) {
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[Math.max(length, 1)]);
            buffer.putBytes(0, whole, 0, length);
            boolean atPacketEnd = length == 52 || length == 72 || length == 88;
            assertThat(reader.wrap(buffer, 0, length)).as("length %d", length).isEqualTo(atPacketEnd);
            readAll();
        }
    }

    @Test
    void shouldNeverReadOutsideWhenBytesAreDamaged() {
        Random random = new Random(5);
        byte[] whole = bytes(COMPOUND).byteArray();
        int valid = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] damaged = whole.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            if (reader.wrap(new UnsafeBuffer(damaged), 0, damaged.length)) {
                valid++;
                readAll();
            }
        }
        assertThat(valid).isBetween(1000, 199_000);
    }

    private void readAll() {
        while (reader.next()) {
            if (reader.isReport()) {
                for (int block = 0; block < reader.count(); block++) {
                    reader.delaySinceLastSenderReport(block);
                    reader.roundTripNs(block, 1);
                }
            } else if (reader.type() == RtcpReader.SOURCE_DESCRIPTION && reader.cnameOffset() >= 0) {
                assertThat(reader.cnameLength(reader.cnameOffset())).isBetween(0, 255);
            } else if (reader.type() == RtcpReader.BYE) {
                for (int source = 0; source < reader.count(); source++) {
                    reader.byeSsrc(source);
                }
            }
        }
    }

    @Test
    void shouldWriteTheSameBytesWhenBuiltFromTheSameValues() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[200]);
        buffer.setMemory(0, 200, (byte) 0xEE);
        UnsafeBuffer name = new UnsafeBuffer("alice".getBytes(StandardCharsets.US_ASCII));
        writer.wrap(buffer, 4, 196);
        assertThat(writer.senderReport(0x1111_1111, 0x83AA_7E80_8000_0000L, 8000, 50, 8000))
                .isTrue();
        assertThat(writer.reportBlock(0x2222_2222, 64, -2L, 0x1_0005, 7, 0x7E80_8000, 0x1_0000))
                .isTrue();
        assertThat(writer.cname(0x1111_1111, name, 0, 5)).isTrue();
        assertThat(writer.bye(0x1111_1111)).isTrue();
        byte[] written = new byte[writer.lengthBytes()];
        buffer.getBytes(4, written);
        assertThat(HexFormat.of().formatHex(written))
                .isEqualTo((COMPOUND.substring(0, COMPOUND.indexOf(" 81ca"))
                                + " 81ca0003 11111111 0105 616c696365 00 81cb0001 11111111")
                        .replace(" ", ""));
        assertThat(reader.wrap(buffer, 4, written.length)).isTrue();
    }

    @Test
    void shouldHoldLossWithin24BitsWhenItIsLarger() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        writer.wrap(buffer, 0, 64).receiverReport(1);
        writer.reportBlock(2, 255, 99_999_999L, 0, 0, 0, 0);
        writer.reportBlock(2, 0, -99_999_999L, 0, 0, 0, 0);
        reader.wrap(buffer, 0, writer.lengthBytes());
        reader.next();
        assertThat(reader.cumulativeLost(0)).isEqualTo(0x7F_FFFF);
        assertThat(reader.cumulativeLost(1)).isEqualTo(-0x80_0000);
        assertThat(reader.fractionLost(0)).isEqualTo(255);
    }

    @Test
    void shouldWriteNothingWhenThereIsNoRoom() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[200]);
        UnsafeBuffer name = new UnsafeBuffer(new byte[300]);
        for (int capacity = 0; capacity < 28 + 24 + 16 + 8; capacity++) {
            writer.wrap(buffer, 0, capacity);
            boolean all = writer.senderReport(1, 2, 3, 4, 5)
                    && writer.reportBlock(2, 0, 0L, 0, 0, 0, 0)
                    && writer.cname(1, name, 0, 5)
                    && writer.bye(1);
            assertThat(all).isFalse();
            assertThat(writer.lengthBytes()).isLessThanOrEqualTo(capacity);
        }
        assertThat(writer.wrap(buffer, 0, 200).reportBlock(2, 0, 0L, 0, 0, 0, 0))
                .isFalse();
        assertThat(writer.receiverReport(1)).isTrue();
        assertThat(writer.cname(1, name, 0, 256)).isFalse();
        for (int length = 0; length < 20; length++) {
            writer.wrap(buffer, 0, 200).receiverReport(1);
            assertThat(writer.cname(1, name, 0, length)).isTrue();
            assertThat(reader.wrap(buffer, 0, writer.lengthBytes()))
                    .as("name of %d", length)
                    .isTrue();
        }
    }

    @Test
    void shouldMeasureTheRoundTripWhenTwoLegsReportToEachOther() {
        Leg alice = new Leg(0xAAAA);
        Leg bob = new Leg(0xBBBB);
        long second = 1_000_000_000L;
        bob.hears(alice, 10, 3);
        alice.reportsTo(bob, 100 * second, 100 * second + 30_000_000L);
        bob.reportsTo(alice, 102 * second, 102 * second + 50_000_000L);
        assertThat(alice.reports.roundTripNs()).isBetween(79_900_000L, 80_100_000L);
        assertThat(alice.reports.farFractionLost()).isEqualTo(256 / 10);
        assertThat(alice.reports.farCumulativeLost()).isEqualTo(1);
        assertThat(bob.reports.roundTripNs()).isZero();
        assertThat(alice.lastType).isEqualTo(RtcpReader.SENDER_REPORT);
        assertThat(bob.lastType).isEqualTo(RtcpReader.RECEIVER_REPORT);
        alice.reportsTo(bob, 105 * second, 105 * second);
        assertThat(alice.lastType).isEqualTo(RtcpReader.RECEIVER_REPORT);
    }

    /** One end: its records and the wire in between, clocks equal. */
    private static final class Leg {
        private static final UnsafeBuffer NAME = new UnsafeBuffer("leg@hookswitch".getBytes(StandardCharsets.US_ASCII));
        private final UnsafeBuffer records = new UnsafeBuffer(new byte[256]);
        private final RtcpLegReports reports = new RtcpLegReports().wrap(records, 0);
        private final RtpReceiveStatistics statistics = new RtpReceiveStatistics().wrap(records, 64);
        private final RtpStreamRewrite stream = new RtpStreamRewrite().wrap(records, 128);
        private int lastType;

        private Leg(int ssrc) {
            stream.start(ssrc, 0, 0, 8000);
        }

        private void hears(Leg from, int packets, int lostNumber) {
            for (int i = -1; i < packets; i++) {
                from.reports.onSent(160);
                if (i != lostNumber) {
                    statistics.onPacket(from.stream.ssrc(), i & 0xFFFF, i * 160, i * 160);
                }
            }
        }

        private void reportsTo(Leg other, long sentNs, long arrivesNs) {
            UnsafeBuffer wire = new UnsafeBuffer(new byte[RtcpLegReports.MAX_REPORT_LENGTH]);
            RtcpWriter writer = new RtcpWriter().wrap(wire, 0, wire.capacity());
            assertThat(reports.write(writer, stream, statistics, sentNs, RtpClock.ntp(sentNs), NAME, NAME.capacity()))
                    .isTrue();
            lastType = wire.getByte(1) & 0xFF;
            RtcpReader reader = new RtcpReader();
            assertThat(reader.wrap(wire, 0, writer.lengthBytes())).isTrue();
            other.reports.onReceived(reader, other.stream.ssrc(), arrivesNs, RtpClock.ntp(arrivesNs));
        }
    }
}
