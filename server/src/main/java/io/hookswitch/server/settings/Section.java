package io.hookswitch.server.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One mapping of the file while it is read. Every question notes a fault and returns something harmless when the answer
 * is
 * wrong, so that one reading finds all faults. Keys that nobody may ask for are faults at once.
 */
final class Section {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Map<?, ?> values;
    private final String path;
    private final String place;
    private final List<Fault> faults;

    /**
     * @param value what the file has here; null or absent = an empty mapping
     * @param path with list positions, for messages
     * @param place without, for {@link Key#below}
     */
    Section(Object value, String path, String place, List<Fault> faults) {
        this.path = path;
        this.place = place;
        this.faults = faults;
        if (value instanceof Map<?, ?> map) {
            values = map;
        } else {
            values = Map.of();
            if (value != null) {
                faults.add(new Fault(path, "must be a mapping of keys, but is " + kind(value)));
            }
        }
        Set<String> known = Key.below(place);
        for (Object key : values.keySet()) {
            if (!(key instanceof String name) || !known.contains(name)) {
                fault(String.valueOf(key), "is not a key known here; known are " + String.join(", ", known));
            }
        }
    }

    String path() {
        return path;
    }

    void fault(String key, String message) {
        faults.add(new Fault(pathOf(key), message));
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        return values.get(key) != null;
    }

    /** @return a mapping below this one; empty when absent. */
    Section section(String key) {
        return new Section(values.get(key), pathOf(key), place.isEmpty() ? key : place + "." + key, faults);
    }

    /** @return the mappings of a list; none when absent. */
    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        int index = 0;
        for (Object entry : list(key)) {
            sections.add(new Section(entry, pathOf(key) + "[" + index + "]", placeOfEntries(key), faults));
            if (entry == null) {
                faults.add(new Fault(pathOf(key) + "[" + index + "]", "is empty"));
            }
            index++;
        }
        return sections;
    }

    private String placeOfEntries(String key) {
        return (place.isEmpty() ? key : place + "." + key) + "[]";
    }

    /** @return the texts of a list, in order; a null stands for an entry that is none. */
    List<String> texts(Key key) {
        List<String> texts = new ArrayList<>();
        List<?> entries = list(key.leaf());
        for (int i = 0; i < entries.size(); i++) {
            Object entry = entries.get(i);
            if (entry instanceof String text) {
                texts.add(text);
            } else {
                texts.add(null);
                fault(key.leaf() + "[" + i + "]", "must be text, but is " + kind(entry));
            }
        }
        return texts;
    }

    private List<?> list(String key) {
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        fault(key, "must be a list, but is " + kind(value));
        return List.of();
    }

    /** @return the text, or the default given when it is absent or wrong. */
    String text(Key key, String absent, int maxLength) {
        Object value = values.get(key.leaf());
        if (value == null) {
            return absent;
        }
        if (!(value instanceof String text)) {
            fault(key.leaf(), "must be text, but is " + kind(value) + ": put it in quotes");
            return absent;
        }
        if (text.isEmpty() || text.length() > maxLength || text.chars().anyMatch(c -> c < ' ' || c == 127)) {
            fault(key.leaf(), "must have 1.." + maxLength + " characters, none of them a control character");
            return absent;
        }
        return text;
    }

    /** @return a text that must be there; "" after noting the fault. */
    String required(Key key, int maxLength) {
        if (!has(key.leaf())) {
            fault(key.leaf(), "is required");
        }
        return text(key, "", maxLength);
    }

    /** @return a required name; "" after noting the fault. */
    String name(Key key) {
        String name = required(key, 64);
        if (!name.isEmpty() && !NAME.matcher(name).matches()) {
            fault(key.leaf(), "\"" + name + "\" is not a name: 1..64 of A-Z a-z 0-9 . _ -");
        }
        return name;
    }

    /** @return the secret; what is wrong with one is told without it. */
    Secret secret(Key key) {
        Object value = values.get(key.leaf());
        if (value != null && !(value instanceof String)) {
            fault(key.leaf(), "must be text: put it in quotes");
            return Secret.NONE;
        }
        return new Secret(text(key, "", 256));
    }

    /** @return a secret that must be there; none after noting the fault. */
    Secret requiredSecret(Key key) {
        if (!has(key.leaf())) {
            fault(key.leaf(), "is required");
        }
        return secret(key);
    }

    int number(Key key) {
        return number(key, key.min(), key.max(), key.defaultNumber());
    }

    int number(Key key, long min, long max, int absent) {
        Object value = values.get(key.leaf());
        if (value == null) {
            return absent;
        }
        if (!(value instanceof Integer || value instanceof Long || value instanceof java.math.BigInteger)) {
            fault(key.leaf(), "must be a whole number, but is " + kind(value));
            return absent;
        }
        long number = value instanceof java.math.BigInteger ? Long.MAX_VALUE : ((java.lang.Number) value).longValue();
        if (number < min || number > max) {
            fault(key.leaf(), value + " is not in " + min + ".." + max);
            return absent;
        }
        return (int) number;
    }

    boolean flag(Key key, boolean absent) {
        Object value = values.get(key.leaf());
        if (value == null) {
            return absent;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        fault(key.leaf(), "must be true or false, but is " + kind(value));
        return absent;
    }

    /** @return one of the words, lower case in the file; null after noting the fault. */
    <E extends Enum<E>> E choice(Key key, Class<E> words, E absent) {
        String text = text(key, "", 64);
        if (text.isEmpty()) {
            return absent;
        }
        for (E word : words.getEnumConstants()) {
            if (word.name().equalsIgnoreCase(text)) {
                return word;
            }
        }
        fault(key.leaf(), text + " is not one of " + key.range());
        return absent;
    }

    static String kind(Object value) {
        return switch (value) {
            case null -> "empty";
            case Map<?, ?> _ -> "a mapping";
            case List<?> _ -> "a list";
            case Boolean flag -> "the word " + flag;
            case java.lang.Number number -> "the number " + number;
            case String text -> "the text \"" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "\"";
            default -> "something else";
        };
    }
}
