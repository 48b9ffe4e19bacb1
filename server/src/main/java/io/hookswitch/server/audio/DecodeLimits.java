package io.hookswitch.server.audio;

/**
 * What decoding a file may cost.
 *
 * @param maxSeconds of audio
 * @param deadlineNs of {@link System#nanoTime()}
 */
record DecodeLimits(int maxSeconds, long deadlineNs) {
    /** A step of the work is done: others have a turn on this virtual thread's carrier. */
    void step() throws AudioException {
        if (System.nanoTime() - deadlineNs > 0) {
            throw new AudioException("decoding took too long");
        }
        Thread.yield();
    }

    /** @throws AudioException when so much audio is more than allowed */
    void checkLength(long frames, int sampleRate) throws AudioException {
        if (frames > (long) maxSeconds * sampleRate) {
            throw new AudioException("longer than " + maxSeconds + " s of audio");
        }
    }
}
