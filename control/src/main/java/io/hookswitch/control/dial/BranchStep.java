package io.hookswitch.control.dial;

/** What a branch becomes, and what its fork must do about it. */
public record BranchStep(BranchState next, Deed deed) {
    /** What the fork must do. */
    public enum Deed {
        /** Nothing. */
        NONE,
        /** The leg is known: tell that it is being tried. */
        TRY,
        /** It rings. */
        RING,
        /** It rings and offers early media. */
        OFFER_MEDIA,
        /** It answered: choose it. */
        CONNECT,
        /** It failed: try the next way, or count the failure. */
        FAIL,
        /** It was connected and the far end hung up. */
        CLOSE,
        /** End the leg: the one END that settles CANCEL, ACK and BYE on the wire. */
        END
    }
}
