package io.hookswitch.sip;

import java.net.InetSocketAddress;

/** Who may call and register. Asked on the sip thread for every new request: answers from memory, never waits. */
public interface CallerAdmission {
    /** @return what becomes of an INVITE from here. */
    Verdict admit(Caller caller);

    /** @return what becomes of a REGISTER: {@link Challenge} for a realm we serve, else {@link Refuse}. */
    Verdict admitRegistration(Caller caller);

    /**
     * What is known of a caller before anything is proved.
     *
     * @param source address and port the packet came from
     * @param transport {@code udp} or {@code tcp}
     * @param fromUser user part of From, "" = none
     * @param fromHost host of From, as written
     * @param requestUser user part of the Request-URI, "" = none
     * @param requestHost host of the Request-URI, as written
     */
    record Caller(
            InetSocketAddress source,
            String transport,
            String fromUser,
            String fromHost,
            String requestUser,
            String requestHost) {}

    /** The answer. */
    sealed interface Verdict permits Carrier, Challenge, Refuse {}

    /** Known by its address: the call is this carrier's. */
    record Carrier(String account, String name) implements Verdict {}

    /** Must prove to be a user of this realm (digest), whose account it is. */
    record Challenge(String account, String realm) implements Verdict {}

    /** Not at all: a final status 400..699 and its reason phrase. */
    record Refuse(int status, String reason) implements Verdict {}
}
