package io.hookswitch.server.audio;

/** Decoded audio, mixed down to one channel, block by block. One thread. */
interface PcmSource {
    /** @return samples a second, 4000..192000. */
    int sampleRate();

    /**
     * Decodes the next block.
     *
     * @param into samples, nominally -1..1; at least {@link #MIN_BLOCK} long
     * @return samples written, 0 = none came of this step, -1 = the end
     * @throws AudioException when the file is not what it says
     */
    int read(float[] into) throws AudioException;

    /** Least length of a block. */
    int MIN_BLOCK = 4096;
}
