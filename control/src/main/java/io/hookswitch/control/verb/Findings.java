package io.hookswitch.control.verb;

import java.util.ArrayList;
import java.util.List;

/** Faults and warnings of one document, in the order of the document. */
final class Findings {
    private static final int MAX_KEY_LENGTH = 64;

    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void fault(String path, String what) {
        faults.add(path + ": " + what);
    }

    void warn(String path, String what) {
        warnings.add(path + ": " + what);
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** @return a key as it can stand in a log line or a header: short, and without control characters. */
    static String printable(String key) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < key.length() && i < MAX_KEY_LENGTH; i++) {
            char c = key.charAt(i);
            text.append(c < ' ' || c == 0x7F ? '?' : c);
        }
        return text.toString();
    }
}
