package io.hookswitch.sip.ua;

import io.hookswitch.sip.sdp.OfferAnswer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Keeps to ourselves what a request proves its sender with (RFC 3261 section 22): who decides about a call sees it as
 * it
 * came, without those headers.
 */
final class Proofs {
    private static final Set<String> NAMES = Set.of("authorization", "proxy-authorization");

    private Proofs() {}

    /** @return whether a header of this name is a proof of identity. */
    static boolean isProof(String name) {
        return NAMES.contains(name.strip().toLowerCase(Locale.ROOT));
    }

    /**
     * @return the same message without its proofs, continuation lines included, and without the keys of its media (RFC
     *     4568 section 7); every other byte as it was.
     */
    static byte[] without(byte[] message) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(message.length);
        int at = 0;
        boolean left = false;
        while (at < message.length) {
            int end = lineEnd(message, at);
            if (end - at <= 2 && isLineEnd(message[at])) {
                // The empty line: a body is nobody's header.
                String body = new String(message, at, message.length - at, StandardCharsets.ISO_8859_1);
                kept.writeBytes(OfferAnswer.withoutKeys(body).getBytes(StandardCharsets.ISO_8859_1));
                break;
            }
            boolean continued = message[at] == ' ' || message[at] == '\t';
            left = continued ? left : isProof(name(message, at, end));
            if (!left) {
                kept.write(message, at, end - at);
            }
            at = end;
        }
        return kept.toByteArray();
    }

    private static boolean isLineEnd(byte b) {
        return b == '\r' || b == '\n';
    }

    /** @return behind the line feed. */
    private static int lineEnd(byte[] message, int from) {
        int at = from;
        while (at < message.length && message[at] != '\n') {
            at++;
        }
        return Math.min(at + 1, message.length);
    }

    private static String name(byte[] message, int from, int end) {
        StringBuilder name = new StringBuilder();
        for (int i = from; i < end && message[i] != ':'; i++) {
            name.append((char) (message[i] & 0xFF));
        }
        return name.toString();
    }
}
