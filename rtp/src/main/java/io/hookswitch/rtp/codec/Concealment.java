package io.hookswitch.rtp.codec;

import java.util.Arrays;

/**
 * Audio in place of packets that never came, in the manner of ITU-T G.711 appendix I: the last pitch period goes on,
 * softer by a fifth every 10 ms after the first, silent after 60 ms; the first packet that comes again is faded in.
 * Nothing is delayed for it. The appendix's overlap at the beginning, which costs it 3.75 ms for every packet, is made
 * inside the period that is repeated instead. One stream, one thread at the time.
 */
public final class Concealment {
    private static final int HIGHEST_RATE = 16_000;
    /** Lowest pitch: 15 ms; the longest stretch that is compared: 20 ms. */
    private static final int HISTORY = HIGHEST_RATE / 1000 * 40;

    private static final int FULL = 1 << 15;

    private final short[] history = new short[HISTORY];
    private final short[] period = new short[HIGHEST_RATE / 1000 * 15];
    private int perMs;
    private int length;
    private int pitch;
    private int place;
    /** Samples made up in a row. */
    private int made;

    /** Begins a stream. @param sampleRate 8000 or 16000 */
    public void reset(int sampleRate) {
        perMs = sampleRate / 1000;
        length = perMs * 40;
        made = 0;
        Arrays.fill(history, (short) 0);
    }

    /** Takes audio that has come; behind what was made up its beginning is changed in place. */
    public void onAudio(short[] samples, int from, int count) {
        if (made > 0) {
            fadeIn(samples, from, count);
            made = 0;
        }
        remember(samples, from, count);
    }

    private void remember(short[] samples, int from, int count) {
        int kept = Math.min(count, length);
        System.arraycopy(history, kept, history, 0, length - kept);
        System.arraycopy(samples, from + count - kept, history, length - kept, kept);
    }

    private void fadeIn(short[] samples, int from, int count) {
        // Appendix I.2.7: a quarter of the pitch, and 4 ms for every 10 ms that were lost, at most 10 ms.
        int span = Math.min(count, Math.min(10 * perMs, pitch / 4 + 4 * made / 10));
        for (int i = 0; i < span; i++) {
            int old = next();
            samples[from + i] = (short) ((samples[from + i] * i + old * (span - i)) / span);
        }
    }

    /** Makes up audio. */
    public void conceal(short[] to, int toOffset, int count) {
        if (made == 0) {
            begin();
        }
        for (int i = 0; i < count; i++) {
            to[toOffset + i] = (short) next();
        }
        remember(to, toOffset, count);
    }

    private int next() {
        int sample = period[place] * level() >> 15;
        place = place + 1 == pitch ? 0 : place + 1;
        made++;
        return sample;
    }

    private int level() {
        int softer = made - 10 * perMs;
        return softer <= 0 ? FULL : Math.max(0, FULL - softer * (FULL / 50) / perMs);
    }

    private void begin() {
        pitch = pitch();
        int start = length - pitch;
        System.arraycopy(history, start, period, 0, pitch);
        // Its end runs into what came before its beginning, so that it repeats without a step.
        int overlap = pitch / 4;
        for (int i = 0; i < overlap; i++) {
            int late = pitch - overlap + i;
            period[late] = (short) ((period[late] * (overlap - i) + history[start - overlap + i] * i) / overlap);
        }
        place = 0;
    }

    /** @return the lag of 5..15 ms at which the last 20 ms are most like what was before them. */
    private int pitch() {
        int coarse = best(5 * perMs, 15 * perMs, perMs / 4);
        return best(Math.max(5 * perMs, coarse - perMs / 4), Math.min(15 * perMs, coarse + perMs / 4), 1);
    }

    private int best(int least, int most, int step) {
        int found = most;
        float highest = Float.NEGATIVE_INFINITY;
        for (int lag = least; lag <= most; lag += step) {
            long cross = 0;
            long power = 1;
            for (int i = length - 20 * perMs; i < length; i += step) {
                int old = history[i - lag];
                cross += (long) history[i] * old;
                power += (long) old * old;
            }
            float likeness = cross / (float) Math.sqrt(power);
            if (likeness > highest) {
                highest = likeness;
                found = lag;
            }
        }
        return found;
    }
}
