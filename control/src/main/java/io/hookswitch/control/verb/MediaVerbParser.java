package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.Voice;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Reads the verbs that a leg hears or is heard with: {@code play}, {@code say}, {@code gather}. */
final class MediaVerbParser {
    private static final long DEFAULT_GATHER_NS = 15_000_000_000L;
    private static final int MOST_PARTS = 100;
    private static final int MOST_LOOPS = 1_000_000;
    private static final int MOST_KEYS = 256;
    private static final String FOREVER = "forever";
    private static final String KEYS = "0123456789*#ABCD";

    private MediaVerbParser() {}

    static Verb.Play play(Members play) {
        return new Verb.Play(
                VerbParser.id(play),
                texts(play, "url"),
                loops(play),
                play.bool("earlyMedia", false),
                number(play, "seekOffset"),
                number(play, "timeoutSecs") * 1_000_000_000L,
                play.hook("actionHook"));
    }

    static Verb.Say say(Members say) {
        say.bool("disableTtsCache", false);
        say.text("instructions", null);
        say.bool("closeStreamOnEmpty", true);
        if (say.bool("stream", false)) {
            say.fault("stream", "is for WebSocket applications, not supported yet");
        }
        return new Verb.Say(
                VerbParser.id(say), texts(say, "text"), voice(say), loops(say), say.bool("earlyMedia", false));
    }

    /** What else is said about the voice is for vendors that are not set up: a document that says it is a good one. */
    static Voice voice(Members say) {
        Members synthesizer = say.object("synthesizer");
        if (synthesizer == null) {
            return null;
        }
        String vendor = synthesizer.requiredText("vendor");
        String language = synthesizer.text("language", null);
        Object voice = synthesizer.value("voice");
        return new Voice(vendor, language, voice instanceof String name ? name : null);
    }

    static Verb.Gather gather(Members gather) {
        List<String> input = input(gather);
        boolean keys = input.contains("digits");
        gather.object("recognizer");
        gather.hook("partialResultHook");
        gather.bool("bargein", false);
        gather.integer("minBargeinWordCount", 1, 0, MOST_KEYS);
        gather.seconds("speechTimeout", 0);
        Members fillerNoise = gather.object("fillerNoise");
        Members delayAction = gather.object("actionHookDelayAction");
        if (fillerNoise != null) {
            gather.findings().warn(fillerNoise.path(), "not supported yet, nothing is played");
        }
        if (delayAction != null) {
            gather.findings().warn(delayAction.path(), "not supported yet, nothing is played");
        }
        Members play = gather.object("play");
        Members say = gather.object("say");
        if (play != null && say != null) {
            gather.fault("say", "must not stand beside play");
        }
        Verb.Gather verb = new Verb.Gather(
                VerbParser.id(gather),
                gather.hook("actionHook"),
                keys,
                input.contains("speech"),
                limits(gather),
                gather.bool("dtmfBargein", keys),
                gather.bool("listenDuringPrompt", true),
                play == null ? null : play(play),
                say == null ? null : say(say));
        if (play != null) {
            play.end();
        }
        if (say != null) {
            say.end();
        }
        return verb;
    }

    private static Verb.GatherLimits limits(Members gather) {
        String finish = gather.text("finishOnKey", "");
        if (finish.length() > 1 || !finish.isEmpty() && KEYS.indexOf(finish.charAt(0)) < 0) {
            gather.fault("finishOnKey", "must be one key of 0-9, *, #, A-D");
        }
        return new Verb.GatherLimits(
                gather.integer("numDigits", 0, 0, MOST_KEYS),
                gather.integer("minDigits", 1, 0, MOST_KEYS),
                gather.integer("maxDigits", 0, 0, MOST_KEYS),
                finish.isEmpty() ? 0 : finish.charAt(0),
                gather.seconds("interDigitTimeout", 0),
                gather.seconds("timeout", DEFAULT_GATHER_NS));
    }

    private static List<String> input(Members gather) {
        if (!gather.has("input")) {
            return List.of("digits");
        }
        List<?> array = Members.asArray(gather.value("input"));
        List<String> input = new ArrayList<>();
        if (array != null) {
            for (int i = 0; i < array.size(); i++) {
                if (array.get(i) instanceof String text && (text.equals("digits") || text.equals("speech"))) {
                    input.add(text);
                } else {
                    gather.findings().fault(gather.path("input") + "[" + i + "]", "must be digits or speech");
                }
            }
        } else {
            gather.fault("input", "must be an array of digits and speech");
        }
        return input;
    }

    /** @return the strings of a member that is one or an array of them; at least one unless there is a fault. */
    private static List<String> texts(Members verb, String key) {
        Object value = verb.value(key);
        if (!verb.has(key)) {
            verb.fault(key, "required");
            return List.of();
        }
        List<?> array = value instanceof String text ? List.of(text) : Members.asArray(value);
        if (array == null || array.isEmpty() || array.size() > MOST_PARTS) {
            verb.fault(key, "must be a string or an array of 1 to " + MOST_PARTS + " strings");
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            if (array.get(i) instanceof String text && !text.isEmpty()) {
                texts.add(text);
            } else {
                verb.findings().fault(verb.path(key) + "[" + i + "]", "must be a string that is not empty");
            }
        }
        return List.copyOf(texts);
    }

    /** @return times, 0 = for ever. */
    private static int loops(Members verb) {
        if (FOREVER.equals(verb.value("loop"))) {
            verb.has("loop");
            return 0;
        }
        return Math.max(1, verb.integer("loop", 1, 0, MOST_LOOPS));
    }

    /** @return a whole number of 0 or more that may be written as a string; 0 when it is absent or wrong. */
    private static long number(Members verb, String key) {
        if (!verb.has(key)) {
            return 0;
        }
        Object value = verb.value(key);
        String text = value instanceof Long || value instanceof BigDecimal ? value.toString() : verb.text(key, "0");
        if (!text.matches("[0-9]{1,9}")) {
            verb.fault(key, "must be a whole number from 0 to 999999999");
            return 0;
        }
        return Long.parseLong(text);
    }
}
