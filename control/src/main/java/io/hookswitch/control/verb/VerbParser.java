package io.hookswitch.control.verb;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the JSON of a hook's answer. A document is run as a whole or refused as a whole, with every fault named. */
public final class VerbParser {
    private static final long NS_PER_MS = 1_000_000L;

    /** Verbs of the language that this product does not run yet. */
    private static final Set<String> LATER_VERBS = Set.of(
            "agent",
            "conference",
            "deepgram_s2s",
            "dequeue",
            "dialogflow",
            "elevenlabs_s2s",
            "enqueue",
            "google_s2s",
            "gptlive_s2s",
            "leave",
            "lex",
            "llm",
            "message",
            "openai_s2s",
            "pipeline",
            "qwen_s2s",
            "rasa",
            "rest:dial",
            "s2s",
            "sip:refer",
            "ultravox_s2s");

    private static final int LONGEST_PATH = 1_000;
    private static final int LONGEST_MESSAGE = 1_000;
    private static final int LOWEST_DECLINE = 300;
    private static final int HIGHEST_DECLINE = 699;

    private static final String KEYS = "0123456789*#ABCDwW";
    private static final int MOST_KEYS = 64;
    private static final int USUAL_KEY_MS = 500;
    private static final int SHORTEST_KEY_MS = 40;
    private static final int LONGEST_KEY_MS = 10_000;

    private VerbParser() {}

    /** @param json as in {@code HookOutcome.Replied}. */
    public static VerbDocument parse(Object json) {
        List<?> array = Members.asArray(json);
        if (array == null || array.isEmpty()) {
            return new VerbDocument.Nothing();
        }
        Findings findings = new Findings();
        List<Verb> verbs = verbs(array, "", findings);
        return findings.faults().isEmpty()
                ? new VerbDocument.Application(verbs, findings.warnings())
                : new VerbDocument.Faulty(findings.faults());
    }

    /** Notes the faults of an array of verbs that stands inside another document. @return those without fault. */
    static List<Verb> check(List<?> array, String path, Findings findings) {
        if (path.length() > LONGEST_PATH) {
            findings.fault(path, "is nested too deep");
            return List.of();
        }
        return verbs(array, path, findings);
    }

    private static List<Verb> verbs(List<?> array, String path, Findings findings) {
        List<Verb> verbs = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            Verb verb = verb(array.get(i), path + "[" + i + "]", findings);
            if (verb != null) {
                verbs.add(verb);
            }
        }
        return List.copyOf(verbs);
    }

    private static Verb verb(Object element, String path, Findings findings) {
        Map<String, Object> object = Members.asObject(element);
        if (object == null) {
            findings.fault(path, "a verb must be an object");
            return null;
        }
        if (object.containsKey("verb")) {
            if (object.get("verb") instanceof String name) {
                Members members = new Members(object, path + "." + Findings.printable(name), findings);
                members.has("verb");
                return verb(name, members);
            }
            findings.fault(path + ".verb", "must be a string");
            return null;
        }
        if (object.size() != 1) {
            findings.fault(path, "must have a member verb, or one member named after its verb");
            return null;
        }
        String name = object.keySet().iterator().next();
        String inner = path + "." + Findings.printable(name);
        Map<String, Object> body = Members.asObject(object.get(name));
        if (body == null) {
            findings.fault(inner, "must be an object");
            return null;
        }
        return verb(name, new Members(body, inner, findings));
    }

    private static Verb verb(String name, Members members) {
        Verb verb =
                switch (name) {
                    case "answer" -> new Verb.Answer(id(members));
                    case "pause" -> pause(members);
                    case "dtmf" -> dtmf(members);
                    case "hangup" -> new Verb.Hangup(id(members), HeaderRules.read(members));
                    case "sip:decline" -> decline(members);
                    case "play" -> MediaVerbParser.play(members);
                    case "say" -> MediaVerbParser.say(members);
                    case "gather" -> MediaVerbParser.gather(members);
                    case "redirect" -> redirect(members);
                    case "tag" -> tag(members);
                    case "config" -> ConfigParser.config(members);
                    case "alert" -> alert(members);
                    case "sip:request" -> SipRequestParser.verb(members);
                    case "dub" -> DubParser.dub(members);
                    case "listen", "stream" -> TapParser.listen(members);
                    case "transcribe" -> TapParser.transcribe(members);
                    case "dial" -> DialParser.dial(members);
                    default -> {
                        members.findings()
                                .fault(members.path(), LATER_VERBS.contains(name) ? "not supported yet" : "not a verb");
                        yield null;
                    }
                };
        if (verb != null) {
            members.end();
        }
        return verb;
    }

    private static Verb redirect(Members members) {
        if (!members.has("actionHook")) {
            members.fault("actionHook", "required");
        }
        return new Verb.Redirect(id(members), members.hook("actionHook"), members.hook("statusHook"));
    }

    private static Verb tag(Members members) {
        Map<String, Object> data = Members.asObject(members.value("data"));
        if (data == null) {
            members.fault("data", members.has("data") ? "must be an object" : "required");
        }
        return new Verb.Tag(id(members), data);
    }

    private static Verb alert(Members members) {
        String message = members.line("message", null);
        if (message == null || message.isEmpty()) {
            members.fault("message", "required");
        } else if (SipText.hasControl(message) || message.length() > LONGEST_MESSAGE) {
            members.fault("message", "must be one line of at most " + LONGEST_MESSAGE + " characters");
        }
        return new Verb.Alert(id(members), message);
    }

    static String id(Members members) {
        return members.text("id", null);
    }

    private static Verb pause(Members members) {
        if (!members.has("length")) {
            members.fault("length", "required");
        }
        return new Verb.Pause(id(members), members.seconds("length", 0));
    }

    private static Verb dtmf(Members members) {
        String digits = keys(members, "dtmf");
        int keyMs = members.integer("duration", USUAL_KEY_MS, SHORTEST_KEY_MS, LONGEST_KEY_MS);
        return new Verb.Dtmf(id(members), digits, keyMs * NS_PER_MS);
    }

    /** @return keys to send, null when they are absent or wrong; the fault is noted. */
    static String keys(Members members, String key) {
        String digits = members.requiredText(key);
        if (digits != null && digits.length() > MOST_KEYS) {
            members.fault(key, "must be at most " + MOST_KEYS + " keys");
        }
        if (digits != null && !digits.chars().allMatch(pressed -> KEYS.indexOf(pressed) >= 0)) {
            members.fault(key, "must be of 0-9, *, #, A-D, w and W");
        }
        return digits;
    }

    private static Verb decline(Members members) {
        return new Verb.SipDecline(
                id(members),
                members.requiredInt("status", LOWEST_DECLINE, HIGHEST_DECLINE),
                members.line("reason", ""),
                HeaderRules.read(members));
    }
}
