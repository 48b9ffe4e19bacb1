package io.hookswitch.systemtests.hook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Checks {@code Jambonz-Signature} as the application's library does: over the body as JavaScript would write it. */
final class SignatureCheck {
    static final String HEADER = "jambonz-signature";
    private static final long TOLERANCE_S = 300;
    private static final Pattern FORM = Pattern.compile("t=(\\d+),v1=([0-9a-f]{64})");
    private static final JsonMapper JSON = JsonMapper.shared();

    private SignatureCheck() {}

    /** @return {@code good}, {@code missing}, or what is wrong. */
    static String verdict(String secret, String header, String method, String body) {
        if (header == null) {
            return "missing";
        }
        Matcher form = FORM.matcher(header);
        if (!form.matches()) {
            return "malformed: " + header;
        }
        if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(form.group(1))) > TOLERANCE_S) {
            return "too old or from the future";
        }
        String signed;
        try {
            signed = method.equals("GET") ? "{}" : JSON.writeValueAsString(JSON.readTree(body));
        } catch (JacksonException e) {
            return "body is no JSON";
        }
        return hmac(secret, form.group(1) + "." + signed).equals(form.group(2)) ? "good" : "does not match the body";
    }

    private static String hmac(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
