package io.hookswitch.engine.core;

import java.util.Arrays;

/**
 * Timers of one core: hierarchical wheels (Varghese and Lauck, scheme 7) of 64 spokes each, over columns made at start.
 * A timer waits in the lowest wheel whose turn holds its tick, and moves down when that turn begins: it is touched a
 * few times in its life, whatever waits beside it, and a core has no reason to look at timers that are far. Arming and
 * disarming cost the same however many timers there are, and nothing allocates. A timer has a key of its owner's choice
 * and carries one long. It never expires early, and at most one tick late; timers of one tick expire in the order in
 * which they were armed.
 */
public final class TimerWheel {
    /** Takes an expired timer. */
    @FunctionalInterface
    public interface Handler {
        /** The timer is disarmed already: its key may be armed again. */
        void onTimer(long key, long value);
    }

    private static final int NONE = -1;
    private static final long NEVER = Long.MAX_VALUE;
    /** A wheel's spokes are six bits of the tick: which of them hold timers is one long. */
    private static final int SPOKE_BITS = 6;

    private static final int SPOKES = 1 << SPOKE_BITS;
    /** Enough for every positive tick. */
    private static final int WHEELS = 11;

    private final long tickNs;
    private final long startNs;
    /** Row = wheel * SPOKES + spoke: first and last timer of the spoke. */
    private final int[] head = filled(WHEELS * SPOKES);

    private final int[] tail = filled(WHEELS * SPOKES);
    /** Row = wheel, bit = spoke that holds timers. Only spokes from the present tick's on do. */
    private final long[] occupied = new long[WHEELS];
    /** Bit = wheel that holds timers. */
    private int wheels;
    /** Columns, row = timer; a free row's next is the next free one. */
    private final int[] next;

    private final int[] previous;
    private final long[] key;
    private final long[] value;
    private final long[] deadlineTick;
    /** Index into head and tail. */
    private final int[] spoke;
    /** Open addressing, linear probing: row of the key that hashes here, or NONE. */
    private final int[] rows;

    private final int rowsMask;
    private int free;
    private int armed;
    /** The first tick that is not over. No armed timer's tick is before it. */
    private long tick = 1;

    /**
     * @param capacity most timers armed at a time
     * @param tickNs length of a tick
     * @param startNs clock's present time
     */
    public TimerWheel(int capacity, long tickNs, long startNs) {
        if (capacity < 1 || tickNs < 1) {
            throw new IllegalArgumentException("capacity " + capacity + ", tick " + tickNs);
        }
        this.tickNs = tickNs;
        this.startNs = startNs;
        next = new int[capacity];
        previous = new int[capacity];
        key = new long[capacity];
        value = new long[capacity];
        deadlineTick = new long[capacity];
        spoke = new int[capacity];
        for (int row = 0; row < capacity; row++) {
            next[row] = row + 1 < capacity ? row + 1 : NONE;
        }
        rows = filled(Integer.highestOneBit(Math.max(8, capacity)) * 4);
        rowsMask = rows.length - 1;
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }

    /** @return timers armed now. */
    public int armed() {
        return armed;
    }

    /**
     * Arms a timer.
     *
     * @param timerKey not armed now
     * @return false when the key is armed already or every row is taken: nothing was changed
     */
    public boolean arm(long timerKey, long timerValue, long deadlineNs) {
        int slot = slotOf(timerKey);
        if (rows[slot] != NONE || free == NONE) {
            return false;
        }
        int row = free;
        free = next[row];
        rows[slot] = row;
        key[row] = timerKey;
        value[row] = timerValue;
        // Rounded up, and never into a tick that is over: a timer is late by less than a tick and never early.
        deadlineTick[row] = Math.max(tick, Math.ceilDiv(deadlineNs - startNs, tickNs));
        append(row);
        armed++;
        return true;
    }

    /** Disarms a timer. @return false when the key was not armed. */
    public boolean disarm(long timerKey) {
        int slot = slotOf(timerKey);
        if (rows[slot] == NONE) {
            return false;
        }
        remove(rows[slot], slot);
        return true;
    }

