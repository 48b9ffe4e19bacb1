package io.hookswitch.sip;

import java.util.List;

/**
 * Where users can be reached (RFC 3261 section 10). Called on the sip thread after the user has proved who it is:
 * answers from memory, never waits.
 */
public interface Registrar {
    /** Carries out one REGISTER as a whole; no contact in it = only a question. */
    Outcome register(Registration registration);

    /** Removes every contact of an address-of-record ({@code Contact: *} with Expires 0). */
    Outcome removeAll(String address, String callId, long cseq);

    /**
     * The WebSocket of a user has ended: it cannot be reached there any more.
     *
     * @param nextHop {@code transport:address:port} of its far end, as a REGISTER over it would say
     */
    void gone(String nextHop);

    /**
     * What a REGISTER asks for.
     *
     * @param address address-of-record, {@code user@realm}
     * @param contacts as far as the limits of the settings allow; empty = a question
     * @param nextHop {@code transport:address:port} it came from: where the user is reached, NAT or not
     * @param userAgent User-Agent header, "" = none
     */
    record Registration(
            String address, List<Contact> contacts, String nextHop, String callId, long cseq, String userAgent) {
        /** Keeps its own copy. */
        public Registration {
            contacts = List.copyOf(contacts);
        }
    }

    /**
     * One contact.
     *
     * @param uri as the user agent gave it
     * @param expiresS granted, s; 0 = remove
     * @param q preference in thousandths, 1000 when not said
     */
    record Contact(String uri, int expiresS, int q) {}

    /** What becomes of it. */
    sealed interface Outcome permits Bindings, Refused {}

    /** Done: all contacts of the address-of-record with the seconds they have left. */
    record Bindings(List<Contact> contacts) implements Outcome {
        /** Keeps its own copy. */
        public Bindings {
            contacts = List.copyOf(contacts);
        }
    }

    /** Not done: a final status 400..699 and its reason phrase (an older CSeq of the same Call-ID: 500). */
    record Refused(int status, String reason) implements Outcome {}
}
