package io.hookswitch.sip.stack;

import java.nio.charset.StandardCharsets;

/** Hand-written SIP of a far end. */
final class SipText {
    static final String SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            + "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

    private SipText() {}

    static String invite(String branch, String callId, String via, int port) {
        return "INVITE sip:bob@127.0.0.1 SIP/2.0\r\n"
                + "Via: SIP/2.0/" + via + ";branch=z9hG4bK" + branch + "\r\n"
                + "Max-Forwards: 70\r\n"
                + "From: \"Alice\" <sip:alice@example.com>;tag=a1\r\n"
                + "To: <sip:bob@example.com>\r\n"
                + "Call-ID: " + callId + "\r\n"
                + "CSeq: 1 INVITE\r\n"
                + "Contact: <sip:alice@127.0.0.1:" + port + ">\r\n"
                + "Content-Type: application/sdp\r\n"
                + "Content-Length: " + SDP.length() + "\r\n\r\n"
                + SDP;
    }

    static String inDialog(String method, int cseq, String branch, String callId, String via, String toTag) {
        return method + " sip:bob@127.0.0.1 SIP/2.0\r\n"
                + "Via: SIP/2.0/" + via + ";branch=z9hG4bK" + branch + "\r\n"
                + "Max-Forwards: 70\r\n"
                + "From: \"Alice\" <sip:alice@example.com>;tag=a1\r\n"
                + "To: <sip:bob@example.com>;tag=" + toTag + "\r\n"
                + "Call-ID: " + callId + "\r\n"
                + "CSeq: " + cseq + " " + method + "\r\n"
                + "Content-Length: 0\r\n\r\n";
    }

    /** Answers a request with its own Via, From, To, Call-ID and CSeq. */
    static String answer(String request, String statusLine, String toTag, String more) {
        StringBuilder answer = new StringBuilder("SIP/2.0 " + statusLine + "\r\n");
        for (String line : request.split("\r\n\r\n", 2)[0].split("\r\n")) {
            if (line.startsWith("Via:")
                    || line.startsWith("From:")
                    || line.startsWith("Call-ID:")
                    || line.startsWith("CSeq:")) {
                answer.append(line).append("\r\n");
            } else if (line.startsWith("To:")) {
                answer.append(line)
                        .append(line.contains(";tag=") ? "" : ";tag=" + toTag)
                        .append("\r\n");
            }
        }
        return answer.append(more).append("Content-Length: 0\r\n\r\n").toString();
    }

    static String header(String message, String name) {
        for (String line : message.split("\r\n")) {
            if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }

    static String tag(String message) {
        String to = header(message, "To");
        int at = to.indexOf(";tag=");
        return at < 0 ? null : to.substring(at + 5);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String first(String message) {
        return message.substring(0, message.indexOf('\r'));
    }
}
