package io.hookswitch.rtp;

import static io.hookswitch.rtp.RtpStreamRewrite.DROP_LATE;
import static io.hookswitch.rtp.RtpStreamRewrite.DROP_UNMAPPED;
import static io.hookswitch.rtp.RtpStreamRewrite.FORWARD;
import static io.hookswitch.rtp.RtpStreamRewrite.FORWARD_SWITCHED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RtpStreamRewriteTest {
    private static final int OURS = 0xA0A0_A0A0;
    private static final int ALICE = 1;
    private static final int BOB = 2;
    private static final long MS = 1_000_000L;

    private final UnsafeBuffer records = new UnsafeBuffer(new byte[2 * RtpStreamRewrite.RECORD_LENGTH]);
    private final RtpStreamRewrite stream = new RtpStreamRewrite().wrap(records, RtpStreamRewrite.RECORD_LENGTH);
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[172]);
    private final RtpHeaderFlyweight packet = new RtpHeaderFlyweight();

    @BeforeEach
    void start() {
        stream.start(OURS, 65_535, -160, 8000);
        stream.map(0, 0);
        stream.map(96, 101);
    }

    private int rewrite(int ssrc, int payloadType, int sequence, int timestamp, long nowNs) {
        packet.begin(bytes, 0, bytes.capacity())
                .ssrc(ssrc)
                .payloadType(payloadType)
                .sequence(sequence)
                .timestamp(timestamp);
        return stream.rewrite(packet, nowNs);
    }

    private void assertOut(int sequence, int timestamp, boolean marker) {
        assertThat(packet.ssrc()).isEqualTo(OURS);
        assertThat(packet.sequence()).isEqualTo(sequence);
        assertThat(packet.timestamp()).isEqualTo(timestamp);
        assertThat(packet.marker()).isEqualTo(marker);
    }

    @Test
    void shouldBeginWhereToldWhenTheFirstPacketComes() {
        assertThat(stream.started()).isFalse();
        assertThat(rewrite(ALICE, 0, 500, 9000, 0)).isEqualTo(FORWARD_SWITCHED);
        assertOut(65_535, -160, true);
        assertThat(rewrite(ALICE, 0, 501, 9160, 20 * MS)).isEqualTo(FORWARD);
        assertOut(0, 0, false);
        assertThat(stream.lastSequence()).isZero();
        assertThat(stream.timestampAt(30 * MS)).isEqualTo(80);
    }

    @Test
    void shouldKeepGapsAndOrderWhenTheSourceLosesAndReorders() {
        rewrite(ALICE, 0, 500, 9000, 0);
        assertThat(rewrite(ALICE, 0, 503, 9480, 60 * MS)).isEqualTo(FORWARD);
        assertOut(2, 320, false);
        assertThat(rewrite(ALICE, 0, 502, 9320, 61 * MS)).isEqualTo(FORWARD);
        assertOut(1, 160, false);
        assertThat(stream.lastSequence()).isEqualTo(2);
    }

    @Test
    void shouldMapPayloadTypesAndKeepTheMarkerWhenMapped() {
        rewrite(ALICE, 0, 500, 9000, 0);
        packet.begin(bytes, 0, 16)
                .ssrc(ALICE)
                .payloadType(96)
                .marker(true)
                .sequence(501)
                .timestamp(9160);
        assertThat(stream.rewrite(packet, 20 * MS)).isEqualTo(FORWARD);
        assertThat(packet.payloadType()).isEqualTo(101);
        assertThat(packet.marker()).isTrue();
        byte[] before = bytes.byteArray().clone();
        packet.payloadType(13);
        before[1] = bytes.getByte(1);
        assertThat(stream.rewrite(packet, 20 * MS)).isEqualTo(DROP_UNMAPPED);
        assertThat(bytes.byteArray()).isEqualTo(before);
        stream.clearMap();
        assertThat(stream.mapped(0)).isEqualTo(-1);
        for (int i = 0; i < RtpStreamRewrite.MAP_LENGTH; i++) {
            assertThat(stream.map(i, i)).isTrue();
        }
        assertThat(stream.map(3, 30)).isTrue();
        assertThat(stream.map(99, 99)).isFalse();
        assertThat(stream.mapped(3)).isEqualTo(30);
    }

    @Test
    void shouldGoOnByElapsedTimeWhenTheSsrcChanges() {
        rewrite(ALICE, 0, 500, 9000, 0);
        rewrite(ALICE, 0, 501, 9160, 20 * MS);
        assertThat(rewrite(BOB, 0, 40_000, 77, 520 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(1, 4000, true);
        assertThat(rewrite(BOB, 0, 40_001, 237, 540 * MS)).isEqualTo(FORWARD);
        assertOut(2, 4160, false);
    }

    @Test
    void shouldGoOnWhenSequenceRestartsUnderTheSameSsrc() {
        rewrite(ALICE, 0, 500, 9000, 0);
        assertThat(rewrite(ALICE, 0, 30_000, 123_456, 20 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(0, 0, true);
    }

    @Test
    void shouldGoOnWhenTheBridgeNamesAnotherSourceOfTheSameNumbers() {
        rewrite(ALICE, 0, 500, 9000, 0);
        stream.sourceChanged();
        assertThat(rewrite(ALICE, 0, 500, 9000, 20 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(0, 0, true);
        assertThat(rewrite(ALICE, 0, 501, 9160, 40 * MS)).isEqualTo(FORWARD);
    }

    @Test
    void shouldAdvanceTheTimestampWhenTwoSourcesMeetInTheSameInstant() {
        rewrite(ALICE, 0, 500, 9000, 0);
        assertThat(rewrite(BOB, 0, 1, 1, 0)).isEqualTo(FORWARD_SWITCHED);
        assertOut(0, -159, true);
        assertThat(rewrite(7, 0, 1, 1, 1)).isEqualTo(FORWARD_SWITCHED);
        assertOut(1, -158, true);
    }

    @Test
    void shouldDropStragglersWhenTheyBelongBeforeTheSwitch() {
        rewrite(ALICE, 0, 500, 9000, 0);
        rewrite(ALICE, 0, 501, 9160, 20 * MS);
        rewrite(BOB, 0, 40_000, 77, 40 * MS);
        assertThat(rewrite(ALICE, 0, 501, 9160, 41 * MS)).isEqualTo(DROP_LATE);
        assertThat(rewrite(BOB, 0, 39_999, 0, 42 * MS)).isEqualTo(DROP_LATE);
        assertThat(rewrite(BOB, 0, 40_001, 237, 60 * MS)).isEqualTo(FORWARD);
        // It speaks again: not a straggler but a switch back.
        assertThat(rewrite(ALICE, 0, 502, 9320, 80 * MS)).isEqualTo(FORWARD_SWITCHED);
    }

    @Test
    void shouldAcceptLatePacketsAgainWhenTheSwitchIsLongPast() {
        rewrite(ALICE, 0, 1000, 0, 0);
        for (int i = 1; i <= 65_536 + 50; i++) {
            rewrite(ALICE, 0, 1000 + i, i * 160, i * 20L * MS);
        }
        assertThat(rewrite(ALICE, 0, 990, 0, 0)).isEqualTo(FORWARD);
    }

    @Test // RFC 4733 section 2.1: packets of an event carry the timestamp of its start
    void shouldCountElapsedTimeFromTheEventWhenTheSourceEndsInOne() {
        rewrite(ALICE, 0, 500, 9000, 0);
        for (int i = 1; i <= 5; i++) {
            rewrite(ALICE, 96, 500 + i, 9160, i * 20L * MS);
        }
        assertThat(rewrite(BOB, 0, 1, 1, 220 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(5, 1600, true);
    }

    @Test
    void shouldCountElapsedTimeFromTheAudioWhenAnOldEventIsInterleaved() {
        rewrite(ALICE, 96, 500, 9000, 0);
        rewrite(ALICE, 0, 501, 9160, 20 * MS);
        rewrite(ALICE, 96, 502, 9000, 40 * MS);
        assertThat(rewrite(BOB, 0, 1, 1, 60 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(2, -160 + 160 + 320, true);
    }

    @Test
    void shouldFollowTheClockWhenItJumpsFarBackWithinTheSequence() {
        rewrite(ALICE, 0, 500, 9_000_000, 0);
        rewrite(ALICE, 0, 501, 160, 20 * MS);
        assertThat(stream.timestampAt(40 * MS)).isEqualTo(-160 + 160 - 9_000_000 + 160);
    }

    @Test
    void shouldNeverRepeatANumberForAnotherPacketWhenSourcesSwitchAtRandom() {
        Random random = new Random(11);
        Map<Integer, Long> given = new HashMap<>();
        int[] sequence = {random.nextInt(65_536), random.nextInt(65_536), random.nextInt(65_536)};
        int[] timestamp = {random.nextInt(), random.nextInt(), random.nextInt()};
        int source = 0;
        int sent = 0;
        for (int i = 0; i < 50_000; i++) {
            if (random.nextInt(50) == 0) {
                source = random.nextInt(3);
            }
            if (random.nextInt(500) == 0) {
                sequence[source] = random.nextInt(65_536);
                timestamp[source] = random.nextInt();
            }
            int back = random.nextInt(20) == 0 ? random.nextInt(10) : 0;
            int in = (sequence[source] - back) & 0xFFFF;
            if (rewrite(source + 1, 0, in, timestamp[source] - back * 160, i * 20L * MS) >= 0) {
                sent++;
                long identity = (long) source << 48 | (long) (timestamp[source] - back * 160) & 0xFFFF_FFFFL;
                // Looked back no farther than half a cycle.
                Long before = given.put(packet.sequence(), identity);
                assertThat(before == null || before == identity || sent > 20_000)
                        .isTrue();
            }
            sequence[source] = SequenceMath.next(sequence[source]);
            timestamp[source] += 160;
        }
        assertThat(sent).isGreaterThan(45_000);
    }

    @Test
    void shouldBeginWithOurPacketWhenNoSourceHasSentYet() {
        assertThat(stream.nextTimestamp(7 * MS)).isEqualTo(-160);
        assertThat(stream.insert(7 * MS)).isEqualTo(65_535);
        assertThat(stream.insert(27 * MS)).isZero();
        assertThat(stream.nextTimestamp(47 * MS)).isEqualTo(160);
        assertThat(rewrite(ALICE, 0, 500, 9000, 67 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(1, 320, true);
        assertThat(stream.insert(70 * MS)).isEqualTo(2);
        assertThat(rewrite(ALICE, 0, 500, 9000, 71 * MS))
                .as("its number is taken")
                .isEqualTo(DROP_LATE);
        assertThat(rewrite(ALICE, 0, 501, 9160, 87 * MS)).isEqualTo(FORWARD);
        assertOut(3, 480, false);
    }

    @Test
    void shouldKeepItsClockAndLeaveNoHoleWhenPacketsOfTheSourceAreWithheld() {
        rewrite(ALICE, 0, 500, 9000, 0);
        for (int i = 1; i <= 10; i++) {
            packet.begin(bytes, 0, 172).ssrc(ALICE).sequence(500 + i).timestamp(9000 + i * 160);
            stream.withhold(packet, i * 20 * MS);
        }
        assertThat(rewrite(ALICE, 0, 505, 9800, 215 * MS)).isEqualTo(DROP_LATE);
        assertThat(rewrite(ALICE, 0, 511, 10_760, 220 * MS)).isEqualTo(FORWARD);
        assertOut(0, -160 + 11 * 160, false);
    }

    @Test
    void shouldFollowBehindAllThatOurPacketCarriesWhenTheSourceComesBackSoonOrLate() {
        rewrite(ALICE, 0, 500, 9000, 0);
        stream.sourceChanged();
        for (int i = 1; i <= 10; i++) {
            assertThat(stream.insert(i * 20 * MS)).isEqualTo(i - 1);
            assertThat(stream.nextTimestamp(i * 20 * MS)).isEqualTo(-160 + i * 160);
            stream.covered(-160 + i * 160, 160, i * 20 * MS);
        }
        assertThat(stream.timestampAt(400 * MS)).isEqualTo(-160 + 20 * 160);
        assertThat(rewrite(ALICE, 0, 511, 10_760, 203 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(10, -160 + 11 * 160, true);
        stream.sourceChanged();
        stream.insert(220 * MS);
        stream.covered(5000, 160, 220 * MS);
        assertThat(rewrite(ALICE, 0, 512, 10_920, 320 * MS)).isEqualTo(FORWARD_SWITCHED);
        assertOut(12, 5000 + 800, true);
    }

    @Test
    void shouldLeaveNoHoleAndRepeatNoNumberWhenPacketsAreInsertedAndWithheldAtRandom() {
        for (int seed = 0; seed < 40; seed++) {
            insertAndWithhold(new Random(seed), seed % 2 == 1);
        }
    }

    private void insertAndWithhold(Random random, boolean disorders) {
        start();
        Map<Integer, Integer> given = new HashMap<>();
        int source = random.nextInt(65_536);
        int last = -1;
        boolean withholds = false;
        for (int i = 1; i < 5000; i++) {
            withholds ^= random.nextInt(20) == 0;
            int out = -1;
            int identity = -i;
            if (random.nextInt(4) == 0) {
                out = stream.insert(i * 20L * MS);
            } else {
                source += disorders && random.nextInt(30) == 0 ? 2 : 1;
                int in = disorders && random.nextInt(10) == 0 ? source - random.nextInt(5) : source;
                identity = in;
                if (withholds) {
                    packet.begin(bytes, 0, 172).ssrc(ALICE).sequence(in).timestamp(in * 160);
                    stream.withhold(packet, i * 20L * MS);
                } else if (rewrite(ALICE, 0, in, in * 160, i * 20L * MS) >= 0) {
                    out = packet.sequence();
                }
            }
            if (out >= 0) {
                Integer before = given.put(out, identity);
                assertThat(before == null || before == identity).isTrue();
                assertThat(disorders || last < 0 || out == SequenceMath.next(last))
                        .isTrue();
                last = out;
            }
        }
    }

    @Test
    void shouldLeaveTheNeighbourAloneWhenARecordIsWritten() {
        stream.destination(0x0100_007F, (short) 0x1027);
        rewrite(ALICE, 0, 500, 9000, 5);
        for (int i = 0; i < RtpStreamRewrite.RECORD_LENGTH; i++) {
            assertThat(records.getByte(i)).isZero();
        }
        assertThat(records.getInt(RtpStreamRewrite.RECORD_LENGTH + RtpStreamRewrite.ADDRESS_OFFSET))
                .isEqualTo(0x0100_007F);
    }
}
