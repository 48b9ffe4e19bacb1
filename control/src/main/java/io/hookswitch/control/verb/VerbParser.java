package io.hookswitch.control.verb;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the JSON of a hook's answer. A document is run as a whole or refused as a whole, with every fault named. */
public final class VerbParser {
    /** Verbs of the language that this product does not run yet. */
    private static final Set<String> LATER_VERBS = Set.of(
            "agent",
            "alert",
            "conference",
            "config",
            "deepgram_s2s",
            "dequeue",
            "dialogflow",
            "dtmf",
            "dub",
            "elevenlabs_s2s",
            "enqueue",
            "gather",
            "google_s2s",
            "gptlive_s2s",
            "leave",
            "lex",
            "listen",
            "llm",
            "message",
            "openai_s2s",
            "pipeline",
            "play",
            "qwen_s2s",
            "rasa",
            "redirect",
            "rest:dial",
            "s2s",
            "say",
            "sip:refer",
            "sip:request",
            "stream",
            "tag",
            "transcribe",
            "ultravox_s2s");

    private static final int LOWEST_DECLINE = 300;
    private static final int HIGHEST_DECLINE = 699;

    private VerbParser() {}

    /** @param json as in {@code HookOutcome.Replied}. */
    public static VerbDocument parse(Object json) {
        List<?> array = Members.asArray(json);
        if (array == null || array.isEmpty()) {
            return new VerbDocument.Nothing();
        }
        Findings findings = new Findings();
        List<Verb> verbs = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            Verb verb = verb(array.get(i), "[" + i + "]", findings);
            if (verb != null) {
                verbs.add(verb);
            }
        }
        return findings.faults().isEmpty()
                ? new VerbDocument.Application(List.copyOf(verbs), findings.warnings())
                : new VerbDocument.Faulty(findings.faults());
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
                    case "hangup" -> new Verb.Hangup(id(members), HeaderRules.read(members));
                    case "sip:decline" -> decline(members);
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

    static String id(Members members) {
        return members.text("id", null);
    }

    private static Verb pause(Members members) {
        if (!members.has("length")) {
            members.fault("length", "required");
        }
        return new Verb.Pause(id(members), members.seconds("length", 0));
    }

    private static Verb decline(Members members) {
        return new Verb.SipDecline(
                id(members),
                members.requiredInt("status", LOWEST_DECLINE, HIGHEST_DECLINE),
                members.line("reason", ""),
                HeaderRules.read(members));
    }
}
