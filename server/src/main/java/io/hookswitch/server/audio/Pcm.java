package io.hookswitch.server.audio;

/**
 * A decoded file at the two rates that telephony codecs take.
 *
 * @param narrow 8000 samples a second
 * @param wide 16000 samples a second, as long
 */
record Pcm(Samples narrow, Samples wide) {
    /** Samples a second of {@code narrow}. */
    static final int NARROW = 8000;
    /** Samples a second of {@code wide}. */
    static final int WIDE = 16_000;

    /**
     * Decodes and resamples a file. Takes processor time: virtual threads only, which give way at each step.
     *
     * @param file whose bytes may be overwritten
     * @throws AudioException when it cannot be played, or not within the limits
     */
    static Pcm decode(byte[] file, DecodeLimits limits) throws AudioException {
        PcmSource source = source(file, limits);
        int rate = source.sampleRate();
        WavFormat.checkRate(rate);
        Samples narrow = new Samples(0);
        Samples wide = new Samples(0);
        Resampler halving = new Resampler(WIDE, NARROW, narrow::add);
        Resampler.Sink toBoth = (samples, count) -> {
            wide.add(samples, count);
            halving.push(samples, count);
        };
        // What is at one of the rates already is not filtered for it once more.
        Resampler first =
                switch (rate) {
                    case NARROW -> new Resampler(NARROW, WIDE, wide::add);
                    case WIDE -> null;
                    default -> new Resampler(rate, WIDE, toBoth);
                };
        float[] block = new float[PcmSource.MIN_BLOCK];
        long frames = 0;
        for (int count = source.read(block); count >= 0; count = source.read(block)) {
            frames += count;
            limits.checkLength(frames, rate);
            if (rate == NARROW) {
                narrow.add(block, count);
            }
            if (first == null) {
                toBoth.accept(block, count);
            } else {
                first.push(block, count);
            }
        }
        if (first != null) {
            first.finish();
        }
        if (rate != NARROW) {
            halving.finish();
        }
        if (narrow.length() == 0) {
            throw new AudioException("no audio in it");
        }
        return new Pcm(narrow, wide);
    }

    private static PcmSource source(byte[] file, DecodeLimits limits) throws AudioException {
        if (WavSource.isWav(file)) {
            return new WavSource(file, limits);
        }
        if (Mp3Frames.isMp3(file)) {
            return new Mp3Source(file, limits);
        }
        throw new AudioException("neither a WAV nor an MP3 file");
    }
}
