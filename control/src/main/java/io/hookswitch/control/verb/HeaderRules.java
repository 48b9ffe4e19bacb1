package io.hookswitch.control.verb;

import io.hookswitch.control.ControlEvent.Header;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Headers that an application may add to a SIP message. */
final class HeaderRules {
    /**
     * They carry the message itself or are the sip side's own business, which would leave them out; the compact names
     * (RFC 3261 section 7.3.3) say the same.
     */
    private static final Set<String> PROTECTED = Set.of(
            "via",
            "v",
            "call-id",
            "i",
            "cseq",
            "max-forwards",
            "content-length",
            "l",
            "content-type",
            "c",
            "contact",
            "m",
            "route",
            "record-route",
            "from",
            "f",
            "to",
            "t",
            "content-encoding",
            "e",
            "require",
            "proxy-require",
            "supported",
            "k",
            "unsupported",
            "allow",
            "rseq",
            "rack",
            "session-expires",
            "x",
            "min-se",
            "authorization",
            "proxy-authorization",
            "www-authenticate",
            "proxy-authenticate",
            "path",
            "service-route");
    /** Name, colon, blank and value of what fits into a message. */
    private static final int LINE_MAX = 4_000;

    /** They steer other products' insides and never leave ours. */
    private static final Set<String> NEVER_SENT = Set.of(
            "x-jambonz-routing",
            "x-jambonz-fs-uuid",
            "x-jambonz-srtp",
            "x-requested-carrier-sid",
            "x-voip-carrier-sid",
            "x-sip-proxy",
            "x-trace-id");

    private HeaderRules() {}

    /** @return the headers of a member {@code headers}; faults are noted by path. */
    static List<Header> read(Members verb) {
        return read(verb, Set.of());
    }

    /** As the other one, without those that the caller reads itself; names in lower case. */
    static List<Header> read(Members verb, Set<String> elsewhere) {
        Members headers = verb.object("headers");
        if (headers == null) {
            return List.of();
        }
        List<Header> accepted = new ArrayList<>();
        for (String name : headers.names()) {
            Object raw = headers.value(name);
            String value = raw instanceof Long || raw instanceof BigDecimal ? raw.toString() : headers.text(name, null);
            String lower = name.toLowerCase(Locale.ROOT);
            if (elsewhere.contains(lower)) {
                continue;
            }
            if (!SipText.isToken(name)) {
                headers.fault(name, "not a header name");
            } else if (PROTECTED.contains(lower)) {
                headers.fault(name, "must not be set by an application");
            } else if (value != null && SipText.breaksLine(value)) {
                headers.fault(name, "must not contain CR, LF or NUL");
            } else if (value != null && SipText.hasControl(value)) {
                headers.fault(name, "must not contain control characters");
            } else if (value != null && name.length() + 2 + value.length() > LINE_MAX) {
                headers.fault(name, "is longer than " + LINE_MAX + " characters");
            } else if (neverSent(lower)) {
                headers.findings().warn(headers.path(name), "never sent out, left out");
            } else if (value != null) {
                accepted.add(new Header(name, value));
            }
        }
        return List.copyOf(accepted);
    }

    private static boolean neverSent(String name) {
        return NEVER_SENT.contains(name) || name.startsWith("x-preferred-from-") || name.startsWith("x-ms-teams-");
    }
}
