package io.hookswitch.control.journal;

/** Bytes that are no journal, or one that this build cannot read or write. */
public final class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JournalException(String message) {
        super(message);
    }
}
