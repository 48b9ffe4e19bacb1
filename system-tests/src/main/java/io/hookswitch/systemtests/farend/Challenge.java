package io.hookswitch.systemtests.farend;

/** A far end's challenge as a proxy (RFC 3261 section 22.3): a user, a password, the nonce that it gave last. */
final class Challenge {
    private final String user;
    private final String password;
    private String nonce;
    private int staleNonces;
    private boolean isStale;

    Challenge(String user, String password) {
        this(user, password, 0);
    }

    /** @param staleNonces so many right answers find their nonce too old (RFC 7616 section 3.3) */
    Challenge(String user, String password, int staleNonces) {
        this.user = user;
        this.password = password;
        this.staleNonces = staleNonces;
    }

    /** @return whether a request proves the password for the last nonce. */
    boolean isMetBy(SipMessage request) {
        String proof = request.header("Proxy-Authorization");
        boolean isProved = nonce != null && Digest.proves(proof, request.method(), nonce, user, password);
        isStale = isProved && staleNonces-- > 0;
        return isProved && !isStale;
    }

    /** @return the answer to a request that does not, with a new nonce. */
    SipMessage made(SipMessage request, String toTag) {
        nonce = FarEnd.token();
        return Answers.response(request, "407 Proxy Authentication Required", toTag)
                .add("Proxy-Authenticate", Digest.challenge("far.test", nonce, "MD5") + (isStale ? ", stale=true" : ""))
                .done();
    }
}
