package io.hookswitch.sip.digest;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Reads {@code Digest name=value, name="value", ...}. Network input never throws; everything is bounded. */
final class DigestParameters {
    private static final int TEXT_MAX = 4 * 1024;
    private static final int PARAMETERS_MAX = 32;

    private final String text;
    private int at;

    private DigestParameters(String text) {
        this.text = text;
    }

    /** @return parameters by lower-case name; null when it is not digest, malformed, or names one twice. */
    static Map<String, String> read(String value) {
        String trimmed = value == null ? "" : value.strip();
        if (trimmed.length() > TEXT_MAX
                || !trimmed.regionMatches(true, 0, "Digest", 0, 6)
                || trimmed.length() == 6
                || !isSpace(trimmed.charAt(6))) {
            return null;
        }
        return new DigestParameters(trimmed.substring(7)).parameters();
    }

    private Map<String, String> parameters() {
        Map<String, String> parameters = new HashMap<>();
        while (true) {
            skipSpace();
            if (at == text.length()) {
                return parameters.isEmpty() ? null : parameters;
            }
            String name = token();
            skipSpace();
            if (name.isEmpty() || !skip('=')) {
                return null;
            }
            skipSpace();
            String value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
            if (value == null
                    || parameters.size() == PARAMETERS_MAX
                    || parameters.put(name.toLowerCase(Locale.ROOT), value) != null) {
                return null;
            }
            skipSpace();
            if (at < text.length() && !skip(',')) {
                return null;
            }
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private void skipSpace() {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
    }

    private boolean skip(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        if (there) {
            at++;
        }
        return there;
    }

    private String token() {
        int from = at;
        while (at < text.length()
                && !isSpace(text.charAt(at))
                && text.charAt(at) != '='
                && text.charAt(at) != ','
                && text.charAt(at) != '"') {
            at++;
        }
        return text.substring(from, at);
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\' && at < text.length()) {
                c = text.charAt(at++);
            }
            value.append(c);
        }
        return null;
    }

    /** Appends {@code , name="value"}, escaped. */
    static StringBuilder quote(StringBuilder into, String name, String value) {
        into.append(into.length() > 7 ? ", " : "").append(name).append("=\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                into.append('\\');
            }
            into.append(c);
        }
        return into.append('"');
    }
}
