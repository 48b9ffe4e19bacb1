package io.hookswitch.control.call;

import java.util.UUID;

/** Identifiers made from the entropy that came with the event: the same entropy gives the same identifiers. */
final class Identifiers {
    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;
    private static final long VERSION_MASK = 0xF000L;
    private static final long VERSION_4 = 0x4000L;
    private static final long VARIANT_MASK = 0xC000_0000_0000_0000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private long high;
    private long low;

    /** Starts over for one event. */
    void seed(long entropyHigh, long entropyLow) {
        high = entropyHigh;
        low = entropyLow;
    }

    /** @return a UUID of version 4 (RFC 9562 section 5.4). */
    String uuid() {
        long upper = next(high) & ~VERSION_MASK | VERSION_4;
        long lower = next(low) & ~VARIANT_MASK | VARIANT;
        step();
        return new UUID(upper, lower).toString();
    }

    /** @return 32 hexadecimal digits. */
    String traceId() {
        StringBuilder text = new StringBuilder(32);
        hex(text, next(high));
        hex(text, next(low));
        step();
        return text.toString();
    }

    private void step() {
        high += GOLDEN_GAMMA;
        low += GOLDEN_GAMMA;
    }

    private static void hex(StringBuilder text, long bits) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            text.append(Character.forDigit((int) (bits >>> shift) & 0xF, 16));
        }
    }

    /** Finaliser of SplitMix64: a bijection, so two different inputs never meet. */
    private static long next(long state) {
        long mixed = (state ^ (state >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
