package io.hookswitch.sip.digest;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers the challenges of one server or proxy to one leg (RFC 7616, RFC 3261 section 22). Of several challenges the
 * strongest known algorithm is taken. A second challenge is answered once more, and only when it says that just the
 * nonce was too old.
 */
public final class DigestClient {
    /** A challenge that we can answer. */
    private record Challenge(
            DigestAlgorithm algorithm,
            boolean session,
            String realm,
            String nonce,
            String opaque,
            boolean qop,
            boolean stale) {}

    private final String user;
    private final String password;
    private final Supplier<String> clientNonces;
    private Challenge challenge;
    private boolean askedAgain;
    private int count;
    private String sessionNonce;

    /** @param clientNonces gives a new unpredictable token at each call */
    public DigestClient(String user, String password, Supplier<String> clientNonces) {
        this.user = user;
        this.password = password;
        this.clientNonces = clientNonces;
    }

    /**
     * Hears the challenges of one 401 or 407.
     *
     * @param values of its WWW-Authenticate or Proxy-Authenticate headers
     * @return whether the request should be sent again with {@link #authorization}
     */
    public boolean challenged(List<String> values) {
        Challenge best = null;
        for (String value : values) {
            Challenge read = read(value);
            if (read != null && (best == null || read.algorithm.compareTo(best.algorithm) > 0)) {
                best = read;
            }
        }
        boolean first = challenge == null;
        if (best == null || !first && (askedAgain || !best.stale)) {
            return false;
        }
        askedAgain = !first;
        challenge = best;
        count = 0;
        sessionNonce = null;
        return true;
    }

    /** What was proved once is proved: the next challenge is a new one (a later request of the dialog). */
    public void accepted() {
        challenge = null;
        askedAgain = false;
    }

    private static Challenge read(String value) {
        Map<String, String> parameters = DigestParameters.read(value);
        if (parameters == null || parameters.get("realm") == null || parameters.get("nonce") == null) {
            return null;
        }
        String name = parameters.getOrDefault("algorithm", "");
        boolean session = name.toLowerCase(Locale.ROOT).endsWith("-sess");
        DigestAlgorithm algorithm = DigestAlgorithm.of(session ? name.substring(0, name.length() - 5) : name);
        String qop = parameters.get("qop");
        boolean auth = qop != null && List.of(qop.split("[ ,]+")).contains("auth");
        if (algorithm == null || qop != null && !auth) {
            return null;
        }
        return new Challenge(
                algorithm,
                session,
                parameters.get("realm"),
                parameters.get("nonce"),
                parameters.get("opaque"),
                auth,
                "true".equalsIgnoreCase(parameters.get("stale")));
    }

    /** @return whether requests should carry {@link #authorization}. */
    public boolean isChallenged() {
        return challenge != null;
    }

    /** @return the value of Authorization or Proxy-Authorization for one request; after a challenge only. */
    public String authorization(String method, String uri) {
        String cnonce = clientNonces.get();
        String nc = String.format(Locale.ROOT, "%08x", ++count);
        String ha1 = challenge.algorithm.secret(user, challenge.realm, password);
        if (challenge.session) {
            // The first client nonce is part of the session's key (RFC 7616 section 3.4.2).
            sessionNonce = sessionNonce == null ? cnonce : sessionNonce;
            ha1 = challenge.algorithm.hash(ha1 + ':' + challenge.nonce + ':' + sessionNonce);
        }
        String qop = challenge.qop ? "auth" : null;
        String ha2 = challenge.algorithm.hash(method + ':' + uri);
        StringBuilder value = new StringBuilder("Digest ");
        DigestParameters.quote(value, "username", user);
        DigestParameters.quote(value, "realm", challenge.realm);
        DigestParameters.quote(value, "nonce", challenge.nonce);
        DigestParameters.quote(value, "uri", uri);
        DigestParameters.quote(
                value, "response", challenge.algorithm.response(ha1, challenge.nonce, nc, cnonce, qop, ha2));
        value.append(", algorithm=").append(challenge.algorithm.wireName()).append(challenge.session ? "-sess" : "");
        if (qop != null) {
            value.append(", qop=auth, nc=").append(nc);
        }
        if (qop != null || challenge.session) {
            DigestParameters.quote(value, "cnonce", cnonce);
        }
        if (challenge.opaque != null) {
            DigestParameters.quote(value, "opaque", challenge.opaque);
        }
        return value.toString();
    }
}
