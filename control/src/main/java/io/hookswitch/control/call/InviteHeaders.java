package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.verb.Verb;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Identity and headers of the INVITEs of a dial: defaults, over them the dial's, over those the target's. */
final class InviteHeaders {
    private static final String ANONYMOUS = "anonymous";
    private static final String ASSERTED_IDENTITY = "p-asserted-identity";
    private static final String PRIVACY = "privacy";

    private InviteHeaders() {}

    /** @return user part of From. */
    static String fromUser(Call call, Verb.Dial dial, Verb.Destination destination) {
        if (destination.fromUser() != null) {
            return destination.fromUser();
        }
        if (dial.callerId() != null) {
            return dial.callerId();
        }
        String caller = call.incoming().fromUser();
        return caller.isEmpty() ? ANONYMOUS : caller;
    }

    /** Who a callee is shown to be called by. {@code display} "" = no name, {@code host} null = ours. */
    record From(String user, String display, String host) {}

    /** @return what the From header says: nothing of the caller when its identity is restricted (RFC 3323 4.1.1.3). */
    static From from(Verb.Dial dial, Verb.Destination destination, String fromUser) {
        return dial.restricted()
                ? new From(ANONYMOUS, "Anonymous", "anonymous.invalid")
                : new From(fromUser, dial.callerName(), destination.fromHost());
    }

    /** @return headers to send, each name once. */
    static List<Header> of(Call call, Verb.Dial dial, Verb.Destination destination, Leg child) {
        Map<String, Header> headers = new LinkedHashMap<>();
        if (dial.restricted()) {
            restrict(headers, call, destination, child.names().from());
        } else if (dial.forwardIdentity()) {
            for (Header header : call.incoming().headers()) {
                forward(headers, header);
            }
        }
        put(headers, new Header("X-CID", call.leg().sipCallId()));
        put(headers, new Header("X-Call-Sid", child.callSid()));
        put(headers, new Header("X-Account-Sid", call.account().sid()));
        put(headers, new Header("X-Application-Sid", call.account().applicationSid()));
        dial.headers().forEach(header -> put(headers, header));
        destination.headers().forEach(header -> put(headers, header));
        return List.copyOf(headers.values());
    }

    /** A carrier is trusted with the identity that nobody else may see (RFC 3325 section 7). */
    private static void restrict(
            Map<String, Header> headers, Call call, Verb.Destination destination, String fromUser) {
        if (destination.target() instanceof DialTarget.Phone) {
            String identity = "<sip:" + fromUser + "@" + call.settings().sipAddress() + ">";
            put(headers, new Header("P-Asserted-Identity", identity));
        }
        put(headers, new Header("Privacy", "id"));
    }

    /** A caller may assert two identities, a sip and a tel URI: one header with both (RFC 3325 section 9.1). */
    private static void forward(Map<String, Header> headers, Header header) {
        String name = header.name().toLowerCase(Locale.ROOT);
        boolean oneLine = header.value().indexOf('\r') < 0 && header.value().indexOf('\n') < 0;
        if (oneLine && (name.equals(ASSERTED_IDENTITY) || name.equals(PRIVACY))) {
            headers.merge(
                    name, header, (before, more) -> new Header(before.name(), before.value() + ", " + more.value()));
        }
    }

    private static void put(Map<String, Header> headers, Header header) {
        headers.put(header.name().toLowerCase(Locale.ROOT), header);
    }
}