    /**
     * Hands out timers that are due, earliest tick first.
     *
     * @param limit most timers to hand out; the others follow with the next call
     * @return number handed out
     */
    public int poll(long nowNs, Handler handler, int limit) {
        long nowTick = Math.floorDiv(nowNs - startNs, tickNs);
        int handed = 0;
        while (armed > 0) {
            int wheel = Integer.numberOfTrailingZeros(wheels);
            long due = firstTick(wheel);
            // The tick behind this one is next to be armed into: a turn that begins with it must be unrolled before.
            if (due > nowTick + (wheel == 0 ? 0 : 1)) {
                break;
            }
            if (wheel == 0 && handed == limit) {
                return handed;
            }
            tick = due;
            int first = head[wheel * SPOKES + Long.numberOfTrailingZeros(occupied[wheel])];
            if (wheel == 0) {
                handed++;
                expire(first, handler);
            } else {
                moveDown(first);
            }
        }
        tick = Math.max(tick, nowTick + 1);
        return handed;
    }

    /** Takes a whole spoke whose turn begins to the wheels below, in its order. */
    private void moveDown(int first) {
        int row = first;
        while (row != NONE) {
            int following = next[row];
            unlink(row);
            append(row);
            row = following;
        }
    }

    private void expire(int row, Handler handler) {
        long timerKey = key[row];
        long timerValue = value[row];
        remove(row, slotOf(timerKey));
        handler.onTimer(timerKey, timerValue);
    }

    /** @return a time at or before which nothing expires; {@code Long.MAX_VALUE} when nothing is armed. */
    public long nextNs() {
        return armed == 0 ? NEVER : startNs + firstTick(Integer.numberOfTrailingZeros(wheels)) * tickNs;
    }

    /** First tick of a wheel's first spoke that holds timers. Wheels below hold earlier ones only. */
    private long firstTick(int wheel) {
        int shift = wheel * SPOKE_BITS;
        long first = Long.numberOfTrailingZeros(occupied[wheel]);
        return ((tick >>> shift) & -SPOKES | first) << shift;
    }

    /** Puts a timer into the lowest wheel where its tick and the present one are in the same turn. */
    private void append(int row) {
        long differing = deadlineTick[row] ^ tick;
        int wheel = differing == 0 ? 0 : (Long.SIZE - 1 - Long.numberOfLeadingZeros(differing)) / SPOKE_BITS;
        int inWheel = (int) (deadlineTick[row] >>> wheel * SPOKE_BITS) & (SPOKES - 1);
        int at = wheel * SPOKES + inWheel;
        spoke[row] = at;
        next[row] = NONE;
        previous[row] = tail[at];
        if (tail[at] == NONE) {
            head[at] = row;
            occupied[wheel] |= 1L << inWheel;
            wheels |= 1 << wheel;
        } else {
            next[tail[at]] = row;
        }
        tail[at] = row;
    }

    private void unlink(int row) {
        int at = spoke[row];
        if (previous[row] == NONE) {
            head[at] = next[row];
        } else {
            next[previous[row]] = next[row];
        }
        if (next[row] == NONE) {
            tail[at] = previous[row];
        } else {
            previous[next[row]] = previous[row];
        }
        if (head[at] == NONE) {
            int wheel = at / SPOKES;
            occupied[wheel] &= ~(1L << (at & (SPOKES - 1)));
            if (occupied[wheel] == 0) {
                wheels &= ~(1 << wheel);
            }
        }
    }

    private void remove(int row, int slot) {
        unlink(row);
        vacate(slot);
        next[row] = free;
        free = row;
        armed--;
    }

    /** @return where a key is, or the empty slot where it would be put. */
    private int slotOf(long timerKey) {
        int slot = hash(timerKey);
        while (rows[slot] != NONE && key[rows[slot]] != timerKey) {
            slot = (slot + 1) & rowsMask;
        }
        return slot;
    }

    /** Empties a slot and moves later keys of the same run up, so that no probe meets a hole. */
    private void vacate(int slot) {
        int hole = slot;
        int at = slot;
        rows[hole] = NONE;
        while (true) {
            at = (at + 1) & rowsMask;
            if (rows[at] == NONE) {
                return;
            }
            int home = hash(key[rows[at]]);
            if (((at - home) & rowsMask) >= ((at - hole) & rowsMask)) {
                rows[hole] = rows[at];
                rows[at] = NONE;
                hole = at;
            }
        }
    }

    private int hash(long timerKey) {
        return (int) ((timerKey * 0x9E3779B97F4A7C15L) >>> 33) & rowsMask;
    }
}
