package io.hookswitch.control.journal;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a journal must not hold, and what stands there instead.
 *
 * <p>Replay works on masked values, and compares masked with masked: {@code mask(decide(event))} was written,
 * {@code mask(decide(mask(event)))} is what replay finds. They are equal because control passes secrets on and never
 * decides on what they are, and because each mask is the same whatever it covers:
 *
 * <ul>
 *   <li>members named as a secret, and header values named so: {@code *};
 *   <li>in any text: SDP keys ({@code inline:}, {@code ice-pwd:}), Authorization lines, a URI's password: {@code *};
 *   <li>keys to send and keys collected: every 0-9 and A-D is {@code 0}; length, pauses, * and # stay;
 *   <li>a key that was pressed decides something when a capture or a finish key names it. Those keys stay, as do * and
 *       #; every other one becomes one key that nothing in the call waits for.
 * </ul>
 */
final class JournalMask {
    /** What stands for a secret. */
    static final String MASK = "*";
    /** Keys in the order in which they are tried as the one that stands for all others. */
    private static final String KEYS = "0123456789ABCD";

    private static final Set<String> SECRETS = Set.of(
            "password",
            "authpassword",
            "registerpassword",
            "secret",
            "webhooksecret",
            "apikey",
            "authtoken",
            "accesstoken",
            "token",
            "authorization",
            "proxyauthorization");
    private static final Set<String> SENT_KEYS = Set.of("dtmf", "digit", "digits", "senddigits");
    private static final Set<String> AWAITED_KEYS = Set.of("dtmfcapture", "finishonkey");

    private static final Pattern SDP_KEY = Pattern.compile("(?i)(inline:|ice-pwd:)[^\\s|;]+");
    private static final Pattern AUTHORIZATION = Pattern.compile("(?im)^((?:proxy-)?authorization\\s*:)[^\\r\\n]+");
    private static final Pattern URI_PASSWORD =
            Pattern.compile("(?i)((?:sips?:|://)[^\\s,:@/;?<>\"]*:)[^\\s,@/;?<>\"]+@");

    /** What a member's name says of its value. */
    enum Rule {
        /** Nothing. */
        OPEN,
        /** Never written. */
        SECRET,
        /** Keys that control passes on. */
        KEYS,
        /** Keys that something waits for. */
        AWAITED
    }

    private final boolean keysOpen;
    private int awaited;

    /** @param keysOpen the account lets keys be journaled */
    JournalMask(boolean keysOpen) {
        this.keysOpen = keysOpen;
    }

    boolean keysOpen() {
        return keysOpen;
    }

    /** @return the rule for a member's value, below a member with a rule of its own. */
    static Rule rule(String member, Rule above) {
        String name = plain(member);
        if (SECRETS.contains(name)) {
            return Rule.SECRET;
        } else if (AWAITED_KEYS.contains(name)) {
            return Rule.AWAITED;
        } else if (SENT_KEYS.contains(name)) {
            return Rule.KEYS;
        }
        // {dtmf: {dtmf: "12", duration: 500}}: beside the keys there stands what is none.
        return above == Rule.KEYS ? Rule.OPEN : above;
    }

    private static String plain(String member) {
        boolean isPlain = true;
        for (int i = 0; i < member.length() && isPlain; i++) {
            char c = member.charAt(i);
            isPlain = c >= 'a' && c <= 'z';
        }
        return isPlain ? member : member.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** @return what may be written of a text. */
    String text(String text, Rule rule) {
        return switch (rule) {
            case OPEN -> open(text);
            // What would break a message is a fault of the document, also in a secret: it stays one.
            case SECRET -> text.isEmpty() ? text : MASK + text.replaceAll("[^\\r\\n\\x00]", "");
            case KEYS -> keysOpen ? text : keys(text);
            case AWAITED -> {
                await(text);
                yield text;
            }
        };
    }

    /** @return what may be written of a whole number. */
    long number(long number, Rule rule) {
        return switch (rule) {
            case OPEN -> number;
            case SECRET -> 0;
            case KEYS -> keysOpen ? number : sameLength(number);
            case AWAITED -> {
                await(Long.toString(number));
                yield number;
            }
        };
    }

    /** As many digits, so that whatever counts them counts as many. */
    private static long sameLength(long number) {
        long power = 1;
        for (long left = Math.abs(number / 10); left > 0; left /= 10) {
            power *= 10;
        }
        return power == 1 ? 0 : power;
    }

    /** @return what may be written of one key: an event's when {@code pressed}, else one that control passes on. */
    char key(char key, boolean pressed) {
        if (keysOpen || KEYS.indexOf(key) < 0) {
            return key;
        }
        return pressed ? standIn(key) : '0';
    }

    private char standIn(char key) {
        int index = KEYS.indexOf(key);
        if ((awaited >> index & 1) != 0) {
            return key;
        }
        for (int i = 0; i < KEYS.length(); i++) {
            if ((awaited >> i & 1) == 0) {
                return KEYS.charAt(i);
            }
        }
        return key;
    }

    private void await(String keys) {
        for (int i = 0; i < keys.length(); i++) {
            int index = KEYS.indexOf(Character.toUpperCase(keys.charAt(i)));
            if (index >= 0) {
                awaited |= 1 << index;
            }
        }
    }

    private static String keys(String text) {
        StringBuilder masked = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            masked.append(KEYS.indexOf(Character.toUpperCase(c)) < 0 ? c : '0');
        }
        return masked.toString();
    }

    private static String open(String text) {
        String open = text;
        if (text.contains("inline:") || text.contains("ice-pwd:")) {
            open = SDP_KEY.matcher(open).replaceAll("$1" + MASK);
        }
        if (text.contains("uthorization") || text.contains("UTHORIZATION")) {
            open = AUTHORIZATION.matcher(open).replaceAll("$1 " + MASK);
        }
        if (text.indexOf('@') > 0) {
            open = URI_PASSWORD.matcher(open).replaceAll("$1" + MASK + "@");
        }
        return open;
    }
}
