package io.hookswitch.systemtests.farend;

/** Messages that are made of one that there is. */
final class Answers {
    private Answers() {}

    /** @return a response (RFC 3261 section 8.2.6.2); {@code line} is what stands behind the version. */
    static SipMessage.Draft response(SipMessage request, String line, String toTag) {
        SipMessage.Draft draft = new SipMessage.Draft("SIP/2.0 " + line);
        request.headers("Via").forEach(via -> draft.add("Via", via));
        String to = request.header("To");
        boolean tagged = line.startsWith("100") || !request.toTag().isEmpty();
        return draft.add("From", request.header("From"))
                .add("To", tagged ? to : to + ";tag=" + toTag)
                .add("Call-ID", request.callId())
                .add("CSeq", request.header("CSeq"));
    }

    /** @return the CANCEL of an INVITE (RFC 3261 section 9.1). */
    static SipMessage cancel(SipMessage invite) {
        return likeInvite("CANCEL " + invite.uri() + " SIP/2.0", invite, invite.header("To"), "CANCEL");
    }

    /** @return the ACK to a failure of an INVITE (RFC 3261 section 17.1.1.3). */
    static SipMessage ack(SipMessage invite, SipMessage failure) {
        return likeInvite("ACK " + invite.uri() + " SIP/2.0", invite, failure.header("To"), "ACK");
    }

    private static SipMessage likeInvite(String startLine, SipMessage invite, String to, String method) {
        return new SipMessage.Draft(startLine)
                .add("Via", invite.header("Via"))
                .add("Max-Forwards", "70")
                .add("From", invite.header("From"))
                .add("To", to)
                .add("Call-ID", invite.callId())
                .add("CSeq", invite.cseq() + " " + method)
                .done();
    }
}
