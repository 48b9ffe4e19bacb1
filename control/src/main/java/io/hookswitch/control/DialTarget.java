package io.hookswitch.control;

/** One destination of a dial, as the application wrote it. */
public sealed interface DialTarget {
    /**
     * A phone number through a carrier. {@code callingNumber} = the From user that the far end will see, for the
     * carrier's choice.
     */
    record Phone(String number, String trunk, String callingNumber) implements DialTarget {}

    /** A SIP URI; credentials null when none were given. */
    record Sip(String sipUri, String authUser, String authPassword) implements DialTarget {}

    /** A registered user, {@code name@domain}; a bare name belongs to the account's own realm. */
    record User(String name) implements DialTarget {}
}
