package io.hookswitch.rtp.codec;

/**
 * Mono audio of 8 or 16 kHz to Opus (RFC 6716), for voice: 24 kbit/s, variable. Packets of 10, 20, 40 and 60 ms, as
 * the codec has no frame of 30 ms. One stream, one thread at the time.
 */
public abstract sealed class OpusEncoder implements AudioEncoder permits LibOpusEncoder, ConcentusEncoder {
    /** Bits a second. */
    static final int BITRATE = 24_000;
    /** Of 0 to 10. */
    static final int COMPLEXITY = 5;
    /** Longest packet that is encoded, ms. */
    static final int MOST_MS = 60;

    private int sampleRate = 16_000;

    OpusEncoder() {}

    /** @return an encoder of the library that is here. */
    public static OpusEncoder create() {
        return create(OpusLibrary.found());
    }

    static OpusEncoder create(OpusLibrary library) {
        return library == OpusLibrary.LIBOPUS ? new LibOpusEncoder() : new ConcentusEncoder();
    }

    /** Begins a stream at a rate, 8,000 or 16,000 Hz; what was before is forgotten. */
    public final void begin(int rate) {
        sampleRate = rate;
        reset();
    }

    @Override
    public final int sampleRate() {
        return sampleRate;
    }

    /** @return whether the codec has a frame of so many samples, or frames that together have them. */
    final boolean hasFrame(int samples) {
        int ms = samples / (sampleRate / 1000);
        return ms * (sampleRate / 1000) == samples && (ms == 10 || ms == 20 || ms == 40 || ms == 60);
    }
}
