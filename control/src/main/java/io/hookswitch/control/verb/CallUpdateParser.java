package io.hookswitch.control.verb;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.TapMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the JSON of a request that updates a running call. */
public final class CallUpdateParser {
    private static final long NS_PER_MS = 1_000_000L;
    private static final int USUAL_KEY_MS = 250;
    private static final int SHORTEST_KEY_MS = 40;
    private static final int LONGEST_KEY_MS = 10_000;

    private static final Set<String> LATER = Set.of(
            "conf_mute_status", "conf_hold_status", "conferenceParticipantAction", "llm_tool_output", "llm_update");

    /** What a request was. */
    public sealed interface Parsed {
        /** It can be done, if the call is there. */
        record Good(CallUpdate update) implements Parsed {}

        /** It is none; every fault {@code path: what is wrong}. */
        record Bad(List<String> faults) implements Parsed {}

        /** The language has it, this product does not yet. */
        record Later(String key) implements Parsed {}
    }

    private CallUpdateParser() {}

    /** @param json as {@code HookOutcome.Replied} has it. */
    public static Parsed parse(Object json) {
        Map<String, Object> object = Members.asObject(json);
        if (object == null) {
            return new Parsed.Bad(List.of("body: must be an object"));
        }
        for (String key : object.keySet()) {
            if (LATER.contains(key)) {
                return new Parsed.Later(key);
            }
        }
        Findings findings = new Findings();
        Members body = new Members(object, "body", findings);
        List<CallUpdate> updates = new ArrayList<>();
        redirect(body, updates);
        status(body, updates);
        simple(body, updates);
        List<String> faults = new ArrayList<>(findings.faults());
        if (faults.isEmpty() && updates.size() != 1) {
            faults.add(updates.isEmpty() ? "body: has no key that is known" : "body: must have one key only");
        }
        return faults.isEmpty() ? new Parsed.Good(updates.getFirst()) : new Parsed.Bad(faults);
    }

    private static void redirect(Members body, List<CallUpdate> updates) {
        HookSpec caller = body.hook("call_hook");
        HookSpec callee = body.hook("child_call_hook");
        HookSpec status = body.hook("call_status_hook");
        if (body.has("call_hook") || body.has("child_call_hook")) {
            updates.add(new CallUpdate.Redirect(caller, callee, status));
        } else if (body.has("call_status_hook")) {
            body.fault("call_status_hook", "needs call_hook beside it");
        }
    }

    private static void status(Members body, List<CallUpdate> updates) {
        if (body.has("call_status")) {
            switch (body.text("call_status", "")) {
                case "completed" -> updates.add(new CallUpdate.HangUp());
                case "no-answer" -> updates.add(new CallUpdate.Cancel());
                default -> body.fault("call_status", "must be completed or no-answer");
            }
        }
        if (body.has("mute_status")) {
            switch (body.text("mute_status", "")) {
                case "mute" -> updates.add(new CallUpdate.Mute(true));
                case "unmute" -> updates.add(new CallUpdate.Mute(false));
                default -> body.fault("mute_status", "must be mute or unmute");
            }
        }
        steer(body, "listen_status", false, updates);
        steer(body, "stream_status", false, updates);
        steer(body, "transcribe_status", true, updates);
        if (body.has("media_path")) {
            updates.add(new CallUpdate.Nothing());
        }
    }

    private static void steer(Members body, String key, boolean transcribes, List<CallUpdate> updates) {
        if (!body.has(key)) {
            return;
        }
        TapMode mode =
                switch (body.text(key, "")) {
                    case "pause" -> TapMode.PAUSED;
                    case "resume" -> TapMode.LIVE;
                    case "silence" -> transcribes ? null : TapMode.SILENT;
                    default -> null;
                };
        if (mode == null) {
            body.fault(key, transcribes ? "must be pause or resume" : "must be pause, resume or silence");
        }
        updates.add(new CallUpdate.Steer(transcribes, mode));
    }

    private static void simple(Members body, List<CallUpdate> updates) {
        Members dtmf = body.object("dtmf");
        if (dtmf != null) {
            String digits = VerbParser.keys(dtmf, "digit");
            int keyMs = dtmf.integer("duration", USUAL_KEY_MS, SHORTEST_KEY_MS, LONGEST_KEY_MS);
            updates.add(new CallUpdate.Keys(digits, keyMs * NS_PER_MS));
        }
        if (body.has("boostAudioSignal")) {
            updates.add(new CallUpdate.Loudness(body.decibels("boostAudioSignal", 0)));
        }
        if (body.has("tag")) {
            Map<String, Object> tag = Members.asObject(body.value("tag"));
            if (tag == null) {
                body.fault("tag", "must be an object");
            }
            updates.add(new CallUpdate.Tag(tag));
        }
        Members request = body.object("sip_request");
        if (request != null) {
            updates.add(SipRequestParser.update(request));
        }
        Members dub = body.object("dub");
        if (dub != null) {
            updates.add(new CallUpdate.Dub(DubParser.nested(dub)));
        }
        Verb.Recording recording = RecordingParser.recording(body);
        if (recording != null) {
            updates.add(new CallUpdate.Recording(recording));
        }
        if (body.has("whisper")) {
            updates.add(whisper(body));
        }
    }

    private static CallUpdate whisper(Members body) {
        Object value = body.value("whisper");
        List<?> verbs = value instanceof Map<?, ?> ? List.of(value) : Members.asArray(value);
        if (verbs == null || verbs.isEmpty()) {
            body.fault("whisper", "must be a verb or an array of verbs");
            return new CallUpdate.Whisper(List.of());
        }
        for (Verb verb : VerbParser.check(verbs, body.path("whisper"), body.findings())) {
            if (!(verb instanceof Verb.Play) && !(verb instanceof Verb.Say)) {
                body.fault("whisper", "must be of play and say");
            }
        }
        return new CallUpdate.Whisper(verbs);
    }
}
