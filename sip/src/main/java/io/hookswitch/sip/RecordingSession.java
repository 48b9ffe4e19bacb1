package io.hookswitch.sip;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * One recording session (RFC 7866) of ours with a recording server: we send, it records. Asked for by {@link
 * io.hookswitch.sip.ua.SipAgent#record}. Any thread; neither method waits.
 */
public interface RecordingSession {
    /** Offers this in place of what was offered before; of several, the server hears of the newest. */
    void offer(Offer offer);

    /** Ends it; nothing is told of it any more. */
    void end();

    /**
     * The server.
     *
     * @param requestUri without a password
     * @param nextHop {@code transport:address:port}
     * @param authUser digest user name, null = a challenge is a refusal
     * @param headers {@code Name: value}, of the INVITE; no CR, LF, NUL, no protected name
     */
    record Server(String requestUri, String nextHop, String authUser, String authPassword, List<String> headers) {
        /** Keeps its own copy. */
        public Server {
            headers = List.copyOf(headers);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Server[" + requestUri + " via " + nextHop + "]";
        }
    }

    /**
     * What the server is offered, and told.
     *
     * @param address that is sent from
     * @param streams in order; a later offer has at least as many
     * @param metadata RFC 7865, XML
     */
    record Offer(InetAddress address, List<Stream> streams, String metadata) {
        /** Keeps its own copy. */
        public Offer {
            streams = List.copyOf(streams);
        }
    }

    /**
     * One voice, G.711 in packets of 20 ms.
     *
     * @param label names it in the metadata (RFC 4574)
     * @param port that is sent from
     * @param sends false = not for the time being
     */
    record Stream(String label, int port, boolean sends) {}

    /** Where a stream is sent to. {@code payloadType}: 0 PCMU, 8 PCMA. */
    record Target(InetSocketAddress address, int payloadType) {}

    /** Hears what becomes of it, on the sip thread: never waits. */
    interface Listener {
        /**
         * The server has agreed, at the beginning or to something new.
         *
         * @param targets one for each stream of the offer, null = the stream is not sent
         */
        void onAgreed(List<Target> targets);

        /**
         * It is over, once, and not by {@link RecordingSession#end}.
         *
         * @param sipStatus 200 = the server has hung up; 408 = no answer; else what was refused with
         */
        void onEnded(int sipStatus, String reason);
    }
}
