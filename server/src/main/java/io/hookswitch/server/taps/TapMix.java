package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.engine.message.TapFlyweight;

/** The voices of a tap as frames of 20 ms: linear, 16 bits, little-endian, interleaved. Thread {@code taps}. */
final class TapMix {
    private static final int NARROW = 8_000;
    private static final int WIDE = 16_000;
    private static final int FRAMES_A_SECOND = 1_000 / Tap.FRAME_MS;

    private final long leg;
    private final Mix mix;
    private final int perFrame;
    private final Ear one;
    private final Ear other;
    private final Upsampler left;
    private final Upsampler right;
    private final short[] first;
    private final short[] second;
    private final short[] leftOut;
    private final short[] rightOut;

    /** @param leg whose voice is the first; any other's is the second */
    TapMix(long leg, Mix mix, int sampleRate) {
        this.leg = leg;
        this.mix = mix;
        // What is wide stays so where the rate has room for it.
        int line = sampleRate % WIDE == 0 ? WIDE : NARROW;
        int factor = sampleRate / line;
        perFrame = line / FRAMES_A_SECOND;
        one = new Ear(line);
        other = new Ear(line);
        first = new short[perFrame];
        second = new short[perFrame];
        left = new Upsampler(factor, perFrame);
        right = new Upsampler(factor, perFrame);
        leftOut = new short[perFrame * factor];
        rightOut = new short[perFrame * factor];
    }

    void hear(TapFlyweight record) {
        (record.leg() == leg ? one : other).hear(record);
    }

    /** @return the next 20 ms. */
    byte[] next() {
        one.read(first, perFrame);
        other.read(second, perFrame);
        if (mix == Mix.MIXED) {
            for (int i = 0; i < perFrame; i++) {
                first[i] = (short) Math.clamp(first[i] + second[i], Short.MIN_VALUE, Short.MAX_VALUE);
            }
        }
        int samples = left.process(first, perFrame, leftOut);
        if (mix != Mix.STEREO) {
            byte[] frame = new byte[samples * Short.BYTES];
            for (int i = 0; i < samples; i++) {
                put(frame, i, leftOut[i]);
            }
            return frame;
        }
        right.process(second, perFrame, rightOut);
        byte[] frame = new byte[samples * 2 * Short.BYTES];
        for (int i = 0; i < samples; i++) {
            put(frame, 2 * i, leftOut[i]);
            put(frame, 2 * i + 1, rightOut[i]);
        }
        return frame;
    }

    private static void put(byte[] frame, int sample, short value) {
        frame[2 * sample] = (byte) value;
        frame[2 * sample + 1] = (byte) (value >> Byte.SIZE);
    }
}
