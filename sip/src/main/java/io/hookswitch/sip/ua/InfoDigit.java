package io.hookswitch.sip.ua;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A digit in the body of an INFO. Network input never throws. */
record InfoDigit(char digit, long durationNs) {
    private static final String DIGITS = "0123456789*#ABCD";
    private static final int DEFAULT_MS = 160;
    private static final int LONGEST_MS = 8_000;
    private static final int BODY_MAX = 256;

    /** @param relay application/dtmf-relay (Signal=, Duration=), else the bare digit; null = no digit in it */
    static InfoDigit read(String body, boolean relay) {
        if (body.length() > BODY_MAX) {
            return null;
        }
        String signal = relay ? null : body.strip();
        int durationMs = DEFAULT_MS;
        for (String line : relay ? body.split("\r?\n") : new String[0]) {
            int equals = line.indexOf('=');
            String name = equals < 0 ? "" : line.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(equals + 1).strip();
            if (name.equals("signal")) {
                if (signal != null) {
                    // Two keys in one message: which one was pressed is anybody's guess.
                    return null;
                }
                signal = value;
            } else if (name.equals("duration")) {
                durationMs = milliseconds(value);
            }
        }
        if (signal == null) {
            return null;
        }
        String named = signal.equals("10") ? "*" : signal.equals("11") ? "#" : signal.toUpperCase(Locale.ROOT);
        return named.length() == 1 && DIGITS.contains(named)
                ? new InfoDigit(named.charAt(0), TimeUnit.MILLISECONDS.toNanos(durationMs))
                : null;
    }

    private static int milliseconds(String value) {
        if (value.isEmpty() || value.length() > 6 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return DEFAULT_MS;
        }
        return Math.clamp(Integer.parseInt(value), 1, LONGEST_MS);
    }
}
