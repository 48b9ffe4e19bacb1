package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.Mix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads {@code listen} (also called {@code stream}) and {@code transcribe}, alone and nested. */
final class TapParser {
    private static final int USUAL_RATE = 8_000;
    private static final int HIGHEST_STEPPED_RATE = 48_000;
    private static final int HIGHEST_RATE = 64_000;
    private static final int MOST_HINTS = 1_000;
    private static final String KEYS = "0123456789*#ABCD";
    private static final Set<String> SCHEMES = Set.of("ws", "wss", "http", "https");
    private static final Set<String> WITHOUT_EFFECT = Set.of("playBeep", "timeout");

    private TapParser() {}

    /** What is nested in a dial. */
    static Verb.Taps taps(Members dial) {
        if (dial.has("listen") && dial.has("stream")) {
            dial.fault("stream", "is another name of listen: only one of them");
        }
        Members listen = dial.object(dial.has("listen") ? "listen" : "stream");
        Members transcribe = dial.object("transcribe");
        return new Verb.Taps(
                listen == null ? null : ended(listen, listen(listen)),
                transcribe == null ? null : ended(transcribe, transcribe(transcribe)));
    }

    private static <T> T ended(Members members, T read) {
        members.has("verb");
        members.end();
        return read;
    }

    static Verb.Listen listen(Members listen) {
        Members auth = listen.object(listen.has("wsAuth") ? "wsAuth" : "auth");
        String username = null;
        String password = null;
        if (auth != null) {
            username = auth.requiredText("username");
            password = auth.text("password", "");
            auth.end();
        }
        bidirectional(listen);
        Members transcribe = listen.object("transcribe");
        Verb.Listen verb = new Verb.Listen(
                VerbParser.id(listen),
                url(listen, "url"),
                username,
                password,
                sampleRate(listen),
                mix(listen),
                metadata(listen),
                listen.bool("passDtmf", false),
                finishOnKey(listen),
                listen.seconds("maxLength", 0),
                listen.integer("channel", 1, 1, 2),
                listen.bool("earlyMedia", false),
                listen.hook("actionHook"),
                transcribe == null ? null : ended(transcribe, transcribe(transcribe)));
        listen.bool("playBeep", false);
        listen.seconds("timeout", 0);
        listen.withoutEffect(WITHOUT_EFFECT);
        return verb;
    }

    private static void bidirectional(Members listen) {
        listen.bool("disableBidirectionalAudio", false);
        Members both = listen.object("bidirectionalAudio");
        if (both == null) {
            return;
        }
        boolean enabled = both.bool("enabled", true);
        both.bool("streaming", false);
        sampleRate(both);
        both.end();
        if (enabled) {
            listen.findings().warn(both.path(), "audio from the server is not played");
        }
    }

    private static String url(Members of, String key) {
        String url = of.requiredText(key);
        if (url != null && !isUrl(url)) {
            of.fault(key, "must be a ws, wss, http or https URL, or begin with /");
        }
        return url;
    }

    private static boolean isUrl(String url) {
        int colon = url.indexOf("://");
        boolean known = url.startsWith("/")
                || colon > 0 && SCHEMES.contains(url.substring(0, colon).toLowerCase(Locale.ROOT));
        return known && url.chars().noneMatch(c -> c <= ' ' || c == 0x7F);
    }

    private static int sampleRate(Members of) {
        if (!of.has("sampleRate")) {
            return USUAL_RATE;
        }
        if (of.value("sampleRate") instanceof Long rate
                && rate > 0
                && rate % USUAL_RATE == 0
                && (rate <= HIGHEST_STEPPED_RATE || rate == HIGHEST_RATE)) {
            return rate.intValue();
        }
        of.fault("sampleRate", "must be 8000 to 48000 in steps of 8000, or 64000");
        return USUAL_RATE;
    }

    private static Mix mix(Members listen) {
        return switch (listen.text("mixType", "mono")) {
            case "mono" -> Mix.MONO;
            case "mixed" -> Mix.MIXED;
            case "stereo" -> Mix.STEREO;
            default -> {
                listen.fault("mixType", "must be mono, mixed or stereo");
                yield Mix.MONO;
            }
        };
    }

    private static Map<String, Object> metadata(Members of) {
        Members metadata = of.object("metadata");
        return metadata == null ? Map.of() : Members.asObject(of.value("metadata"));
    }

    private static char finishOnKey(Members listen) {
        String key = listen.text("finishOnKey", "");
        if (key.isEmpty()) {
            return 0;
        }
        if (key.length() != 1 || KEYS.indexOf(key.charAt(0)) < 0) {
            listen.fault("finishOnKey", "must be one key of 0-9, *, # and A-D");
        }
        return key.charAt(0);
    }

    static Verb.Transcribe transcribe(Members transcribe) {
        HookSpec hook = transcribe.hook("transcriptionHook");
        if (hook == null) {
            transcribe.findings().warn(transcribe.path("transcriptionHook"), "missing: nobody is told what was said");
        }
        if (transcribe.hook("translationHook") != null) {
            transcribe.findings().warn(transcribe.path("translationHook"), "nothing is translated");
        }
        return new Verb.Transcribe(
                VerbParser.id(transcribe),
                hook,
                recogniser(transcribe),
                transcribe.integer("channel", 0, 1, 2),
                transcribe.bool("earlyMedia", false));
    }

    /** What else it says is for one vendor or another, and not ours to judge. */
    private static Verb.Recogniser recogniser(Members transcribe) {
        Members recogniser = transcribe.object("recognizer");
        if (recogniser == null) {
            return new Verb.Recogniser("default", "en-US", false, null, null, USUAL_RATE, Map.of());
        }
        String vendor = recogniser.requiredText("vendor");
        String label = recogniser.text("label", null);
        String language = recogniser.text("language", "en-US");
        boolean interim = recogniser.bool("interim", false);
        Map<String, Object> options = new LinkedHashMap<>();
        String uri = null;
        String token = null;
        int rate = USUAL_RATE;
        Members custom = recogniser.object("customOptions");
        if (custom != null) {
            uri = custom.has("uri") ? url(custom, "uri") : null;
            token = custom.line("authToken", null);
            rate = sampleRate(custom);
            if (custom.object("options") != null) {
                options.putAll(Members.asObject(custom.value("options")));
            }
        }
        hints(recogniser, options);
        return new Verb.Recogniser(
                "custom".equals(vendor) && label != null ? vendor + ":" + label : vendor,
                language,
                interim,
                uri,
                token,
                rate,
                options);
    }

    private static void hints(Members recogniser, Map<String, Object> options) {
        if (recogniser.has("hints")) {
            List<?> hints = Members.asArray(recogniser.value("hints"));
            if (hints == null || hints.size() > MOST_HINTS) {
                recogniser.fault("hints", "must be an array of at most " + MOST_HINTS);
            } else {
                options.put("hints", new ArrayList<Object>(hints));
            }
        }
        if (recogniser.has("hintsBoost")) {
            if (recogniser.value("hintsBoost") instanceof Number boost) {
                options.put("hintsBoost", boost);
            } else {
                recogniser.fault("hintsBoost", "must be a number");
            }
        }
    }
}
