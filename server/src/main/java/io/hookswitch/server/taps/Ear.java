package io.hookswitch.server.taps;

import io.hookswitch.engine.message.TapFlyweight;
import java.util.Arrays;

/**
 * What one leg says, on a time line of samples: packets are put where their timestamps say, and what nobody has filled
 * when its time comes is silence. Thread {@code taps}.
 *
 * <p>The first packet of a stream sounds {@link #DELAY_MS} after it came, which is what a later one may be late by. A
 * packet that comes too late or much too early says that the far end's time has jumped, or has run away from ours: the
 * line is tied to it anew.
 */
final class Ear {
    static final int DELAY_MS = 40;
    private static final int MAX_EARLY_MS = 400;
    private static final int LINE_MS = 1_000;
    private static final int MS_PER_SECOND = 1_000;

    private final int rate;
    private final short[] line;
    private final short[] packet;
    private final TapDecoder decoder;
    /** Sample of the line that is read next. */
    private long read;
    /** Where the timestamp {@code tiedTimestamp} is on the line. */
    private long tiedAt;

    private int tiedTimestamp;
    private int ssrc;
    private boolean tied;
    private long lost;

    /** @param rate of the line, 8,000 or 16,000 Hz */
    Ear(int rate) {
        this.rate = rate;
        line = new short[rate / MS_PER_SECOND * LINE_MS];
        packet = new short[TapDecoder.longest(rate)];
        decoder = new TapDecoder(rate);
    }

    /** Takes one packet. */
    void hear(TapFlyweight record) {
        int samples = decoder.decode(record, packet);
        if (samples <= 0 || record.clockRate() <= 0) {
            lost++;
            return;
        }
        if (!tied || ssrc != record.ssrc()) {
            tie(record);
        }
        long at = place(record);
        if (at + samples <= read || at - read > samplesOf(MAX_EARLY_MS)) {
            lost++;
            tie(record);
            at = place(record);
        }
        int skipped = (int) Math.max(0, read - at);
        for (int i = skipped; i < samples; i++) {
            line[(int) ((at + i) % line.length)] = packet[i];
        }
    }

    private long place(TapFlyweight record) {
        return tiedAt + (long) (record.timestamp() - tiedTimestamp) * rate / record.clockRate();
    }

    private void tie(TapFlyweight record) {
        tied = true;
        ssrc = record.ssrc();
        tiedTimestamp = record.timestamp();
        tiedAt = read + samplesOf(DELAY_MS);
    }

    private int samplesOf(int ms) {
        return rate / MS_PER_SECOND * ms;
    }

    /** Reads on. */
    void read(short[] into, int samples) {
        for (int i = 0; i < samples; i++) {
            int at = (int) (read++ % line.length);
            into[i] = line[at];
            line[at] = 0;
        }
    }

    /** Forgets what was heard. */
    void clear() {
        Arrays.fill(line, (short) 0);
        tied = false;
    }

    /** @return whether a packet was understood. */
    boolean understands() {
        return tied;
    }

    /** @return packets that could not be placed, or that moved the line. */
    long lost() {
        return lost;
    }
}
