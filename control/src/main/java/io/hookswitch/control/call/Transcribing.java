package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.control.ControlEvent.TapEnded;
import io.hookswitch.control.verb.Verb;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What is said in a call, written down by servers, one for each voice; the hook hears of it, one result at a time. */
final class Transcribing {
    /** Results that wait while the hook is being asked; what finds no room is lost, the newest. */
    private static final int MOST_WAITING = 100;

    private final TapSubject subject;
    private final Verb.Transcribe verb;
    private final Consumer<HookOutcome> reply;
    private final Runnable over;
    private final Desk desk;
    private final List<Voice> voices = new ArrayList<>();
    private final ArrayDeque<Map<String, Object>> waiting = new ArrayDeque<>();
    private boolean asking;
    private boolean stopped;
    private int lost;

    /** One voice, and the server that hears it. */
    private final class Voice implements TapOwner {
        private final int channel;
        private final long leg;
        private long tap;
        private boolean ended;

        private Voice(int channel, long leg) {
            this.channel = channel;
            this.leg = leg;
        }

        private void begin() {
            Verb.Recogniser recogniser = verb.recogniser();
            tap = desk.startTap(
                    leg,
                    0,
                    subject.base(),
                    new TapSpec.Recogniser(
                            recogniser.vendor(),
                            recogniser.uri(),
                            recogniser.token(),
                            recogniser.sampleRate(),
                            start(recogniser)),
                    this);
        }

        private Map<String, Object> start(Verb.Recogniser recogniser) {
            Map<String, Object> options = new LinkedHashMap<>(recogniser.options());
            options.put(
                    "callSid", (channel == 2 ? subject.about() : subject.call().leg()).callSid());
            Map<String, Object> start = new LinkedHashMap<>();
            start.put("type", "start");
            start.put("language", recogniser.language());
            start.put("format", "raw");
            start.put("encoding", "LINEAR16");
            start.put("interimResults", recogniser.interim());
            start.put("sampleRateHz", (long) recogniser.sampleRate());
            start.put("options", options);
            return start;
        }

        @Override
        public void onEnded(TapEnded event) {
            ended = true;
            if (event.why() == TapEnd.FAILED || event.why() == TapEnd.STALLED) {
                subject.call().alert("stt-failure", verb.recogniser().vendor() + ": " + event.detail());
            }
            if (!stopped) {
                subject.explain("nothing is transcribed of channel " + channel + " any more: " + event.detail());
                if (voices.stream().allMatch(voice -> voice.ended)) {
                    stopped = true;
                    over.run();
                }
            }
        }

        @Override
        public boolean isSteered(boolean transcribes) {
            return transcribes;
        }

        /** What was said before the end is told also when it is recognised behind it. */
        @Override
        public void onTranscribed(Map<String, Object> result) {
            boolean isFinal = Boolean.TRUE.equals(result.get("is_final"));
            if (!isFinal && !verb.recogniser().interim() || verb.hook() == null) {
                return;
            }
            Map<String, Object> vendor = new LinkedHashMap<>();
            vendor.put("name", verb.recogniser().vendor());
            vendor.put("evt", result);
            Map<String, Object> speech = new LinkedHashMap<>();
            speech.put(
                    "language_code",
                    result.get("language") instanceof String spoken
                            ? spoken
                            : verb.recogniser().language());
            speech.put("channel_tag", (long) channel);
            speech.put("is_final", isFinal);
            speech.put("alternatives", result.get("alternatives"));
            speech.put("vendor", vendor);
            tell(speech);
        }
    }

    /**
     * @param reply hears what the hook answered
     * @param over called once when all servers went by themselves
     */
    Transcribing(TapSubject subject, Verb.Transcribe verb, Consumer<HookOutcome> reply, Runnable over) {
        this.subject = subject;
        this.verb = verb;
        this.reply = reply;
        this.over = over;
        desk = subject.call().desk();
    }

    void begin() {
        if (verb.channel() != 2) {
            voices.add(new Voice(1, subject.caller()));
        }
        if (verb.channel() != 1 && subject.callee() != 0) {
            voices.add(new Voice(2, subject.callee()));
        }
        if (voices.isEmpty()) {
            voices.add(new Voice(1, subject.caller()));
        }
        voices.forEach(Voice::begin);
        subject.explain("what is said is transcribed by " + verb.recogniser().vendor());
    }

    /** Lets the servers go. */
    void stop() {
        stopped = true;
        voices.forEach(voice -> desk.stopTap(voice.tap));
    }

    private void tell(Map<String, Object> speech) {
        Map<String, Object> payload =
                Payloads.verb(subject.call(), subject.call().leg(), verb.id());
        payload.put("speech", speech);
        if (!asking) {
            ask(payload);
        } else if (waiting.size() < MOST_WAITING) {
            waiting.add(payload);
        } else if (lost++ == 0) {
            subject.call().alert("webhook-failure", "transcriptionHook is too slow: transcripts are lost");
        }
    }

    private void ask(Map<String, Object> payload) {
        asking = true;
        desk.ask(subject.call().account(), subject.base(), verb.hook(), payload, outcome -> {
            asking = false;
            if (HookReply.of(outcome) instanceof HookReply.Bad(String alert, String text)) {
                subject.call().alert(alert, text);
                subject.explain("transcriptionHook failed: " + text);
            }
            if (!stopped) {
                reply.accept(outcome);
            }
            if (!asking && !waiting.isEmpty()) {
                ask(waiting.removeFirst());
            }
        });
    }
}
