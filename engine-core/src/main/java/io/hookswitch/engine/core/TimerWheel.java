package io.hookswitch.engine.core;

import java.util.Arrays;

/**
 * Timers of one core: a hashed wheel (Varghese and Lauck, scheme 6) over columns made at start. Arming and disarming
 * cost the same
 * however many timers there are, and nothing allocates. A timer has a key of its owner's choice and carries one long.
 * It never expires
 * early, and at most one tick late; timers of one tick expire in the order in which they were armed.
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

    private final long tickNs;
    private final long startNs;
    private final int mask;
    private final int[] head;
    private final int[] tail;
    private final long[] occupied;
    /** Columns, row = timer; a free row's next is the next free one. */
    private final int[] next;

    private final int[] previous;
    private final long[] key;
    private final long[] value;
    private final long[] deadlineTick;
    /** Open addressing, linear probing: row of the key that hashes here, or NONE. */
    private final int[] rows;

    private final int rowsMask;
    private int free;
    private int armed;
    private long tick;

    /**
     * @param capacity most timers armed at a time
     * @param tickNs length of a tick
     * @param spokes of the wheel, a power of two from 64; timers beyond {@code spokes} ticks go round
     * @param startNs clock's present time
     */
    public TimerWheel(int capacity, long tickNs, int spokes, long startNs) {
        if (capacity < 1 || tickNs < 1 || spokes < 64 || Integer.bitCount(spokes) != 1) {
            throw new IllegalArgumentException("capacity " + capacity + ", tick " + tickNs + ", spokes " + spokes);
        }
        this.tickNs = tickNs;
        this.startNs = startNs;
        mask = spokes - 1;
        head = filled(spokes);
        tail = filled(spokes);
        occupied = new long[spokes / 64];
        next = new int[capacity];
        previous = new int[capacity];
        key = new long[capacity];
        value = new long[capacity];
        deadlineTick = new long[capacity];
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
        deadlineTick[row] = Math.max(tick + 1, Math.ceilDiv(deadlineNs - startNs, tickNs));
        append(row, (int) (deadlineTick[row] & mask));
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
        while (tick < nowTick) {
            long candidate = nextOccupied(tick + 1);
            if (candidate > nowTick) {
                tick = nowTick;
                return handed;
            }
            int row = head[(int) (candidate & mask)];
            while (row != NONE) {
                int following = next[row];
                if (deadlineTick[row] <= candidate) {
                    if (handed == limit) {
                        // The spoke is not done: its tick is not over, and nothing can be armed behind our back in it.
                        tick = candidate - 1;
                        return handed;
                    }
                    handed++;
                    tick = candidate - 1;
                    expire(row, handler);
                    // The handler may have disarmed the following one: begin this spoke again.
                    following = head[(int) (candidate & mask)];
                }
                row = following;
            }
            tick = candidate;
        }
        return handed;
    }

    private void expire(int row, Handler handler) {
        long timerKey = key[row];
        long timerValue = value[row];
        remove(row, slotOf(timerKey));
        handler.onTimer(timerKey, timerValue);
    }

    /** @return a time at or before which nothing expires; {@code Long.MAX_VALUE} when nothing is armed. */
    public long nextNs() {
        if (armed == 0) {
            return NEVER;
        }
        long candidate = nextOccupied(tick + 1);
        return startNs + candidate * tickNs;
    }

    /** The first tick from one on whose spoke holds timers, of this or a later round; NEVER when the wheel is empty. */
    private long nextOccupied(long from) {
        if (armed == 0) {
            return NEVER;
        }
        int spoke = (int) (from & mask);
        int word = spoke >> 6;
        long bits = occupied[word] & (-1L << (spoke & 63));
        for (int i = 0; i <= occupied.length; i++) {
            if (bits != 0) {
                int found = (word << 6) + Long.numberOfTrailingZeros(bits);
                return from + ((found - spoke) & mask);
            }
            word = (word + 1) & (occupied.length - 1);
            bits = occupied[word];
        }
        return NEVER;
    }

    private void append(int row, int spoke) {
        next[row] = NONE;
        previous[row] = tail[spoke];
        if (tail[spoke] == NONE) {
            head[spoke] = row;
            occupied[spoke >> 6] |= 1L << (spoke & 63);
        } else {
            next[tail[spoke]] = row;
        }
        tail[spoke] = row;
    }

    private void remove(int row, int slot) {
        int spoke = (int) (deadlineTick[row] & mask);
        if (previous[row] == NONE) {
            head[spoke] = next[row];
        } else {
            next[previous[row]] = next[row];
        }
        if (next[row] == NONE) {
            tail[spoke] = previous[row];
        } else {
            previous[next[row]] = previous[row];
        }
        if (head[spoke] == NONE) {
            occupied[spoke >> 6] &= ~(1L << (spoke & 63));
        }
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
