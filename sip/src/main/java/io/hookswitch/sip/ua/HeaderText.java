package io.hookswitch.sip.ua;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What may be written into a message as it was given to us. Control has checked it before: this is the last look. */
final class HeaderText {
    /** Headers that are ours: transaction, dialog, body, extensions and identity. Compact forms included. */
    private static final Set<String> PROTECTED = Set.of(
            "via",
            "v",
            "from",
            "f",
            "to",
            "t",
            "call-id",
            "i",
            "cseq",
            "max-forwards",
            "contact",
            "m",
            "route",
            "record-route",
            "content-length",
            "l",
            "content-type",
            "c",
            "content-encoding",
            "e",
            "require",
            "proxy-require",
            "supported",
            "k",
            "unsupported",
            "allow",
            "rseq",
            "rack",
            "session-expires",
            "x",
            "min-se",
            "authorization",
            "proxy-authorization",
            "www-authenticate",
            "proxy-authenticate",
            "path",
            "service-route");

    /** Headers of a request that RFC 3261 and its extensions define, so that the others are the far end's own. */
    private static final Set<String> STANDARD = Set.of(
            "user-agent",
            "server",
            "date",
            "timestamp",
            "allow-events",
            "u",
            "accept",
            "accept-encoding",
            "accept-language",
            "organization",
            "expires",
            "mime-version",
            "content-disposition",
            "content-language",
            "reason");

    /** Who somebody is by the word of a trusted neighbour (RFC 3325 section 5): a user's word is not that. */
    private static final Set<String> ASSERTIONS = Set.of("p-asserted-identity", "remote-party-id");

    private static final String TOKEN_MARKS = "-.!%*_+`'~";
    private static final String USER_MARKS = "-_.!~*'()&=+$,;?/";
    private static final int VALUE_MAX = 4_000;

    private static final Pattern HOST =
            Pattern.compile("(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?");

    private HeaderText() {}

    /** @return whether a whole line {@code Name: value} may be sent by us on somebody's behalf. */
    static boolean isAllowed(String line) {
        int colon = line.indexOf(':');
        return colon > 0
                && isToken(line.substring(0, colon).strip())
                && !isProtected(name(line))
                && isClean(line)
                && line.length() <= VALUE_MAX;
    }

    /** @return the name of a line {@code Name: value}. */
    static String name(String line) {
        return line.substring(0, line.indexOf(':')).strip();
    }

    /** @return the value of a line {@code Name: value}. */
    static String value(String line) {
        return line.substring(line.indexOf(':') + 1).strip();
    }

    static boolean isProtected(String name) {
        return PROTECTED.contains(name.toLowerCase(Locale.ROOT));
    }

    /** @return whether a header of this name is to be believed only from a carrier. */
    static boolean isAssertion(String name) {
        return ASSERTIONS.contains(name.strip().toLowerCase(Locale.ROOT));
    }

    /** @return whether a header of a BYE is the far end's own, not one that the protocol defines. */
    static boolean isExtra(String name) {
        return !isProtected(name) && !STANDARD.contains(name.toLowerCase(Locale.ROOT));
    }

    /** @return whether nothing in it ends a line or a string. */
    static boolean isClean(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7F) {
                return false;
            }
        }
        return true;
    }

    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAlphanumeric(c) && TOKEN_MARKS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    /** @return whether it is a name, an IPv4 or a bracketed IPv6 address, with a port or without. */
    static boolean isHost(String text) {
        return HOST.matcher(text).matches();
    }

    /** @return a user part with everything escaped that RFC 3261 section 25.1 does not allow in one. */
    static String escapedUser(String user) {
        StringBuilder escaped = new StringBuilder();
        for (byte octet : user.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            if (isAlphanumeric(c) || USER_MARKS.indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                escaped.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return escaped.toString();
    }

    /** @return a quoted string (RFC 3261 section 25.1). */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
