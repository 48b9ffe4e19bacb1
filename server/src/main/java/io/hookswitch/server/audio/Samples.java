package io.hookswitch.server.audio;

import java.util.Arrays;

/** 16-bit linear samples that grow. One thread. */
final class Samples {
    private static final int FULL_SCALE = 32_768;

    private short[] values;
    private int length;

    Samples(int expected) {
        values = new short[Math.max(expected, 1024)];
    }

    /** Appends samples of -1..1; what is beyond is clipped. */
    void add(float[] from, int count) {
        if (length + count > values.length) {
            values = Arrays.copyOf(values, Math.max(values.length * 2, length + count));
        }
        for (int i = 0; i < count; i++) {
            int value = Math.round(from[i] * FULL_SCALE);
            values[length + i] = (short) Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
        }
        length += count;
    }

    int length() {
        return length;
    }

    /** @return a sample; 0 behind the end. */
    short at(int index) {
        return index < length ? values[index] : 0;
    }

    /** Copies samples out; zeros behind the end. */
    void copy(int from, short[] into, int count) {
        int there = Math.clamp(length - from, 0, count);
        System.arraycopy(values, Math.min(from, length), into, 0, there);
        Arrays.fill(into, there, count, (short) 0);
    }
}
