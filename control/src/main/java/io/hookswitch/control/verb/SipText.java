package io.hookswitch.control.verb;

import java.util.regex.Pattern;

/**
 * Which texts can stand where in a SIP message (RFC 3261 section 25.1). Nothing is escaped: what does not fit is
 * refused.
 */
final class SipText {
    private static final String TOKEN_MARKS = "-.!%*_+`'~";
    private static final String USER_MARKS = "-_.!~*'()&=+$,;?/";
    private static final int LONGEST_E164 = 15;

    private static final Pattern HOST =
            Pattern.compile("(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?");

    private SipText() {}

    /** @return whether a text would break out of its header line. */
    static boolean breaksLine(String text) {
        return text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0 || text.indexOf('\0') >= 0;
    }

    /** @return whether a text has something in it that no header may have; a tab may stand there. */
    static boolean hasControl(String text) {
        return text.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7F);
    }

    /** @return whether a text is a token: a header's name. */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> isAlphanumeric(c) || TOKEN_MARKS.indexOf(c) >= 0);
    }

    /** @return whether a text is legal as the user part of a SIP URI as it stands. */
    static boolean isUserPart(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length() || !isHex(text.charAt(i + 1)) || !isHex(text.charAt(i + 2))) {
                    return false;
                }
                i += 2;
            } else if (!isAlphanumeric(c) && USER_MARKS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** @return whether a text can be a host: name, IPv4 or bracketed IPv6 literal, with a port or without. */
    static boolean isHost(String text) {
        return HOST.matcher(text).matches();
    }

    /** @return whether a text can stand inside a URI or an address at all: no blanks, quotes, brackets, controls. */
    static boolean isUriText(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != 0x7F && "<>\"\\{}|^`".indexOf(c) < 0);
    }

    /** @return whether a text is a telephone number of the world: {@code +} and up to 15 digits. */
    static boolean isE164(String text) {
        return text.length() > 1
                && text.length() <= LONGEST_E164 + 1
                && text.charAt(0) == '+'
                && text.chars().skip(1).allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isAlphanumeric(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0 && c < 0x80;
    }
}
