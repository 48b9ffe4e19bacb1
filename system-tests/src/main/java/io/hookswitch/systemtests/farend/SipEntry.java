package io.hookswitch.systemtests.farend;

import java.net.InetSocketAddress;

/**
 * One message of a far end's log.
 *
 * @param timeNs {@link System#nanoTime()}: on one machine comparable between processes
 * @param sent by this far end, else received
 * @param repeat a retransmission of an earlier entry
 */
public record SipEntry(long timeNs, boolean sent, boolean repeat, InetSocketAddress peer, SipMessage message) {
    /** @return whether it is a request with that method, first transmission, received here. */
    public boolean isReceived(String method) {
        return !sent && !repeat && message.isRequest() && message.method().equals(method);
    }

    /** @return whether it is a response with that status to that method, first transmission, received here. */
    public boolean isReceived(int status, String method) {
        return !sent
                && !repeat
                && message.status() == status
                && message.cseqMethod().equals(method);
    }

    /** @return whether it is a request with that method, first transmission, sent from here. */
    public boolean isSent(String method) {
        return sent && !repeat && message.isRequest() && message.method().equals(method);
    }

    /** @return whether it is a response with that status to that method, first transmission, sent from here. */
    public boolean isSent(int status, String method) {
        return sent
                && !repeat
                && message.status() == status
                && message.cseqMethod().equals(method);
    }

    /** @return one line: direction, start line, repeat mark. */
    public String summary() {
        return (sent ? "-> " : "<- ")
                + message.startLine()
                + (message.isRequest() ? "" : " (" + message.cseqMethod() + ")")
                + (repeat ? " (again)" : "");
    }
}
