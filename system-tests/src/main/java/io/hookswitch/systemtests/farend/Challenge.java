package io.hookswitch.systemtests.farend;

/** A far end's challenge as a proxy (RFC 3261 section 22.3): a user, a password, the nonce that it gave last. */
final class Challenge {
    private final String user;
    private final String password;
    private String nonce;

    Challenge(String user, String password) {
        this.user = user;
        this.password = password;
    }

    /** @return whether a request proves the password for the last nonce. */
    boolean isMetBy(SipMessage request) {
        String proof = request.header("Proxy-Authorization");
        return nonce != null && Digest.proves(proof, request.method(), nonce, user, password);
    }

    /** @return the answer to a request that does not, with a new nonce. */
    SipMessage made(SipMessage request, String toTag) {
        nonce = FarEnd.token();
        return Answers.response(request, "407 Proxy Authentication Required", toTag)
                .add("Proxy-Authenticate", Digest.challenge("far.test", nonce, "MD5"))
                .done();
    }
}
