package io.hookswitch.rtp;

/** Conversion between the engine's nanoseconds, RTP ticks and NTP time (RFC 3550 section 4). */
public final class RtpClock {
    /** Seconds from the NTP epoch (1900) to the Unix epoch (1970). */
    public static final long NTP_UNIX_OFFSET_S = 2_208_988_800L;

    private static final long NS_PER_S = 1_000_000_000L;

    private RtpClock() {}

    /**
     * @param ns an instant or a length of time, any origin.
     * @param clockRate RTP ticks per second.
     * @return that time in RTP ticks modulo 2^32.
     */
    public static int ticks(long ns, int clockRate) {
        return (int) ticksLong(ns, clockRate);
    }

    /** @return a length of time in RTP ticks, not wrapped. */
    public static long ticksLong(long ns, int clockRate) {
        return ns / NS_PER_S * clockRate + ns % NS_PER_S * clockRate / NS_PER_S;
    }

    /**
     * @param epochNs ns since 1970 UTC.
     * @return 64-bit NTP timestamp: seconds since 1900 in the upper half, fraction in the lower.
     */
    public static long ntp(long epochNs) {
        long seconds = Math.floorDiv(epochNs, NS_PER_S);
        long fraction = (Math.floorMod(epochNs, NS_PER_S) << 32) / NS_PER_S;
        return seconds + NTP_UNIX_OFFSET_S << 32 | fraction;
    }

    /** @return the middle 32 bits of an NTP timestamp, unit 1/65536 s. */
    public static int ntpMiddle(long ntp) {
        return (int) (ntp >>> 16);
    }

    /** @return a length of time in units of 1/65536 s, at most 2^32 - 1. */
    public static int ntpShort(long ns) {
        long units = (ns / NS_PER_S << 16) + (ns % NS_PER_S << 16) / NS_PER_S;
        return (int) Math.min(Math.max(units, 0L), 0xFFFF_FFFFL);
    }
}
