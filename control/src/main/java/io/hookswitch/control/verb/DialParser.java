package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.codec.CodecNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads a {@code dial}. */
final class DialParser {
    private static final int MAX_TARGETS = 10;
    private static final int MAX_GROUP = 1_000;
    private static final long DEFAULT_TIMEOUT_NS = 60_000_000_000L;

    /** The media of all legs is ours whatever they say. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("anchorMedia", "exitMediaPath");

    private DialParser() {}

    static Verb dial(Members dial) {
        String id = VerbParser.id(dial);
        String proxy = proxy(dial, null);
        List<Verb.Destination> destinations = destinations(dial, proxy);
        String callerId = dial.text("callerId", null);
        if (callerId != null && !SipText.isUserPart(callerId)) {
            dial.fault("callerId", "not legal as the user part of a SIP address");
        } else if (callerId != null && !SipText.isE164(callerId)) {
            dial.findings().warn(dial.path("callerId"), "not an E.164 number");
        }
        long timeoutNs = dial.seconds("timeout", 0);
        Verb verb = new Verb.Dial(
                id,
                destinations,
                dial.hook("actionHook"),
                dial.bool("answerOnBridge", false),
                callerId,
                dial.line("callerName", ""),
                timeoutNs == 0 ? DEFAULT_TIMEOUT_NS : timeoutNs,
                dial.seconds("timeLimit", 0),
                dial.bool("forwardPAI", true),
                srtp(dial),
                tag(dial),
                HeaderRules.read(dial),
                screen(dial),
                music(dial),
                CaptureParser.capture(dial),
                order(dial),
                finalOn(dial),
                restricted(dial),
                codecs(dial),
                dial.decibels("boostAudioSignal", 0),
                TapParser.taps(dial),
                dial.hook("referHook"),
                dial.hook("onHoldHook"),
                AmdParser.amd(dial),
                DubParser.dubs(dial));
        dial.withoutEffect(WITHOUT_EFFECT);
        return verb;
    }

    /** Both values mean keys in SDP, as they do for the applications that are written. */
    private static boolean srtp(Members dial) {
        String encryption = dial.text("srtpEncryption", null);
        if (encryption != null && !encryption.equals("sdes") && !encryption.equals("dtls")) {
            dial.fault("srtpEncryption", "must be sdes or dtls");
        }
        return encryption != null;
    }

    private static Verb.Screen screen(Members dial) {
        String failure = dial.text("confirmFailure", "reject");
        if (!failure.equals("reject") && !failure.equals("bridge")) {
            dial.fault("confirmFailure", "must be reject or bridge");
        }
        return new Verb.Screen(dial.hook("confirmHook"), failure.equals("bridge"));
    }

    private static String music(Members dial) {
        return dial.has("dialMusic") ? dial.requiredText("dialMusic") : null;
    }

    private static Verb.Order order(Members dial) {
        return switch (dial.text("strategy", "parallel")) {
            case "parallel" -> Verb.Order.PARALLEL;
            case "sequential" -> Verb.Order.SEQUENTIAL;
            case "staggered" -> Verb.Order.STAGGERED;
            default -> {
                dial.fault("strategy", "must be parallel, sequential or staggered");
                yield Verb.Order.PARALLEL;
            }
        };
    }

    private static StatusSet finalOn(Members dial) {
        List<StatusSet.Range> ranges = new ArrayList<>();
        if (dial.has("finalOn")) {
            List<?> array = Members.asArray(dial.value("finalOn"));
            if (array == null) {
                dial.fault("finalOn", "must be an array of SIP statuses");
                return new StatusSet(List.of());
            }
            for (int i = 0; i < array.size(); i++) {
                StatusSet.Range range = StatusSet.range(array.get(i));
                if (range == null) {
                    dial.findings()
                            .fault(dial.path("finalOn") + "[" + i + "]", "must be 300 to 699, or 3xx, 4xx, 5xx, 6xx");
                } else {
                    ranges.add(range);
                }
            }
        }
        return new StatusSet(List.copyOf(ranges));
    }

    /** One name that is not known voids them all: nobody is offered half of what was meant. */
    private static List<String> codecs(Members dial) {
        List<String> codecs = new ArrayList<>();
        if (dial.has("codecs")) {
            List<?> array = Members.asArray(dial.value("codecs"));
            if (array == null) {
                dial.fault("codecs", "must be an array of codec names");
                return codecs;
            }
            for (int i = 0; i < array.size(); i++) {
                String name = array.get(i) instanceof String text ? text.toUpperCase(Locale.ROOT) : "";
                if (!CodecNames.isKnown(name)) {
                    dial.findings().warn(dial.path("codecs") + "[" + i + "]", CodecNames.VOIDED);
                    return List.of();
                }
                if (!codecs.contains(name)) {
                    codecs.add(name);
                }
            }
        }
        return List.copyOf(codecs);
    }

    private static boolean restricted(Members dial) {
        String presentation = dial.text("callerIdPresentation", "allowed");
        if (!presentation.equals("allowed") && !presentation.equals("restricted")) {
            dial.fault("callerIdPresentation", "must be allowed or restricted");
        }
        return presentation.equals("restricted");
    }

    /** An array or a string as tag has no members to send: it is accepted and means nothing. */
    private static Map<String, Object> tag(Members dial) {
        Object tag = dial.value("tag");
        if (!dial.has("tag") || tag instanceof String || tag instanceof List<?>) {
            return null;
        }
        Map<String, Object> object = Members.asObject(tag);
        if (object == null) {
            dial.fault("tag", "must be an object");
        }
        return object;
    }

