package io.hookswitch.sip.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Hash functions of digest, the weakest first (RFC 7616 section 6.1, RFC 8760 section 2.2). */
public enum DigestAlgorithm {
    /** RFC 2617's; also meant when none is named. */
    MD5("MD5", "MD5"),
    /** 128 bits of hash less than half as fast to attack as MD5's. */
    SHA_256("SHA-256", "SHA-256"),
    /** SHA-512 cut to 256 bits. */
    SHA_512_256("SHA-512-256", "SHA-512/256");

    private final String wireName;
    private final String javaName;

    DigestAlgorithm(String wireName, String javaName) {
        this.wireName = wireName;
        this.javaName = javaName;
    }

    /** @return as in the {@code algorithm} parameter. */
    public String wireName() {
        return wireName;
    }

    /** @return the algorithm of a parameter without its {@code -sess}; absent = MD5; null = not known. */
    static DigestAlgorithm of(String parameter) {
        if (parameter == null || parameter.isEmpty()) {
            return MD5;
        }
        for (DigestAlgorithm algorithm : values()) {
            if (algorithm.wireName.equalsIgnoreCase(parameter)) {
                return algorithm;
            }
        }
        return null;
    }

    /** @return lower-case hexadecimal hash of a text's UTF-8 bytes. */
    String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance(javaName).digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no " + javaName, e);
        }
    }

    /** @return hash of {@code user:realm:password} (HA1 without -sess). */
    public String secret(String user, String realm, String password) {
        return hash(user + ':' + realm + ':' + password);
    }

    /**
     * The value both sides must agree on (RFC 7616 section 3.4.1).
     *
     * @param ha1 for this algorithm, -sess already applied
     * @param qop "auth", or null for RFC 2069's way without count and client nonce
     */
    String response(String ha1, String nonce, String nc, String cnonce, String qop, String ha2) {
        return qop == null
                ? hash(ha1 + ':' + nonce + ':' + ha2)
                : hash(ha1 + ':' + nonce + ':' + nc + ':' + cnonce + ':' + qop + ':' + ha2);
    }
}
