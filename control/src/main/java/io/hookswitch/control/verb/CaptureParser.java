package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.HookSpec;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code dtmfCapture} and {@code dtmfHook} of a dial. */
final class CaptureParser {
    private static final int MOST_SEQUENCES = 100;
    private static final int LONGEST_SEQUENCE = 32;
    private static final String KEYS = "0123456789*#";

    private CaptureParser() {}

    /** @return null when nothing is watched for: sequences without a hook, or a hook without sequences. */
    static Verb.Capture capture(Members dial) {
        HookSpec hook = dial.hook("dtmfHook");
        List<String> caller = List.of();
        List<String> callee = List.of();
        if (dial.has("dtmfCapture")) {
            if (Members.asArray(dial.value("dtmfCapture")) != null) {
                caller = sequences(dial, "dtmfCapture");
                callee = caller;
            } else if (Members.asObject(dial.value("dtmfCapture")) != null) {
                Members sides = dial.object("dtmfCapture");
                caller = sides.has("parentCall") ? sequences(sides, "parentCall") : List.of();
                callee = sides.has("childCall") ? sequences(sides, "childCall") : List.of();
                sides.end();
            } else {
                dial.fault("dtmfCapture", "must be an array of keys, or an object with childCall and parentCall");
            }
        }
        if (hook == null && !(caller.isEmpty() && callee.isEmpty())) {
            dial.findings().warn(dial.path("dtmfCapture"), "without a dtmfHook, left out");
        }
        return hook == null || caller.isEmpty() && callee.isEmpty() ? null : new Verb.Capture(hook, caller, callee);
    }

    private static List<String> sequences(Members of, String key) {
        List<?> array = Members.asArray(of.value(key));
        if (array == null || array.size() > MOST_SEQUENCES) {
            of.fault(key, "must be an array of at most " + MOST_SEQUENCES + " key sequences");
            return List.of();
        }
        List<String> sequences = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            if (array.get(i) instanceof String keys
                    && !keys.isEmpty()
                    && keys.length() <= LONGEST_SEQUENCE
                    && keys.chars().allMatch(pressed -> KEYS.indexOf(pressed) >= 0)) {
                sequences.add(keys);
            } else {
                of.findings()
                        .fault(of.path(key) + "[" + i + "]", "must be 1 to " + LONGEST_SEQUENCE + " of 0-9, * and #");
            }
        }
        return List.copyOf(sequences);
    }
}
