package io.hookswitch.sip.ua;

import gov.nist.javax.sip.header.ExtensionHeaderImpl;
import gov.nist.javax.sip.header.ExtensionHeaderList;
import gov.nist.javax.sip.header.HeaderFactoryImpl;
import gov.nist.javax.sip.header.SIPHeader;
import gov.nist.javax.sip.header.SIPHeaderList;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.message.SIPRequest;
import io.hookswitch.sip.transport.SipCounters;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Locale;
import java.util.Map;
import javax.sip.header.ContentTypeHeader;
import javax.sip.header.Header;
import javax.sip.header.ServerHeader;
import javax.sip.header.UserAgentHeader;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** Writes and reads the messages of legs: what every one of ours says, and what was given to us to say. */
final class Messages {
    static final String ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE, REFER, REGISTER";
    static final String SUPPORTED = "100rel, timer";

    private final MessageFactoryImpl messages = new MessageFactoryImpl();
    private final HeaderFactoryImpl headers = new HeaderFactoryImpl();
    private final String product;
    private final SipCounters counters;

    Messages(String product, SipCounters counters) {
        this.product = product;
        this.counters = counters;
    }

    /** @return a request out of its text, line by line as it will be sent. */
    Request request(String text) throws ParseException {
        return messages.createRequest(text);
    }

    /** @param reason null = the usual phrase */
    Response response(int status, String reason, Request request) throws ParseException {
        Response response = messages.createResponse(status, (SIPRequest) request);
        if (reason != null && !reason.isBlank() && HeaderText.isClean(reason)) {
            response.setReasonPhrase(reason.strip());
        }
        set(response, ServerHeader.NAME, product);
        return response;
    }

    /** Says who we are in a request. */
    void sign(Request request) {
        set(request, UserAgentHeader.NAME, product);
    }

    /** Says what we understand (RFC 3261 sections 13.2.1 and 11.2). */
    void capabilities(Message message) {
        set(message, "Allow", ALLOW);
        set(message, "Supported", SUPPORTED);
    }

    /** Puts a header in place of any of that name; the value is ours. */
    void set(Message message, String name, String value) {
        ExtensionHeaderImpl header = new ExtensionHeaderImpl(name);
        header.setValue(value);
        message.removeHeader(name);
        message.addHeader(header);
    }

    /** Proves who we are; the stack looks at these headers itself, so they must be of its own types. */
    void authorize(Request request, String name, String value) throws ParseException {
        request.setHeader(headers.createHeader(name, value));
    }

    /** Puts a header in place of any of that name that the stack itself reads. */
    void typed(Message message, String name, String value) throws ParseException {
        message.setHeader(headers.createHeader(name, value));
    }

    /** Adds several headers of one name, in order. */
    void addAll(Message message, String name, List<String> values) {
        ExtensionHeaderList list = new ExtensionHeaderList(name);
        for (String value : values) {
            ExtensionHeaderImpl header = new ExtensionHeaderImpl(name);
            header.setValue(value);
            list.add(header);
        }
        message.removeHeader(name);
        message.addHeader((Header) (SIPHeader) list);
    }

    /** Adds the lines that were given to us, {@code Name: value}; one that may not be sent is left out and counted. */
    void custom(Message message, List<String> lines) {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        Map<String, String> spelling = new LinkedHashMap<>();
        for (String line : lines) {
            if (HeaderText.isAllowed(line)) {
                String key = HeaderText.name(line).toLowerCase(Locale.ROOT);
                spelling.putIfAbsent(key, HeaderText.name(line));
                byName.computeIfAbsent(key, _ -> new ArrayList<>()).add(HeaderText.value(line));
            } else {
                counters.increment(SipCounters.HEADERS_LEFT_OUT);
            }
        }
        byName.forEach((key, values) -> addAll(message, spelling.get(key), values));
    }

    /** Gives a message a session description. */
    void sdp(Message message, String body) throws ParseException {
        message.setContent(
                body.getBytes(StandardCharsets.UTF_8), headers.createContentTypeHeader("application", "sdp"));
    }

    /** Gives a message a body. @param type as {@code application/json}, parameters behind it or none */
    void body(Message message, String type, String body) throws ParseException {
        ContentTypeHeader header = (ContentTypeHeader) headers.createHeader(ContentTypeHeader.NAME, type);
        message.setContent(body.getBytes(StandardCharsets.UTF_8), header);
    }

    /** Makes a NOTIFY tell what came of a REFER (RFC 3515, RFC 3420). */
    void fragment(Request notify, String event, String state, String text) throws ParseException {
        notify.setHeader(headers.createHeader("Event", event));
        notify.setHeader(headers.createHeader("Subscription-State", state));
        ContentTypeHeader type = headers.createContentTypeHeader("message", "sipfrag");
        type.setParameter("version", "2.0");
        notify.setContent(text.getBytes(StandardCharsets.UTF_8), type);
    }

    /** @return whether a message has a body of a type. */
    static boolean hasBody(Message message, String type, String subtype) {
        ContentTypeHeader header = (ContentTypeHeader) message.getHeader(ContentTypeHeader.NAME);
        return hasBody(message)
                && header != null
                && type.equalsIgnoreCase(header.getContentType())
                && subtype.equalsIgnoreCase(header.getContentSubType());
    }

    static boolean hasBody(Message message) {
        return message.getRawContent() != null && message.getRawContent().length > 0;
    }

    static boolean hasSdp(Message message) {
        return hasBody(message, "application", "sdp");
    }

    /** @return body as text, "" = none. */
    static String body(Message message) {
        return hasBody(message) ? new String(message.getRawContent(), StandardCharsets.UTF_8) : "";
    }

    /** @return the first value of a header, or null. */
    static String value(Message message, String name) {
        List<String> values = values(message, name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** @return all values of the headers of a name, in order. */
    static List<String> values(Message message, String name) {
        List<String> values = new ArrayList<>();
        ListIterator<?> found = message.getHeaders(name);
        while (found.hasNext()) {
            values.add(((SIPHeader) found.next()).getValue());
        }
        return values;
    }

    /** @return whether a header of option tags names one. */
    static boolean hasOption(Message message, String header, String option) {
        for (String value : values(message, header)) {
            for (String tag : value.split(",")) {
                if (tag.strip().equalsIgnoreCase(option)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @return every header as a line {@code Name: value}, in order. */
    static List<String> lines(Message message) {
        List<String> lines = new ArrayList<>();
        for (var each = ((SIPMessage) message).getHeaders(); each.hasNext(); ) {
            add(lines, each.next());
        }
        return lines;
    }

    private static void add(List<String> lines, SIPHeader header) {
        if (header instanceof SIPHeaderList<?> list) {
            for (Object item : list) {
                add(lines, (SIPHeader) item);
            }
        } else {
            lines.add(header.getName() + ": " + header.getValue());
        }
    }
}
