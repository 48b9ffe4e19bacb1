package io.hookswitch.control.call;

import java.util.List;

/** Watches one leg's keys for sequences (dial.md 4.1). */
final class DigitCapture {
    /** A key so long after the one before begins anew. */
    private static final long LONGEST_PAUSE_NS = 3_000_000_000L;

    private static final String KEYS = "0123456789*#";

    private final List<String> sequences;
    private final int longest;
    private final StringBuilder pressed = new StringBuilder();
    private long lastNs;

    /** @param sequences the first that fits counts. */
    DigitCapture(List<String> sequences) {
        this.sequences = sequences;
        longest = sequences.stream().mapToInt(String::length).max().orElse(0);
    }

    /** @return the sequence that a key completes, null = none. */
    String onKey(char key, long nowNs) {
        if (KEYS.indexOf(key) < 0) {
            return null;
        }
        if (nowNs - lastNs >= LONGEST_PAUSE_NS) {
            pressed.setLength(0);
        }
        lastNs = nowNs;
        pressed.append(key);
        if (pressed.length() > longest) {
            pressed.deleteCharAt(0);
        }
        for (String sequence : sequences) {
            if (pressed.length() >= sequence.length()
                    && pressed.indexOf(sequence, pressed.length() - sequence.length()) >= 0) {
                return sequence;
            }
        }
        return null;
    }
}
