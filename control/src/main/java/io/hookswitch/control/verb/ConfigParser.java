package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.Voice;
import java.util.List;
import java.util.Set;

/** Reads a {@code config}. */
final class ConfigParser {
    /** They change what an application would notice: refused until they do. */
    private static final Set<String> LATER =
            Set.of("bargeIn", "listen", "stream", "transcribe", "actionHookDelayAction");
    /** They tune what this product does not have: accepted, and nothing changes. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "recognizer",
            "notifyEvents",
            "fillerNoise",
            "vad",
            "ttsStream",
            "autoStreamTts",
            "disableTtsCache",
            "trackTtsPlayout",
            "notifySttLatency",
            "noiseIsolation",
            "turnTaking",
            "earlyMedia");

    private ConfigParser() {}

    static Verb config(Members config) {
        Voice voice = MediaVerbParser.voice(config);
        boolean resetsVoice = reset(config);
        config.later(LATER);
        config.withoutEffect(WITHOUT_EFFECT);
        Integer gainDb = config.has("boostAudioSignal") ? config.decibels("boostAudioSignal", 0) : null;
        String holdMusic = config.has("onHoldMusic") ? config.requiredText("onHoldMusic") : null;
        return new Verb.Config(
                VerbParser.id(config),
                voice,
                resetsVoice,
                gainDb,
                holdMusic,
                config.hook("referHook"),
                config.hook("sipRequestWithinDialogHook"),
                AmdParser.amd(config),
                RecordingParser.recording(config));
    }

    private static boolean reset(Members config) {
        if (!config.has("reset")) {
            return false;
        }
        Object value = config.value("reset");
        List<?> what = value instanceof String one ? List.of(one) : Members.asArray(value);
        if (what == null || !Set.of("synthesizer", "recognizer").containsAll(what)) {
            config.fault("reset", "must be synthesizer, recognizer, or an array of them");
            return false;
        }
        return what.contains("synthesizer");
    }
}
