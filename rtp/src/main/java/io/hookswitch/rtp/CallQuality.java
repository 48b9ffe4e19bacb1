package io.hookswitch.rtp;

/**
 * Listening and talking quality of one direction by the E-model (ITU-T G.107 (06/2015)), simplified: all inputs that a
 * relay cannot know have the recommendation's default values, which makes R0 - Is = 93.2; there is no echo and no
 * advantage. What is left is delay (Idd, section 7.4), codec and loss (Ie-eff, section 7.5). Narrowband scale. Pure
 * functions.
 */
public final class CallQuality {
    /** R of a perfect connection with default values. */
    public static final double BEST_R = 93.2;
    /** Equipment impairment of G.711 (ITU-T G.113 appendix I). */
    public static final double G711_IE = 0.0;
    /** Packet loss robustness of G.711 whose receiver conceals nothing (ITU-T G.113 appendix I). */
    public static final double G711_BPL = 4.3;

    private static final double MOST_IE = 95.0;
    private static final double DELAY_HEARD_MS = 100.0;

    private CallQuality() {}

    /**
     * @param ie equipment impairment of the codec, 0 = none
     * @param bpl packet loss robustness of the codec
     * @param lossPercent packets lost of those expected, 0..100
     * @param burstRatio mean length of a run of lost packets over that of random loss, 1 = random
     * @param oneWayDelayMs mouth to ear
     * @return the rating factor R; 93.2 at best, may be below 0
     */
    public static double rating(double ie, double bpl, double lossPercent, double burstRatio, double oneWayDelayMs) {
        double heardLoss = lossPercent <= 0.0 ? 0.0 : lossPercent / (lossPercent / burstRatio + bpl);
        return BEST_R - delayImpairment(oneWayDelayMs) - ie - (MOST_IE - ie) * heardLoss;
    }

    /** @return Idd: what pure delay takes from R. */
    static double delayImpairment(double delayMs) {
        if (delayMs <= DELAY_HEARD_MS) {
            return 0.0;
        }
        double x = Math.log(delayMs / DELAY_HEARD_MS) / Math.log(2.0);
        double slow = Math.pow(1.0 + Math.pow(x, 6.0), 1.0 / 6.0);
        double fast = 3.0 * Math.pow(1.0 + Math.pow(x / 3.0, 6.0), 1.0 / 6.0);
        return 25.0 * (slow - fast + 2.0);
    }

    /** @return mean opinion score of a rating, 1..4.5 (ITU-T G.107 annex B). */
    public static double mos(double rating) {
        if (rating <= 0.0) {
            return 1.0;
        }
        if (rating >= 100.0) {
            return 4.5;
        }
        // Between 0 and 6.5 the polynomial falls below 1, which is no score.
        return Math.max(1.0, 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6);
    }

    /**
     * @param missing packets that did not come, of {@code expected}
     * @param gaps runs that they came in
     * @return burst ratio (ITU-T G.107 section 7.5), at least 1; 1 when nothing is missing
     */
    public static double burstRatio(long missing, long gaps, long expected) {
        if (missing <= 0 || gaps <= 0 || expected <= missing) {
            return 1.0;
        }
        // Random loss with probability p has runs of 1 / (1 - p) packets in the mean.
        double part = (double) missing / expected;
        return Math.max(1.0, (double) missing / gaps * (1.0 - part));
    }
}