    private static List<Verb.Destination> destinations(Members dial, String proxy) {
        if (!dial.has("target")) {
            dial.fault("target", "required");
            return List.of();
        }
        List<?> array = Members.asArray(dial.value("target"));
        if (array == null || array.isEmpty()) {
            dial.fault("target", "must be an array of 1 to " + MAX_TARGETS + " targets");
            return List.of();
        }
        List<Verb.Destination> destinations = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            String path = dial.path("target") + "[" + i + "]";
            Map<String, Object> object = Members.asObject(array.get(i));
            if (object == null) {
                dial.findings().fault(path, "must be an object");
                continue;
            }
            Verb.Destination destination = destination(new Members(object, path, dial.findings()), proxy);
            if (destination == null) {
                continue;
            }
            if (!seen.add(name(destination.target()))) {
                dial.findings().warn(path, "the same target again, left out");
            } else if (destinations.size() == MAX_TARGETS) {
                dial.findings().warn(path, "more than " + MAX_TARGETS + " targets, left out");
            } else {
                destinations.add(destination);
            }
        }
        return List.copyOf(destinations);
    }

    private static String name(DialTarget target) {
        return switch (target) {
            case DialTarget.Phone phone -> "phone " + phone.number();
            case DialTarget.Sip sip -> "sip " + sip.sipUri();
            case DialTarget.User user -> "user " + user.name();
            case DialTarget.Teams teams -> "teams " + teams.number();
        };
    }

    /** @return null when there is no saying what it is; faults are noted. */
    private static Verb.Destination destination(Members target, String dialsProxy) {
        String type = target.requiredText("type");
        if (type == null) {
            return null;
        }
        DialTarget read =
                switch (type) {
                    case "phone" -> phone(target);
                    case "sip" -> sip(target, proxy(target, dialsProxy));
                    case "user" -> user(target);
                    case "teams" -> teams(target);
                    default -> {
                        target.fault("type", "must be phone, sip, user or teams");
                        yield null;
                    }
                };
        if (read == null) {
            return null;
        }
        String fromUser = null;
        String fromHost = null;
        Members from = target.object("from");
        if (from != null) {
            fromUser = from.text("user", null);
            fromHost = from.text("host", null);
            if (fromUser != null && !SipText.isUserPart(fromUser)) {
                from.fault("user", "not legal as the user part of a SIP address");
            }
            if (fromHost != null && !SipText.isHost(fromHost)) {
                from.fault("host", "not a host");
            }
            from.end();
        }
        List<Header> headers = HeaderRules.read(target);
        Verb.Destination destination = new Verb.Destination(
                read, fromUser, fromHost, headers, confirmHook(target), sendDigits(target), ring(target));
        target.end();
        return destination;
    }

    /** {@code url} is another name of it, {@code method} belongs to that; the one called by its name wins. */
    private static HookSpec confirmHook(Members target) {
        HookSpec named = target.hook("confirmHook");
        HookSpec alias = target.hook("url");
        String method = target.text("method", "POST").toUpperCase(Locale.ROOT);
        if (!method.equals("GET") && !method.equals("POST")) {
            target.fault("method", "must be GET or POST");
        }
        if (named != null || alias == null) {
            return named;
        }
        return target.value("url") instanceof String ? new HookSpec(alias.url(), method, null, null) : alias;
    }

    private static String sendDigits(Members target) {
        return target.has("sendDigits") ? VerbParser.keys(target, "sendDigits") : null;
    }

    private static Verb.Ring ring(Members target) {
        return new Verb.Ring(
                target.seconds("delay", -1), target.seconds("timeout", 0), target.integer("group", -1, 0, MAX_GROUP));
    }

    private static DialTarget phone(Members target) {
        String number = target.requiredText("number");
        if (number != null && !SipText.isUserPart(number)) {
            target.fault("number", "not legal as the user part of a SIP address");
        }
        return new DialTarget.Phone(number, target.text("trunk", null), null);
    }

    private static DialTarget teams(Members target) {
        String number = target.requiredText("number");
        if (number != null && !SipText.isUserPart(number)) {
            target.fault("number", "not legal as the user part of a SIP address");
        }
        String tenant = target.text("tenant", null);
        if (tenant != null && !SipText.isHost(tenant)) {
            target.fault("tenant", "not a host");
        }
        boolean voicemail = target.bool("vmail", false);
        return new DialTarget.Teams(number, tenant, target.bool("voicemail", voicemail));
    }

    /** Where a sip target is sent; a scheme may be missing. */
    private static String proxy(Members of, String otherwise) {
        return of.has("proxy") ? uriText(of, "proxy") : otherwise;
    }

    private static DialTarget user(Members target) {
        String overrideTo = target.text("overrideTo", null);
        if (overrideTo != null && !SipText.isUserPart(overrideTo)) {
            target.fault("overrideTo", "not legal as the user part of a SIP address");
        }
        return new DialTarget.User(uriText(target, "name"), overrideTo);
    }

    private static DialTarget sip(Members target, String proxy) {
        String uri = uriText(target, "sipUri");
        Members auth = target.object("auth");
        if (auth == null) {
            return new DialTarget.Sip(uri, null, null, proxy);
        }
        boolean named = auth.has("username") | auth.has("user");
        String user = auth.line("username", auth.line("user", null));
        String password = auth.line("password", null);
        if (!named) {
            auth.fault("user", "required");
        }
        if (!auth.has("password")) {
            auth.fault("password", "required");
        }
        auth.end();
        return new DialTarget.Sip(uri, user, password, proxy);
    }

    /**
     * A URI that is merely wrong makes its leg fail (500); one that would break the message makes the document fail.
     */
    private static String uriText(Members target, String key) {
        String text = target.requiredText(key);
        if (text != null && !SipText.isUriText(text)) {
            target.fault(key, "must not contain blanks, quotes, brackets or control characters");
        }
        return text;
    }
}
