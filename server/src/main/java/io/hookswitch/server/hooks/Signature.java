package io.hookswitch.server.hooks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The {@code Jambonz-Signature} header: proof to the application that a hook comes from us and is fresh. */
final class Signature {
    /** Header's name. */
    static final String HEADER = "Jambonz-Signature";
    /** What is signed for a GET, which has no body: what a receiver's JSON parser makes of nothing. */
    static final byte[] NO_BODY = "{}".getBytes(StandardCharsets.UTF_8);

    private Signature() {}

    /** @return {@code t=<unix seconds>,v1=<lower-case hex HMAC-SHA256 of "<t>.<body>">}. */
    static String of(String secret, long epochSeconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((epochSeconds + ".").getBytes(StandardCharsets.US_ASCII));
            return "t=" + epochSeconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }
}
