package io.hookswitch.sip.transport;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Token buckets per source address in a fixed off-heap table of 8-way sets. A bucket that is full again is as good as
 * none, so its place may be taken; when all eight of a set are in use a new source is refused, never an old one.
 * Sip thread.
 *
 * <pre>
 *   0 long key of the address, 0 = free     8 long ns when the bucket will be full again
 * </pre>
 */
public final class SourceBuckets {
    /** Taken. */
    public static final int TAKEN = 0;
    /** The source has none left. */
    public static final int EMPTY = 1;
    /** No place for another source. */
    public static final int NO_PLACE = 2;

    private static final int ENTRY_BYTES = 16;
    private static final int WAYS = 8;
    private static final long NS_PER_S = 1_000_000_000L;

    private final UnsafeBuffer table;
    private final int setMask;
    private final long tokenNs;
    private final long burstNs;

    /**
     * @param rate tokens per second and source, 0 = unlimited
     * @param burst tokens a source may save
     * @param sources places, a power of two from 8
     */
    public SourceBuckets(int rate, int burst, int sources) {
        tokenNs = rate == 0 ? 0 : NS_PER_S / rate;
        burstNs = tokenNs * burst;
        setMask = sources / WAYS - 1;
        int bytes = rate == 0 ? ENTRY_BYTES : Math.multiplyExact(sources, ENTRY_BYTES);
        table = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()));
    }

    /** Takes one token. @return TAKEN, EMPTY or NO_PLACE. */
    public int take(InetAddress source, long nowNs) {
        // InetAddress.hashCode of IPv6 is 32 bits of 128: two far ends may share a bucket, never escape theirs.
        return tokenNs == 0 ? TAKEN : take(mix(source.hashCode()), nowNs);
    }

    private int take(long key, long nowNs) {
        int set = ((int) key & setMask) * WAYS * ENTRY_BYTES;
        int free = -1;
        for (int way = 0; way < WAYS; way++) {
            int at = set + way * ENTRY_BYTES;
            long holder = table.getLong(at);
            if (holder == key) {
                return take(at, nowNs);
            }
            if (holder == 0 || table.getLong(at + 8) - nowNs <= 0) {
                free = at;
            }
        }
        if (free < 0) {
            return NO_PLACE;
        }
        table.putLong(free, key);
        table.putLong(free + 8, nowNs);
        return take(free, nowNs);
    }

    private int take(int at, long nowNs) {
        long full = table.getLong(at + 8);
        long from = full - nowNs > 0 ? full : nowNs;
        if (from + tokenNs - nowNs > burstNs) {
            return EMPTY;
        }
        table.putLong(at + 8, from + tokenNs);
        return TAKEN;
    }

    private static long mix(int hash) {
        long key = (hash & 0xFFFF_FFFFL | 1L << 32) * 0x9E37_79B9_7F4A_7C15L;
        return key ^ key >>> 29;
    }
}
