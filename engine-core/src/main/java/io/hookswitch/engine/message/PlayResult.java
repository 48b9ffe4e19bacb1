package io.hookswitch.engine.message;

/** How playing a recording ended. */
public final class PlayResult {
    /** All of it was sent, as often as asked for. */
    public static final int COMPLETED = 1;
    /** Stopped, replaced by another recording, or the leg is over. */
    public static final int STOPPED = 2;
    /**
     * It could not be played, or not on: a leg that is not there, no media within 4 s, a recording that is none or
     * does not have the leg's codec.
     */
    public static final int FAILED = 3;

    private PlayResult() {}
}
