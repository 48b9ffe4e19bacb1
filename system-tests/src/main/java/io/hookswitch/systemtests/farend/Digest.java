package io.hookswitch.systemtests.farend;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Digest access authentication (RFC 7616, RFC 8760) from both ends: answers a challenge, checks an answer. */
final class Digest {
    private static final Pattern PARAMETER = Pattern.compile("(\\w+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,]+))");

    private Digest() {}

    /** @return a challenge for a realm; {@code algorithm} MD5 or SHA-256. */
    static String challenge(String realm, String nonce, String algorithm) {
        return "Digest realm=\"" + realm + "\", nonce=\"" + nonce + "\", qop=\"auth\", algorithm=" + algorithm;
    }

    /** @return value of an Authorization or Proxy-Authorization field that answers a challenge. */
    static String answer(String challenge, String method, String uri, String user, String password) {
        Map<String, String> asked = parse(challenge);
        String algorithm = asked.getOrDefault("algorithm", "MD5");
        String cnonce = Long.toHexString(ThreadLocalRandom.current().nextLong());
        boolean qop = asked.getOrDefault("qop", "").contains("auth");
        String response = response(asked, new Proof(method, uri, user, password, qop ? cnonce : null));
        StringBuilder text = new StringBuilder("Digest username=\"" + user + "\", realm=\"" + asked.get("realm")
                + "\", nonce=\"" + asked.get("nonce") + "\", uri=\"" + uri + "\", response=\"" + response
                + "\", algorithm="
                + algorithm);
        if (qop) {
            text.append(", qop=auth, nc=00000001, cnonce=\"").append(cnonce).append('"');
        }
        if (asked.containsKey("opaque")) {
            text.append(", opaque=\"").append(asked.get("opaque")).append('"');
        }
        return text.toString();
    }

    /** @return whether an answer proves the password for a nonce that we gave. */
    static boolean proves(String authorization, String method, String nonce, String user, String password) {
        Map<String, String> said = parse(authorization);
        if (!user.equals(said.get("username")) || !nonce.equals(said.get("nonce"))) {
            return false;
        }
        String cnonce = said.containsKey("qop") ? said.get("cnonce") : null;
        String expected = response(said, new Proof(method, said.get("uri"), user, password, cnonce));
        return expected.equals(said.get("response"));
    }

    private record Proof(String method, String uri, String user, String password, String cnonce) {}

    private static String response(Map<String, String> challenge, Proof proof) {
        String algorithm = challenge.getOrDefault("algorithm", "MD5").equalsIgnoreCase("SHA-256") ? "SHA-256" : "MD5";
        String a1 = hash(algorithm, proof.user() + ":" + challenge.get("realm") + ":" + proof.password());
        String a2 = hash(algorithm, proof.method() + ":" + proof.uri());
        String nonce = challenge.get("nonce");
        if (proof.cnonce() == null) {
            return hash(algorithm, a1 + ":" + nonce + ":" + a2);
        }
        String count = challenge.getOrDefault("nc", "00000001");
        return hash(algorithm, a1 + ":" + nonce + ":" + count + ":" + proof.cnonce() + ":auth:" + a2);
    }

    /** @return the parameters of a challenge or of an answer. */
    static Map<String, String> parse(String value) {
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher matcher = PARAMETER.matcher(value);
        while (matcher.find()) {
            parameters.put(matcher.group(1), matcher.group(2) != null ? matcher.group(2) : matcher.group(3));
        }
        return parameters;
    }

    private static String hash(String algorithm, String text) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
