package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.Voice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code dub}, alone and nested. */
final class DubParser {
    private DubParser() {}

    /** What is nested in a dial. */
    static List<Verb.Dub> dubs(Members dial) {
        List<Verb.Dub> dubs = new ArrayList<>();
        if (!dial.has("dub")) {
            return dubs;
        }
        List<?> array = Members.asArray(dial.value("dub"));
        if (array == null) {
            dial.fault("dub", "must be an array of dub objects");
            return dubs;
        }
        for (int i = 0; i < array.size(); i++) {
            String path = dial.path("dub") + "[" + i + "]";
            Map<String, Object> object = Members.asObject(array.get(i));
            if (object == null) {
                dial.findings().fault(path, "must be an object");
            } else {
                dubs.add(nested(new Members(object, path, dial.findings())));
            }
        }
        return List.copyOf(dubs);
    }

    /** As {@link #dub}; the object has no other members. */
    static Verb.Dub nested(Members dub) {
        Verb.Dub read = dub(dub);
        dub.has("verb");
        dub.end();
        return read;
    }

    static Verb.Dub dub(Members dub) {
        Verb.DubAction action = action(dub);
        String play = dub.has("play") ? dub.requiredText("play") : null;
        Verb.Say say = dub.has("say") ? say(dub) : null;
        if (play != null && say != null) {
            dub.fault("say", "must not stand beside play");
        }
        if (action == Verb.DubAction.PLAY && !dub.has("play")) {
            dub.fault("play", "required by playOnTrack");
        }
        if (action == Verb.DubAction.SAY && !dub.has("say")) {
            dub.fault("say", "required by sayOnTrack");
        }
        return new Verb.Dub(
                VerbParser.id(dub),
                action,
                dub.requiredText("track"),
                play,
                say,
                dub.bool("loop", false),
                dub.decibels("gain", 0));
    }

    private static Verb.DubAction action(Members dub) {
        String action = dub.requiredText("action");
        return switch (action) {
            case "addTrack" -> Verb.DubAction.ADD;
            case "removeTrack" -> Verb.DubAction.REMOVE;
            case "silenceTrack" -> Verb.DubAction.SILENCE;
            case "playOnTrack" -> Verb.DubAction.PLAY;
            case "sayOnTrack" -> Verb.DubAction.SAY;
            case null -> null;
            default -> {
                dub.fault("action", "must be addTrack, removeTrack, silenceTrack, playOnTrack or sayOnTrack");
                yield null;
            }
        };
    }

    /** A text, or an object with one and whose voice speaks it. */
    private static Verb.Say say(Members dub) {
        if (dub.value("say") instanceof String text) {
            if (text.isEmpty()) {
                dub.fault("say", "must not be empty");
            }
            return spoken(text, null);
        }
        Members say = dub.object("say");
        if (say == null) {
            return null;
        }
        String text = say.requiredText("text");
        Voice voice = MediaVerbParser.voice(say);
        say.end();
        return spoken(text, voice);
    }

    private static Verb.Say spoken(String text, Voice voice) {
        return new Verb.Say(null, text == null ? List.of() : List.of(text), voice, 1, false);
    }
}
