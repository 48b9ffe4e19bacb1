package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.Fallback;
import io.hookswitch.control.ControlCommand.HookSpec;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one JSON object member by member; what is wrong is noted by path, what was never asked for is unknown. */
final class Members {
    /** Longest time that a verb can name: a year. */
    private static final double MAX_SECONDS = 31_536_000;

    private static final double NS_PER_SECOND = 1e9;
    private static final double MAX_DECIBELS = 40;
    private static final Pattern DECIBELS = Pattern.compile("([+-]?[0-9]{1,3}(?:\\.[0-9]{1,6})?)(?: ?dB)?");
    private static final String LATER = "not supported yet";

    private final Map<String, Object> members;
    private final String path;
    private final Findings findings;
    private final Set<String> known = new HashSet<>();

    Members(Map<String, Object> members, String path, Findings findings) {
        this.members = members;
        this.path = path;
        this.findings = findings;
    }

    /** @return path of the object itself. */
    String path() {
        return path;
    }

    String path(String key) {
        return path + "." + Findings.printable(key);
    }

    Findings findings() {
        return findings;
    }

    boolean has(String key) {
        known.add(key);
        return members.containsKey(key);
    }

    Object value(String key) {
        known.add(key);
        return members.get(key);
    }

    void fault(String key, String what) {
        findings.fault(path(key), what);
    }

    /** Names members that the language has and this product does not run yet. */
    void later(Set<String> keys) {
        for (String key : members.keySet()) {
            if (keys.contains(key)) {
                known.add(key);
                fault(key, LATER);
            }
        }
    }

    /** Takes members that the language has and that change nothing here, with a warning. */
    void withoutEffect(Set<String> keys) {
        for (String key : members.keySet()) {
            if (keys.contains(key)) {
                known.add(key);
                findings.warn(path(key), "has no effect here");
            }
        }
    }

    /** Ends the reading: every member that nobody asked for is a fault. */
    void end() {
        for (String key : members.keySet()) {
            if (!known.contains(key)) {
                fault(key, "unknown");
            }
        }
    }

    /** @return the string, or {@code otherwise} when it is absent or no string. */
    String text(String key, String otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (value(key) instanceof String text) {
            return text;
        }
        fault(key, "must be a string");
        return otherwise;
    }

    /** @return a string without CR, LF and NUL: it goes into a SIP message. */
    String line(String key, String otherwise) {
        String text = text(key, otherwise);
        if (text != null && SipText.breaksLine(text)) {
            fault(key, "must not contain CR, LF or NUL");
            return otherwise;
        }
        return text;
    }

    /** @return a string that must be there and not be empty; null when it is not, and the fault is noted. */
    String requiredText(String key) {
        if (!has(key)) {
            fault(key, "required");
            return null;
        }
        String text = text(key, null);
        if (text != null && text.isEmpty()) {
            fault(key, "must not be empty");
            return null;
        }
        return text;
    }

    boolean bool(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (value(key) instanceof Boolean bool) {
            return bool;
        }
        fault(key, "must be true or false");
        return otherwise;
    }

    /** @return seconds as ns; {@code otherwise} when absent or wrong. */
    long seconds(String key, long otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        double seconds =
                switch (value(key)) {
                    case Long whole -> whole;
                    case BigDecimal decimal -> decimal.doubleValue();
                    case null, default -> Double.NaN;
                };
        if (Double.isNaN(seconds)) {
            fault(key, "must be a number of seconds");
            return otherwise;
        }
        if (seconds < 0 || seconds > MAX_SECONDS) {
            fault(key, "must be from 0 to " + (long) MAX_SECONDS + " seconds");
            return otherwise;
        }
        return (long) (seconds * NS_PER_SECOND);
    }

    /** @return an integer in a range that must be there; 0 when it is not, and the fault is noted. */
    int requiredInt(String key, int lowest, int highest) {
        if (!has(key)) {
            fault(key, "required");
            return 0;
        }
        return integer(key, 0, lowest, highest);
    }

    /** @return an integer in a range; {@code otherwise} when absent or wrong. */
    int integer(String key, int otherwise, int lowest, int highest) {
        if (!has(key)) {
            return otherwise;
        }
        if (value(key) instanceof Long number && number >= lowest && number <= highest) {
            return number.intValue();
        }
        fault(key, "must be an integer from " + lowest + " to " + highest);
        return otherwise;
    }

    /** @return whole decibels, written as a number or as {@code "6 dB"}; {@code otherwise} when absent or wrong. */
    int decibels(String key, int otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        String text =
                switch (value(key)) {
                    case Long number -> number.toString();
                    case BigDecimal number -> number.toPlainString();
                    case String words -> words;
                    case null, default -> "";
                };
        Matcher matcher = DECIBELS.matcher(text);
        double db = matcher.matches() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
        if (!(Math.abs(db) <= MAX_DECIBELS)) {
            fault(key, "must be a number of decibels from -40 to 40, or a text like 6 dB");
            return otherwise;
        }
        return (int) Math.round(db);
    }

    /** @return the members of a nested object, or null when it is absent or no object. */
    Members object(String key) {
        if (!has(key)) {
            return null;
        }
        Map<String, Object> map = asObject(value(key));
        if (map == null) {
            fault(key, "must be an object");
            return null;
        }
        return new Members(map, path(key), findings);
    }

    Set<String> names() {
        return members.keySet();
    }

    /** @return a hook written as a string or as an object, or null when it is absent or wrong. */
    HookSpec hook(String key) {
        if (!has(key)) {
            return null;
        }
        if (value(key) instanceof String url) {
            if (url.isEmpty()) {
                fault(key, "must not be empty");
                return null;
            }
            return new HookSpec(url, "POST", null, null);
        }
        if (asObject(value(key)) == null) {
            fault(key, "must be a URL or an object with a url");
            return null;
        }
        Members hook = object(key);
        String url = hook.requiredText("url");
        String method = hook.text("method", "POST").toUpperCase(Locale.ROOT);
        if (!method.equals("GET") && !method.equals("POST")) {
            hook.fault("method", "must be GET or POST");
        }
        String username = hook.text("username", null);
        String password = hook.text("password", null);
        Members basicAuth = hook.object("basicAuth");
        if (basicAuth != null) {
            username = basicAuth.text("username", username);
            password = basicAuth.text("password", password);
            basicAuth.end();
        }
        Fallback fallback = fallback(hook);
        hook.end();
        return url == null ? null : new HookSpec(url, method, username, password, fallback);
    }

    /** A URL or a hook that is asked instead, or the verbs themselves; {@code deadline} is the first one's. */
    private static Fallback fallback(Members hook) {
        long deadlineNs = hook.seconds("deadline", 0);
        if (hook.has("fallback")) {
            List<?> verbs = asArray(hook.value("fallback"));
            if (verbs == null) {
                return new Fallback(deadlineNs, hook.hook("fallback"), null);
            }
            VerbParser.check(verbs, hook.path("fallback"), hook.findings);
            return new Fallback(deadlineNs, null, verbs);
        }
        return deadlineNs == 0 ? null : new Fallback(deadlineNs, null, null);
    }

    /** @return the value as a JSON object, or null when it is none. */
    @SuppressWarnings("unchecked") // JSON objects are maps with string keys: the contract of HookOutcome.Replied
    static Map<String, Object> asObject(Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : null;
    }

    /** @return the value as a JSON array, or null when it is none. */
    static List<?> asArray(Object value) {
        return value instanceof List<?> list ? list : null;
    }
}
