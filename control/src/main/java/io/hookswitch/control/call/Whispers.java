package io.hookswitch.control.call;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What single legs of a call alone hear: one whisper a leg. */
final class Whispers {
    /** By call_sid of who hears it. */
    private final Map<String, Whisper> running = new LinkedHashMap<>();

    /** Lets one leg hear something. What it still hears of the kind ends. */
    void begin(Call.LegParty to, List<?> verbs) {
        Whisper before = running.remove(to.leg().callSid());
        if (before != null) {
            before.stop();
        }
        Whisper whisper = new Whisper(to);
        running.put(to.leg().callSid(), whisper);
        whisper.begin(verbs);
    }

    /** One is over. */
    void onOver(Whisper whisper) {
        if (running.remove(whisper.leg().callSid(), whisper)) {
            whisper.stop();
        }
    }

    /** Ends them all. */
    void stop() {
        List.copyOf(running.values()).forEach(Whisper::stop);
        running.clear();
    }
}
