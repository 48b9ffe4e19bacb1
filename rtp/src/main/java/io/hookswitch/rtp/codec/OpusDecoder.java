package io.hookswitch.rtp.codec;

/**
 * Opus (RFC 6716) to mono audio of 8 or 16 kHz, opened at that rate: the codec converts by itself, whatever rate was
 * encoded. One stream, one thread at the time.
 */
public abstract sealed class OpusDecoder implements AudioDecoder permits LibOpusDecoder, ConcentusDecoder {
    /** Longest packet that is decoded, ms. */
    static final int MOST_MS = 60;
    /** RFC 6716 section 3.4: a frame has 1,275 bytes at most, 60 ms are three of them or one. */
    static final int MOST_BYTES = 3 * 1275 + 7;

    private int sampleRate = 16_000;

    OpusDecoder() {}

    /** @return a decoder of the library that is here. */
    public static OpusDecoder create() {
        return create(OpusLibrary.found());
    }

    static OpusDecoder create(OpusLibrary library) {
        return library == OpusLibrary.LIBOPUS ? new LibOpusDecoder() : new ConcentusDecoder();
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

    /** @return samples that the longest packet may have. */
    final int mostSamples() {
        return sampleRate / 1000 * MOST_MS;
    }
}
