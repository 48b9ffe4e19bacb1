package io.hookswitch.engine.message;

/**
 * Names one leg of one core: core bits 56..62, generation bits 32..55, row bits 0..31. Never 0 for a live leg
 * (generations
 * start at 1), so 0 means "no leg". A handle whose generation is not the row's is stale and is refused, never
 * misdirected.
 */
public final class LegHandle {
    /** No leg. */
    public static final long NONE = 0L;

    private static final int CORE_SHIFT = 56;
    private static final int GENERATION_SHIFT = 32;
    private static final int GENERATION_MASK = 0xFF_FFFF;

    private LegHandle() {}

    /** @return the handle of a row in its present generation (1..2^24-1). */
    public static long of(int core, int generation, int row) {
        return (long) core << CORE_SHIFT
                | (long) (generation & GENERATION_MASK) << GENERATION_SHIFT
                | Integer.toUnsignedLong(row);
    }

    /** @return core number, 0..127. */
    public static int core(long handle) {
        return (int) (handle >>> CORE_SHIFT);
    }

    /** @return generation of the row, 1..2^24-1. */
    public static int generation(long handle) {
        return (int) (handle >>> GENERATION_SHIFT) & GENERATION_MASK;
    }

    /** @return the generation that follows; never 0. */
    public static int nextGeneration(int generation) {
        int next = (generation + 1) & GENERATION_MASK;
        return next == 0 ? 1 : next;
    }

    /** @return row in the core's leg table. */
    public static int row(long handle) {
        return (int) handle;
    }
}
