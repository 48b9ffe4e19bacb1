package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CallQualityTest {
    @Test // ITU-T G.107 annex B, table B.1
    void shouldGiveTheTablesScoresWhenRatingsAreItsLimits() {
        assertThat(CallQuality.mos(90)).isCloseTo(4.34, within(0.005));
        assertThat(CallQuality.mos(80)).isCloseTo(4.03, within(0.006));
        assertThat(CallQuality.mos(70)).isCloseTo(3.60, within(0.006));
        assertThat(CallQuality.mos(60)).isCloseTo(3.10, within(0.005));
        assertThat(CallQuality.mos(50)).isCloseTo(2.58, within(0.006));
        assertThat(CallQuality.mos(-5)).isEqualTo(1.0);
        assertThat(CallQuality.mos(3)).isEqualTo(1.0);
        assertThat(CallQuality.mos(120)).isEqualTo(4.5);
    }

    @Test // ITU-T G.107 section 7.4
    void shouldTakeNothingForDelayWhenItIsAHundredMillisecondsAtMost() {
        assertThat(CallQuality.delayImpairment(0)).isZero();
        assertThat(CallQuality.delayImpairment(100)).isZero();
        // X = 1: 25 (2^(1/6) - 3 (1 + 3^-6)^(1/6) + 2)
        assertThat(CallQuality.delayImpairment(200)).isCloseTo(3.044, within(0.001));
        assertThat(CallQuality.delayImpairment(400)).isGreaterThan(CallQuality.delayImpairment(300));
    }

    @Test // ITU-T G.107 section 7.5
    void shouldRateLossLowerWhenItComesInBursts() {
        double random = CallQuality.rating(CallQuality.G711_IE, CallQuality.G711_BPL, 2, 1, 0);
        assertThat(random).isCloseTo(93.2 - 95 * 2 / 6.3, within(0.001));
        assertThat(CallQuality.rating(CallQuality.G711_IE, CallQuality.G711_BPL, 2, 2, 0))
                .isLessThan(random);
        assertThat(CallQuality.rating(CallQuality.G711_IE, CallQuality.G711_BPL, 0, 1, 0))
                .isEqualTo(CallQuality.BEST_R);
    }

    @Test
    void shouldFindTheBurstRatioWhenRunsAreCounted() {
        assertThat(CallQuality.burstRatio(0, 0, 100)).isEqualTo(1.0);
        assertThat(CallQuality.burstRatio(10, 10, 1000)).isEqualTo(1.0);
        assertThat(CallQuality.burstRatio(100, 25, 1000)).isCloseTo(4 * 0.9, within(1e-9));
        assertThat(CallQuality.burstRatio(10, 1, 10)).isEqualTo(1.0);
    }
}
