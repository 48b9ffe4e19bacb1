package io.hookswitch.rtp.codec;

/** Quantizer tables of ITU-T G.722 clause 6, for 64 kbit/s; the recommendation's names beside ours. */
final class G722Tables {
    /** Q6: decision levels of the lower band. */
    static final short[] LOWER_LEVELS = {
        0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219,
        1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919
    };
    /** WL(RIL): what a code of four bits adds to the logarithm of the lower band's scale. */
    static final short[] LOWER_LOG_STEPS = {
        -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60
    };
    /** QQ4: outputs of the lower band by the upper four bits of its code, which alone the predictor learns from. */
    static final short[] LOWER_OUTPUTS_4 = {
        0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200, 20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0
    };
    /** QQ6: outputs of the lower band by its whole code. */
    static final short[] LOWER_OUTPUTS_6 = {
        -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192, -10_232, -9360,
        -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360,
        -1040, -728, 24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360, 8576, 7856, 7192,
        6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136
    };
    /** Decision level of the higher band. */
    static final int HIGHER_LEVEL = 564;
    /** WH(RH2): what a code adds to the logarithm of the higher band's scale. */
    static final short[] HIGHER_LOG_STEPS = {798, -214, 798, -214};
    /** QQ2: outputs of the higher band. */
    static final short[] HIGHER_OUTPUTS = {-7408, -1616, 7408, 1616};

    private G722Tables() {}
}
