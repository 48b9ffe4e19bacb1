package io.hookswitch.sip.digest;

import io.hookswitch.sip.UserSecrets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Challenges users and checks their answers. A nonce carries its own time and number under our signature, so nothing
 * is kept for a challenge that is never answered; for answered ones the highest count is kept, in a bounded table, and
 * a nonce that fell out of it is stale: no answer is taken twice.
 */
public final class DigestServer {
    /** How long a nonce may be used. */
    public static final long NONCE_NS = TimeUnit.MINUTES.toNanos(5);

    private static final String MAC = "HmacSHA256";
    private static final int SIGNATURE_LENGTH = 16;
    private static final int NONCE_LENGTH = 16 + SIGNATURE_LENGTH;
    private static final String QOP = "auth";

    /** What an answer is worth. */
    public sealed interface Result permits Accepted, Challenged, Rejected {}

    /** The user is who it says. */
    public record Accepted(String account, String user) implements Result {}

    /** Ask (again): the values of the WWW-Authenticate headers. */
    public record Challenged(List<String> values) implements Result {
        /** Keeps its own copy. */
        public Challenged {
            values = List.copyOf(values);
        }
    }

    /** Malformed: 400. */
    public record Rejected(String reason) implements Result {}

    private enum Nonce {
        GOOD,
        OLD,
        NOT_OURS
    }

    private final UserSecrets secrets;
    private final Mac mac;
    private final LinkedHashMap<Long, Long> counts = new LinkedHashMap<>();
    private final int countsMax;
    private long issued;
    private long forgottenUpTo;

