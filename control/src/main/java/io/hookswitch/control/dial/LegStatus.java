package io.hookswitch.control.dial;

/** Words of a leg's status as applications know them. */
public enum LegStatus {
    /** INVITE in or out. */
    TRYING("trying"),
    /** It rings. */
    RINGING("ringing"),
    /** It sends media before it is answered. */
    EARLY_MEDIA("early-media"),
    /** Answered. */
    IN_PROGRESS("in-progress"),
    /** Over, was answered. */
    COMPLETED("completed"),
    /** Over, busy. */
    BUSY("busy"),
    /** Over, nobody answered. */
    NO_ANSWER("no-answer"),
    /** Over, anything else. */
    FAILED("failed");

    private static final int BUSY_HERE = 486;
    private static final int BUSY_EVERYWHERE = 600;
    private static final int REQUEST_TERMINATED = 487;

    private final String word;

    LegStatus(String word) {
        this.word = word;
    }

    /** @return the word on the wire. */
    public String word() {
        return word;
    }

    /** @return whether nothing may follow. */
    public boolean isFinal() {
        return switch (this) {
            case TRYING, RINGING, EARLY_MEDIA, IN_PROGRESS -> false;
            case COMPLETED, BUSY, NO_ANSWER, FAILED -> true;
        };
    }

    /** @return the status of a leg that was refused with this SIP status. */
    public static LegStatus ofFailure(int sipStatus) {
        return switch (sipStatus) {
            case BUSY_HERE, BUSY_EVERYWHERE -> BUSY;
            case REQUEST_TERMINATED -> NO_ANSWER;
            default -> FAILED;
        };
    }
}
