package io.hookswitch.rtp;

import static io.hookswitch.rtp.RtpReceiveStatistics.ADVANCED;
import static io.hookswitch.rtp.RtpReceiveStatistics.DUPLICATE;
import static io.hookswitch.rtp.RtpReceiveStatistics.ON_PROBATION;
import static io.hookswitch.rtp.RtpReceiveStatistics.REORDERED;
import static io.hookswitch.rtp.RtpReceiveStatistics.RESTARTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class RtpReceiveStatisticsTest {
    private static final int SSRC = 0x1234_5678;
    private static final int OTHER = 0x0BAD_CAFE;

    private final UnsafeBuffer records = new UnsafeBuffer(new byte[3 * RtpReceiveStatistics.RECORD_LENGTH]);
    private final RtpReceiveStatistics statistics =
            new RtpReceiveStatistics().wrap(records, RtpReceiveStatistics.RECORD_LENGTH);

    private int on(int sequence) {
        return statistics.onUntimedPacket(SSRC, sequence & 0xFFFF);
    }

    private void valid(int sequence) {
        on(sequence - 1);
        assertThat(on(sequence)).isEqualTo(RESTARTED);
    }

    @Test // RFC 3550 appendix A.1
    void shouldCountFromTheSecondPacketWhenASourceProvesItself() {
        assertThat(on(100)).isEqualTo(ON_PROBATION);
        assertThat(statistics.isValid()).isFalse();
        assertThat(on(102)).isEqualTo(ON_PROBATION);
        assertThat(on(103)).isEqualTo(RESTARTED);
        assertThat(statistics.isValid()).isTrue();
        assertThat(statistics.baseSequence()).isEqualTo(103);
        assertThat(statistics.received()).isEqualTo(1);
        assertThat(statistics.expected()).isEqualTo(1);
    }

    @Test
    void shouldCountCyclesAndLossWhenTheSequenceWraps() {
        valid(65_530);
        for (int i = 1; i < 10; i++) {
            on(65_530 + i);
        }
        assertThat(on(65_530 + 13)).isEqualTo(ADVANCED);
        assertThat(statistics.extendedHighestSequence()).isEqualTo(0x1_0000 + 7);
        assertThat(statistics.expected()).isEqualTo(14);
        assertThat(statistics.lost()).isEqualTo(3);
    }

    @Test
    void shouldTellLateFromTwiceWhenPacketsComeBehind() {
        valid(1);
        on(2);
        on(5);
        assertThat(on(4)).isEqualTo(REORDERED);
        assertThat(on(4)).isEqualTo(DUPLICATE);
        assertThat(on(5)).isEqualTo(DUPLICATE);
        assertThat(on(3)).isEqualTo(REORDERED);
        assertThat(statistics.reordered()).isEqualTo(2);
        assertThat(statistics.duplicates()).isEqualTo(2);
        assertThat(statistics.lost()).isEqualTo(-2);
        on(5 + 64);
        assertThat(on(5 + 63)).isEqualTo(REORDERED);
        assertThat(on(5)).isEqualTo(REORDERED);
    }

    @Test // RFC 3550 appendix A.1: two packets in a row make a far jump a restart
    void shouldRestartWhenTheSequenceJumpsFarTwice() {
        valid(1000);
        assertThat(on(30_000)).isEqualTo(ON_PROBATION);
        assertThat(on(1001)).isEqualTo(ADVANCED);
        assertThat(on(30_001)).isEqualTo(ON_PROBATION);
        assertThat(on(30_002)).isEqualTo(RESTARTED);
        assertThat(statistics.baseSequence()).isEqualTo(30_002);
        assertThat(statistics.restarts()).isEqualTo(1);
        assertThat(on(30_003)).isEqualTo(ADVANCED);
    }

    @Test
    void shouldRestartAtTheEdgesOnlyWhenGapOrMisorderIsTooLarge() {
        valid(0);
        assertThat(on(RtpReceiveStatistics.MAX_DROPOUT - 1)).isEqualTo(ADVANCED);
        assertThat(on(RtpReceiveStatistics.MAX_DROPOUT - 1 + RtpReceiveStatistics.MAX_DROPOUT))
                .isEqualTo(ON_PROBATION);
        assertThat(on(RtpReceiveStatistics.MAX_DROPOUT - 1 - RtpReceiveStatistics.MAX_MISORDER))
                .isEqualTo(REORDERED);
        assertThat(on(RtpReceiveStatistics.MAX_DROPOUT - 2 - RtpReceiveStatistics.MAX_MISORDER))
                .isEqualTo(ON_PROBATION);
    }

    @Test
    void shouldFollowANewSourceWhenTheOldOneHasStopped() {
        valid(1000);
        assertThat(statistics.onUntimedPacket(OTHER, 7)).isEqualTo(ON_PROBATION);
        assertThat(statistics.ssrc()).isEqualTo(SSRC);
        assertThat(statistics.onUntimedPacket(OTHER, 8)).isEqualTo(RESTARTED);
        assertThat(statistics.ssrc()).isEqualTo(OTHER);
        assertThat(statistics.restarts()).isEqualTo(1);
        assertThat(statistics.received()).isEqualTo(1);
    }

    @Test
    void shouldKeepTheSourceWhenAStrangerIsInterleaved() {
        valid(1000);
        for (int i = 1; i < 100; i++) {
            assertThat(on(1000 + i)).isEqualTo(ADVANCED);
            assertThat(statistics.onUntimedPacket(OTHER, i)).isEqualTo(ON_PROBATION);
        }
        assertThat(statistics.restarts()).isZero();
        assertThat(statistics.lost()).isZero();
    }

    @Test // RFC 3550 appendix A.8; by hand: 1.25, 3.05, 3.48 and 9.51
    void shouldFollowTheFormulaWhenTransitVaries() {
        int[] arrivals = {0, 160, 340, 470, 640, 900};
        int[] expected = {0, 0, 1, 3, 3, 9};
        statistics.onPacket(SSRC, 99, -160, -160);
        for (int i = 0; i < arrivals.length; i++) {
            statistics.onPacket(SSRC, 100 + i, i * 160, arrivals[i]);
            assertThat(statistics.jitterTicks()).as("packet %d", i).isEqualTo(expected[i]);
        }
    }

    @Test // RFC 3550 appendix A.8: the estimate settles at the mean deviation
    void shouldSettleAtTheDeviationWhenItIsConstant() {
        valid(0);
        for (int i = 1; i < 1000; i++) {
            statistics.onPacket(SSRC, i, i * 160, i * 160 + (i & 1) * 80);
        }
        assertThat(statistics.jitterTicks()).isBetween(79, 80);
    }

    @Test
    void shouldStayInRangeWhenTimestampsAreHostile() {
        Random random = new Random(3);
        valid(0);
        for (int i = 1; i < 100_000; i++) {
            statistics.onPacket(SSRC, i & 0xFFFF, random.nextInt(), random.nextInt());
            assertThat(statistics.jitterTicks()).isNotNegative();
        }
    }

    @Test // RFC 3550 appendix A.3
    void shouldReportTheIntervalOnlyWhenFractionIsTaken() {
        valid(0);
        for (int i = 1; i < 100; i++) {
            if (i % 4 != 0) {
                on(i);
            }
        }
        on(100);
        assertThat(statistics.takeFractionLost()).isEqualTo(24 * 256 / 101);
        assertThat(statistics.takeFractionLost()).isZero();
        on(101);
        on(101);
        assertThat(statistics.takeFractionLost()).isZero();
        on(103);
        assertThat(statistics.takeFractionLost()).isEqualTo(128);
    }

    @Test
    void shouldMatchAPlainModelWhenPacketsAreLostDoubledAndShuffled() {
        for (int seed = 0; seed < 200; seed++) {
            records.setMemory(0, records.capacity(), (byte) 0);
            compareWithModel(new Random(seed), seed);
        }
    }

    private void compareWithModel(Random random, int seed) {
        int first = random.nextInt(65_536);
        List<Integer> sent = new ArrayList<>();
        for (int i = 1; i < 2000; i++) {
            if (random.nextInt(100) >= 10) {
                sent.add(i);
                if (random.nextInt(100) < 5) {
                    sent.add(i);
                }
            }
        }
        for (int i = 0; i + 1 < sent.size(); i++) {
            if (random.nextInt(100) < 10) {
                Collections.swap(sent, i, Math.min(i + random.nextInt(20), sent.size() - 1));
            }
        }
        on(first - 1);
        on(first);
        Set<Integer> seen = new HashSet<>(List.of(0));
        int highest = 0;
        int late = 0;
        int twice = 0;
        for (int number : sent) {
            boolean isNew = seen.add(number);
            int expected = isNew ? number > highest ? ADVANCED : REORDERED : DUPLICATE;
            assertThat(on(first + number)).as("seed %d packet %d", seed, number).isEqualTo(expected);
            late += expected == REORDERED ? 1 : 0;
            twice += isNew ? 0 : 1;
            highest = Math.max(highest, number);
        }
        assertThat(statistics.expected()).isEqualTo(highest + 1);
        assertThat(statistics.received()).isEqualTo(sent.size() + 1);
        assertThat(statistics.lost()).isEqualTo(highest - sent.size());
        assertThat(statistics.reordered()).isEqualTo(late);
        assertThat(statistics.duplicates()).isEqualTo(twice);
    }

    @Test
    void shouldLeaveNeighboursAloneWhenARecordIsWrittenAndReset() {
        valid(1);
        for (int i = 2; i < 500; i++) {
            statistics.onPacket(SSRC, i, i * 160, i * 161);
        }
        for (int i = 0; i < RtpReceiveStatistics.RECORD_LENGTH; i++) {
            assertThat(records.getByte(i)).isZero();
            assertThat(records.getByte(2 * RtpReceiveStatistics.RECORD_LENGTH + i))
                    .isZero();
        }
        statistics.reset();
        assertThat(statistics.isValid()).isFalse();
        assertThat(statistics.received()).isZero();
        assertThat(statistics.expected()).isZero();
    }

    /** An independent model: which numbers came, and the runs of those that did not. */
    @Test
    void shouldCountMissingRunsOrderAndCopiesWhenPacketsAreLostInBurstsReorderedAndDoubled() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            statistics.reset();
            int base = random.nextInt(1 << 16);
            valid(base);
            List<Integer> sent = new ArrayList<>();
            int burst = 0;
            for (int i = 1; i < 2000; i++) {
                burst = burst > 0 ? burst - 1 : random.nextInt(40) == 0 ? 1 + random.nextInt(6) : 0;
                if (burst == 0 || i > 1990) {
                    sent.add(i);
                }
            }
            int copies = 0;
            for (int i = sent.size() - 6; i > 0; i -= 37) {
                if (random.nextBoolean()) {
                    Collections.swap(sent, i, i + 1 + random.nextInt(4));
                } else {
                    sent.add(i + 2, sent.get(i));
                    copies++;
                }
            }
            int highest = 0;
            int behind = 0;
            Set<Integer> seen = new HashSet<>(Set.of(0));
            for (int i : sent) {
                on(base + i);
                behind += seen.add(i) && i < highest ? 1 : 0;
                highest = Math.max(highest, i);
            }
            int missing = 0;
            int runs = 0;
            for (int i = 1; i < highest; i++) {
                missing += seen.contains(i) ? 0 : 1;
                runs += !seen.contains(i) && seen.contains(i - 1) ? 1 : 0;
            }
            assertThat(statistics.duplicates()).isEqualTo(copies);
            assertThat(statistics.reordered()).isEqualTo(behind);
            assertThat(statistics.missing()).isEqualTo(missing);
            assertThat(statistics.gaps()).isEqualTo(runs);
            assertThat(statistics.expected()).isEqualTo(highest + 1L);
        }
    }
}
