package io.hookswitch.sip;

import java.util.List;

/**
 * Far ends that we deal with outside of calls: whose health we ask for, and where we register ourselves. Called on the
 * sip thread: answers from memory, never waits. What is asked for may change; the sip thread looks once a second.
 */
public interface Peers {
    /** Nobody. */
    Peers NONE = new Peers() {
        @Override
        public List<Probe> probes() {
            return List.of();
        }

        @Override
        public List<Enrolment> enrolments() {
            return List.of();
        }

        @Override
        public void onHealth(Probe probe, boolean alive) {}

        @Override
        public void onEnrolled(String name, boolean registered) {}
    };

    /** @return who is asked; a far end that is no longer named here is asked no more. */
    List<Probe> probes();

    /** @return our registrations; one that is no longer named here is given up. */
    List<Enrolment> enrolments();

    /** A far end has stopped answering, or answers again; until this is called it is alive. */
    void onHealth(Probe probe, boolean alive);

    /** A registration of ours stands, or does not any more. */
    void onEnrolled(String name, boolean registered);

    /**
     * A far end that is asked with OPTIONS (RFC 3261 section 11). Any final response but 408 and 503 is an answer.
     * After
     * so many questions without one it is dead; it is asked on, one question an interval, and one answer returns it.
     *
     * @param nextHop {@code transport:address:port}
     * @param requestUri of the OPTIONS
     * @param host in From and Contact; "" = our address
     * @param intervalMs from one question to the next
     * @param failuresMax questions in a row without an answer until it is dead
     */
    record Probe(String nextHop, String requestUri, String host, int intervalMs, int failuresMax) {}

    /**
     * A registration of ours at a carrier (RFC 3261 section 10), renewed before it ends.
     *
     * @param name unique
     * @param nextHops {@code transport:address:port}, tried in order
     * @param registrarUri Request-URI, {@code sip:host}
     * @param address address-of-record, {@code sip:user@host}
     * @param user digest user name, and the user part of our Contact
     * @param expiresS asked for, s
     */
    record Enrolment(
            String name,
            List<String> nextHops,
            String registrarUri,
            String address,
            String user,
            String password,
            int expiresS) {
        /** Keeps its own copy. */
        public Enrolment {
            nextHops = List.copyOf(nextHops);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Enrolment[" + name + " " + address + " at " + nextHops + "]";
        }
    }
}
