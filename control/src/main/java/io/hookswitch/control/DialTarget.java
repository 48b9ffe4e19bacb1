package io.hookswitch.control;

/** One destination of a dial, as the application wrote it. */
public sealed interface DialTarget {
    /**
     * A phone number through a carrier. {@code callingNumber} = the From user that the far end will see, for the
     * carrier's choice.
     */
    record Phone(String number, String trunk, String callingNumber) implements DialTarget {}

    /** A SIP URI; credentials null when none were given; {@code proxy} = where it is sent, null = where it leads. */
    record Sip(String sipUri, String authUser, String authPassword, String proxy) implements DialTarget {
        /** Sent where the URI leads. */
        public Sip(String sipUri, String authUser, String authPassword) {
            this(sipUri, authUser, authPassword, null);
        }
    }

    /**
     * A number in Microsoft Teams.
     *
     * @param tenant host name of the tenant, null = the account's
     * @param voicemail straight to its voicemail
     */
    record Teams(String number, String tenant, boolean voicemail) implements DialTarget {}

    /**
     * A registered user, {@code name@domain}; a bare name belongs to the account's own realm. {@code overrideTo} = user
     * part of the Request-URI in place of the contact's, null = the contact's.
     */
    record User(String name, String overrideTo) implements DialTarget {
        /** Called as it registered. */
        public User(String name) {
            this(name, null);
        }
    }
}
