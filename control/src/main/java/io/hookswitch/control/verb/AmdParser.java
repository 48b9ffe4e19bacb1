package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.HookSpec;
import java.util.Set;

/** Reads {@code amd} of a {@code dial} and of a {@code config}: answering machine detection. */
final class AmdParser {
    private static final int USUAL_WORDS = 9;
    private static final int MOST_WORDS = 1_000;
    private static final int NO_SPEECH_MS = 5_000;
    private static final int DECISION_MS = 15_000;
    private static final int TONE_MS = 20_000;
    private static final int GREETING_COMPLETION_MS = 2_000;
    private static final int SHORTEST_MS = 100;
    private static final int LONGEST_MS = 600_000;
    private static final long NS_PER_MS = 1_000_000L;
    /** Words are counted in the audio, not recognised. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("recognizer", "digitCount");

    private AmdParser() {}

    /** @return null = there is none, or it is wrong. */
    static Verb.Amd amd(Members of) {
        Members amd = of.object("amd");
        if (amd == null) {
            return null;
        }
        HookSpec hook = amd.hook("actionHook");
        if (!amd.has("actionHook")) {
            amd.fault("actionHook", "required");
        }
        amd.object("recognizer");
        amd.integer("digitCount", 0, 0, MOST_WORDS);
        amd.withoutEffect(WITHOUT_EFFECT);
        int words = amd.integer("thresholdWordCount", USUAL_WORDS, 1, MOST_WORDS);
        int noSpeechMs = NO_SPEECH_MS;
        int decisionMs = DECISION_MS;
        int toneMs = TONE_MS;
        int greetingMs = GREETING_COMPLETION_MS;
        Members timers = amd.object("timers");
        if (timers != null) {
            noSpeechMs = timers.integer("noSpeechTimeoutMs", NO_SPEECH_MS, SHORTEST_MS, LONGEST_MS);
            decisionMs = timers.integer("decisionTimeoutMs", DECISION_MS, SHORTEST_MS, LONGEST_MS);
            toneMs = timers.integer("toneTimeoutMs", TONE_MS, SHORTEST_MS, LONGEST_MS);
            greetingMs = timers.integer("greetingCompletionTimeoutMs", GREETING_COMPLETION_MS, SHORTEST_MS, LONGEST_MS);
            timers.end();
        }
        amd.end();
        return hook == null
                ? null
                : new Verb.Amd(
                        hook, words, noSpeechMs * NS_PER_MS, decisionMs * NS_PER_MS, toneMs * NS_PER_MS, greetingMs);
    }
}
