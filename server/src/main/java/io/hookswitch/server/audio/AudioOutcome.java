package io.hookswitch.server.audio;

/** What became of a URL that was to be played. */
public sealed interface AudioOutcome {
    /**
     * It can be played.
     *
     * @param audio one reference to it, which whoever gets this lets go of
     * @param times how often {@code audio} is played for the URL to be played once; more than 1 for silence
     */
    record Ready(Audio audio, int times) implements AudioOutcome {}

    /** It cannot be had or not be played: why, in one line. */
    record Failed(String detail) implements AudioOutcome {}
}
