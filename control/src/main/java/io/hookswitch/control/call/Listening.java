package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.control.ControlEvent.TapEnded;
import io.hookswitch.control.verb.Verb;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** A server that listens to a call (media-sockets.md 1), from its verb's beginning to its end. */
final class Listening implements TapOwner {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int TICKS_PER_MS = 8;
    /** What of a leg the first frame tells. */
    private static final List<String> TOLD = List.of(
            "call_sid",
            "direction",
            "from",
            "to",
            "call_id",
            "sbc_callid",
            "sip_status",
            "sip_reason",
            "call_status",
            "caller_id",
            "account_sid",
            "trace_id",
            "application_sid",
            "fs_sip_address",
            "parent_call_sid",
            "originating_sip_ip",
            "originating_sip_trunk_name",
            "customerData",
            "api_base_url");

    private final TapSubject subject;
    private final Verb.Listen verb;
    private final Consumer<Map<String, Object>> over;
    private final Desk desk;
    private final long keysFrom;
    private long tap;
    private long startNs;
    private boolean ended;

    /** @param over told once, when it ends by itself or is let go: what its hook is to be asked */
    Listening(TapSubject subject, Verb.Listen verb, Consumer<Map<String, Object>> over) {
        this.subject = subject;
        this.verb = verb;
        this.over = over;
        desk = subject.call().desk();
        keysFrom = verb.channel() == 2 && subject.callee() != 0 ? subject.callee() : subject.caller();
    }

    void begin() {
        startNs = desk.nowNs();
        TapSpec spec = new TapSpec.Listener(
                verb.url(),
                verb.username(),
                verb.password(),
                verb.sampleRate(),
                verb.mix(),
                greeting(),
                verb.maxLengthNs());
        boolean both = verb.mix() != Mix.MONO;
        tap = desk.startTap(
                both ? subject.caller() : keysFrom, both ? subject.callee() : 0, subject.base(), spec, this);
        subject.explain("a server listens");
    }

    private Map<String, Object> greeting() {
        Map<String, Object> known = Payloads.of(subject.call(), subject.about());
        Map<String, Object> greeting = new LinkedHashMap<>();
        greeting.put("sampleRate", (long) verb.sampleRate());
        greeting.put("mixType", verb.mix().name().toLowerCase(Locale.ROOT));
        for (String key : TOLD) {
            if (known.get(key) != null) {
                greeting.put(camelCase(key), known.get(key));
            }
        }
        greeting.put("publicIp", subject.call().settings().publicAddress());
        greeting.putAll(verb.metadata());
        return greeting;
    }

    private static String camelCase(String key) {
        StringBuilder camel = new StringBuilder(key.length());
        for (int i = 0; i < key.length(); i++) {
            boolean isJoint = key.charAt(i) == '_' && i + 1 < key.length();
            camel.append(isJoint ? Character.toUpperCase(key.charAt(++i)) : key.charAt(i));
        }
        return camel.toString();
    }

    /** A key was pressed on one of the legs. */
    void onKey(long leg, char key) {
        if (ended || leg != keysFrom) {
            return;
        }
        if (verb.passDtmf()) {
            Map<String, Object> message = new LinkedHashMap<>();
            message.put("event", "dtmf");
            message.put("dtmf", String.valueOf(key));
            message.put("duration", Long.toString(desk.keyMs() * TICKS_PER_MS));
            desk.tellTap(tap, message);
        }
        if (key == verb.finishOnKey()) {
            subject.explain("the key that ends the listening");
            desk.stopTap(tap);
            end(String.valueOf(key));
        }
    }

    /** Lets the server go. */
    void stop() {
        if (!ended) {
            desk.stopTap(tap);
            end(null);
        }
    }

    /** Lets the server go, and nobody is told. */
    void drop() {
        ended = true;
        desk.stopTap(tap);
    }

    @Override
    public void onEnded(TapEnded event) {
        if (ended) {
            return;
        }
        subject.explain("the listening server is gone: " + event.detail());
        if (event.why() == TapEnd.FAILED || event.why() == TapEnd.STALLED) {
            subject.call().alert("webhook-connection-failure", "listen: " + event.detail());
        }
        end(null);
    }

    @Override
    public boolean isSteered(boolean transcribes) {
        return !transcribes;
    }

    private void end(String digits) {
        ended = true;
        Map<String, Object> payload = Payloads.verb(subject.call(), subject.about(), verb.id());
        payload.put("dial_call_duration", (desk.nowNs() - startNs) / NS_PER_SECOND);
        if (digits != null) {
            payload.put("digits", digits);
        }
        over.accept(payload);
    }
}