    /**
     * @param key signs the nonces; secret
     * @param countsMax nonces in use at once
     */
    public DigestServer(UserSecrets secrets, byte[] key, int countsMax) {
        this.secrets = secrets;
        this.countsMax = countsMax;
        try {
            mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + MAC, e);
        }
    }

    /** @return a challenge for a realm. */
    public Challenged challenge(String realm, boolean stale, long nowNs) {
        String nonce = nonce(realm, nowNs);
        // MD5 alone, although RFC 8760 section 2.4 would have SHA-256 beside it: a widespread softphone library (libre)
        // gives up when one of several challenges names an algorithm it does not know. An answer with SHA-256 is taken.
        return new Challenged(List.of(challenge(DigestAlgorithm.MD5, realm, nonce, stale)));
    }

    private static String challenge(DigestAlgorithm algorithm, String realm, String nonce, boolean stale) {
        StringBuilder value = new StringBuilder("Digest ");
        DigestParameters.quote(value, "realm", realm);
        DigestParameters.quote(value, "nonce", nonce);
        value.append(", algorithm=").append(algorithm.wireName());
        DigestParameters.quote(value, "qop", QOP);
        return value.append(stale ? ", stale=true" : "").toString();
    }

    private String nonce(String realm, long nowNs) {
        ByteBuffer nonce = ByteBuffer.allocate(NONCE_LENGTH).putLong(nowNs).putLong(++issued);
        nonce.put(signature(nonce.array(), realm));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(nonce.array());
    }

    private byte[] signature(byte[] nonce, String realm) {
        mac.update(nonce, 0, NONCE_LENGTH - SIGNATURE_LENGTH);
        return Arrays.copyOf(mac.doFinal(realm.getBytes(StandardCharsets.UTF_8)), SIGNATURE_LENGTH);
    }

    /**
     * Checks the credentials of one request.
     *
     * @param values of its Authorization headers
     * @param realm that the request must be proved for
     */
    public Result check(List<String> values, String method, String realm, long nowNs) {
        Map<String, String> parameters = null;
        for (String value : values) {
            Map<String, String> read = DigestParameters.read(value);
            if (read == null) {
                return new Rejected("Malformed credentials");
            }
            // RFC 3261 section 22.3: of several the ones for our realm count.
            if (realm.equalsIgnoreCase(read.get("realm"))) {
                parameters = read;
            }
        }
        if (parameters == null) {
            return challenge(realm, false, nowNs);
        }
        for (String name : List.of("username", "nonce", "uri", "response")) {
            if (parameters.get(name) == null) {
                return new Rejected("Credentials without " + name);
            }
        }
        return check(parameters, method, realm, nowNs);
    }

    private Result check(Map<String, String> answer, String method, String realm, long nowNs) {
        byte[] nonce = decoded(answer.get("nonce"));
        Nonce state = nonce == null ? Nonce.NOT_OURS : state(nonce, realm, nowNs);
        if (!isRight(answer, method)) {
            return challenge(realm, false, nowNs);
        }
        if (state == Nonce.NOT_OURS) {
            // Of before our restart: who knows the password tries again without asking its user.
            return challenge(realm, true, nowNs);
        }
        long count = answer.get("qop") == null ? 1 : count(answer.get("nc"));
        if (state == Nonce.OLD || !isFresh(ByteBuffer.wrap(nonce).getLong(8), count)) {
            // Right but late: the user agent tries again with the new nonce without asking its user.
            return challenge(realm, true, nowNs);
        }
        String user = answer.get("username");
        return new Accepted(secrets.of(answer.get("realm"), user).account(), user);
    }

    private static byte[] decoded(String nonce) {
        if (nonce.length() > 2 * NONCE_LENGTH) {
            return null;
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(nonce);
            return bytes.length == NONCE_LENGTH ? bytes : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private Nonce state(byte[] nonce, String realm, long nowNs) {
        byte[] signature = Arrays.copyOfRange(nonce, NONCE_LENGTH - SIGNATURE_LENGTH, NONCE_LENGTH);
        if (!MessageDigest.isEqual(signature, signature(nonce, realm))) {
            return Nonce.NOT_OURS;
        }
        return nowNs - ByteBuffer.wrap(nonce).getLong(0) > NONCE_NS ? Nonce.OLD : Nonce.GOOD;
    }

    private boolean isRight(Map<String, String> answer, String method) {
        String name = answer.getOrDefault("algorithm", "");
        boolean session = name.length() > 5 && name.regionMatches(true, name.length() - 5, "-sess", 0, 5);
        DigestAlgorithm algorithm = DigestAlgorithm.of(session ? name.substring(0, name.length() - 5) : name);
        String qop = answer.get("qop");
        String cnonce = answer.get("cnonce");
        if (algorithm == null
                || algorithm == DigestAlgorithm.SHA_512_256
                || qop != null && (!qop.equals(QOP) || answer.get("nc") == null || cnonce == null)
                || session && cnonce == null) {
            return false;
        }
        String ha1 = ha1(answer.get("realm"), answer.get("username"), algorithm);
        boolean known = ha1 != null;
        if (!known) {
            // The same work for a user that does not exist, so that time tells nothing.
            ha1 = algorithm.secret(answer.get("username"), answer.get("realm"), "");
        }
        if (session) {
            ha1 = algorithm.hash(ha1 + ':' + answer.get("nonce") + ':' + cnonce);
        }
        String ha2 = algorithm.hash(method + ':' + answer.get("uri"));
        String expected = algorithm.response(ha1, answer.get("nonce"), answer.get("nc"), cnonce, qop, ha2);
        return MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8),
                        answer.get("response").getBytes(StandardCharsets.UTF_8))
                && known;
    }

    private String ha1(String realm, String user, DigestAlgorithm algorithm) {
        return switch (secrets.of(realm, user)) {
            case null -> null;
            case UserSecrets.Secret.Password(String _, String password) -> algorithm.secret(user, realm, password);
            case UserSecrets.Secret.Hashes(String _, String md5, String sha256) ->
                algorithm == DigestAlgorithm.MD5 ? md5 : sha256;
        };
    }

    private static long count(String nc) {
        if (nc.length() != 8) {
            return -1;
        }
        try {
            return Long.parseLong(nc, 16);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    /** The count of a nonce only rises; a number that the table has forgotten is as good as used. */
    private boolean isFresh(long number, long count) {
        Long last = counts.get(number);
        if (count < 1 || last == null && number <= forgottenUpTo || last != null && count <= last) {
            return false;
        }
        counts.put(number, count);
        if (counts.size() > countsMax) {
            long eldest = counts.firstEntry().getKey();
            counts.remove(eldest);
            forgottenUpTo = Math.max(forgottenUpTo, eldest);
        }
        return true;
    }
}
