package io.hookswitch.control.verb;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlEvent.Header;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code sip:request} and its like in a request that updates a call. */
final class SipRequestParser {
    /** Those that change nothing of a dialog: the others are ours to send. */
    private static final Set<String> METHODS = Set.of("INFO", "MESSAGE", "NOTIFY", "OPTIONS");

    private static final Pattern TYPE =
            Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+/[A-Za-z0-9!#$%&'*+.^_`|~-]+" + "(;[ -~]*)?");
    private static final String CONTENT_TYPE = "content-type";
    private static final String USUAL_TYPE = "text/plain";

    private SipRequestParser() {}

    /** The verb: a body's type stands among its headers. */
    static Verb.SipRequest verb(Members verb) {
        String method = method(verb);
        String body = verb.text("body", null);
        Members headers = verb.object("headers");
        String type = headers == null ? null : contentType(headers);
        List<Header> others = HeaderRules.read(verb, Set.of(CONTENT_TYPE));
        return new Verb.SipRequest(
                VerbParser.id(verb),
                method,
                body == null ? null : type == null ? USUAL_TYPE : type,
                body,
                others,
                verb.hook("actionHook"));
    }

    private static String contentType(Members headers) {
        for (String name : headers.names()) {
            if (name.equalsIgnoreCase(CONTENT_TYPE)) {
                return type(headers, name);
            }
        }
        return null;
    }

    /** The request: it always has a body, or says an empty one. */
    static CallUpdate.SipRequest update(Members request) {
        String method = method(request);
        String type = request.has("content_type") ? type(request, "content_type") : null;
        String body = request.text("content", null);
        if (type == null && !request.has("content_type")) {
            request.fault("content_type", "required");
        }
        if (!request.has("content")) {
            request.fault("content", "required");
        }
        List<Header> headers = HeaderRules.read(request);
        request.end();
        return new CallUpdate.SipRequest(method, body == null || body.isEmpty() ? null : type, body, headers);
    }

    private static String method(Members members) {
        String method = members.requiredText("method");
        if (method != null && !METHODS.contains(method.toUpperCase(Locale.ROOT))) {
            members.fault("method", "must be INFO, MESSAGE, NOTIFY or OPTIONS");
        }
        return method == null ? null : method.toUpperCase(Locale.ROOT);
    }

    private static String type(Members members, String key) {
        String type = members.requiredText(key);
        if (type != null && !TYPE.matcher(type).matches()) {
            members.fault(key, "must be a media type, as application/json");
            return null;
        }
        return type;
    }
}
