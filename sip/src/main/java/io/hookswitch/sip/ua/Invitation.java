package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.sip.RecordingSession;
import io.hookswitch.sip.transport.Transport;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sip.header.FromHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;

/** What an INVITE of ours says, checked once and written as often as it is sent. */
record Invitation(
        String requestUri,
        String toUri,
        NextHop hop,
        String fromUser,
        String fromDisplay,
        String fromHost,
        String fromTag,
        List<String> headers,
        String authUser,
        String authPassword,
        boolean srtp,
        boolean ice,
        String contact) {
    private static final int MAX_FORWARDS = 70;
    private static final int URI_MAX = 1_000;

    /** @throws ParseException that says what of a command cannot be sent; nothing of a value is in its text */
    static Invitation of(MessageFlyweight command, String fromTag) throws ParseException {
        String requestUri = withoutHeaders(sipUri(command.text(Field.REQUEST_URI), "Request-URI"));
        String to = command.text(Field.TO_URI);
        NextHop hop = NextHop.of(command.text(Field.NEXT_HOP));
        if (hop == null) {
            throw new ParseException("next hop is not transport:address:port", 0);
        }
        if (requestUri.regionMatches(true, 0, "sips:", 0, 5) && !hop.transport().isSecure()) {
            // RFC 3261 section 26.2.2
            throw new ParseException("a sips: URI goes over TLS", 0);
        }
        List<String> headers = headers(command);
        for (String line : headers) {
            if (!HeaderText.isAllowed(line)) {
                throw new ParseException("a header that cannot be sent", 0);
            }
        }
        String host = command.text(Field.FROM_HOST);
        if (host != null && !host.isEmpty() && !HeaderText.isHost(host)) {
            throw new ParseException("host of From", 0);
        }
        return new Invitation(
                requestUri,
                to == null || to.isEmpty() ? requestUri : withoutHeaders(sipUri(to, "URI of To")),
                hop,
                clean(command.text(Field.FROM_USER), "user of From"),
                clean(command.text(Field.FROM_DISPLAY), "display name"),
                host,
                fromTag,
                headers,
                command.text(Field.AUTH_USER) == null ? null : clean(command.text(Field.AUTH_USER), "digest user"),
                command.text(Field.AUTH_PASSWORD),
                command.text(Field.SRTP) != null,
                Field.SDES_WITH_ICE.equals(command.text(Field.SRTP)),
                contact(command.text(Field.CONTACT)));
    }

    /** @throws ParseException that says what cannot be sent */
    static Invitation recording(Site site, RecordingSession.Server server, NextHop hop, String fromTag)
            throws ParseException {
        String uri = withoutHeaders(sipUri(server.requestUri(), "Request-URI"));
        if (uri.regionMatches(true, 0, "sips:", 0, 5) && hop.transport() != Transport.TLS) {
            // RFC 3261 section 26.2.2
            throw new ParseException("a sips: URI goes over TLS", 0);
        }
        return new Invitation(
                uri,
                uri,
                hop,
                RecordingContent.user(site),
                "",
                "",
                fromTag,
                server.headers(),
                null,
                null,
                false,
                false,
                "");
    }

    /** @return {@code user@host}, escaped; "" = our address. */
    private static String contact(String text) throws ParseException {
        if (text == null) {
            return "";
        }
        int at = text.lastIndexOf('@');
        if (at < 0 || !HeaderText.isHost(text.substring(at + 1))) {
            throw new ParseException("host of Contact", 0);
        }
        return HeaderText.escapedUser(text.substring(0, at)) + text.substring(at);
    }

    static List<String> headers(MessageFlyweight command) {
        List<String> headers = new ArrayList<>();
        for (int field = command.firstField(); field >= 0; field = command.nextField(field)) {
            if (command.fieldTag(field) == Field.HEADER) {
                headers.add(command.fieldText(field));
            }
        }
        return headers;
    }

    private static String clean(String text, String what) throws ParseException {
        if (text != null && !HeaderText.isClean(text)) {
            throw new ParseException(what + " has a control character", 0);
        }
        return text == null ? "" : text;
    }

    private static String sipUri(String text, String what) throws ParseException {
        if (text == null
                || text.length() > URI_MAX
                || !text.toLowerCase(Locale.ROOT).matches("sips?:.+")) {
            throw new ParseException(what + " is not a sip: URI", 0);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7F || c == '<' || c == '>' || c == '"') {
                throw new ParseException(what + " has a character that URIs have not", i);
            }
        }
        return text;
    }

    /** RFC 3261 section 19.1.1: header parameters may not stand in a Request-URI. */
    static String withoutHeaders(String uri) {
        int question = uri.indexOf('?', Math.max(uri.indexOf('@'), 0));
        return question < 0 ? uri : uri.substring(0, question);
    }

    /** @return the request without Contact and body. */
    Request request(Site site, Transport transport, String callId, long cseq, String uri) throws ParseException {
        String sentBy = site.stack().listeningPoint(transport).getSentBy();
        String host = fromHost == null || fromHost.isEmpty() ? sentBy : fromHost;
        String user = fromUser.isEmpty() ? "" : HeaderText.escapedUser(fromUser) + "@";
        String display = fromDisplay.isEmpty() ? "" : HeaderText.quoted(fromDisplay) + " ";
        Request request = site.messages()
                .request("INVITE " + uri + " SIP/2.0\r\nVia: SIP/2.0/"
                        + transport.wireName().toUpperCase(Locale.ROOT) + ' ' + sentBy + ";branch=z9hG4bK"
                        + site.ids().next() + ";rport\r\nMax-Forwards: " + MAX_FORWARDS + "\r\nFrom: " + display
                        + "<sip:" + user + host + ">;tag=" + fromTag + "\r\nTo: <" + toUri + ">\r\nCall-ID: " + callId
                        + "\r\nCSeq: " + cseq + " INVITE\r\n\r\n");
        if (request.getHeader(FromHeader.NAME) == null || request.getHeader(ToHeader.NAME) == null) {
            // The stack leaves out what it cannot read.
            throw new ParseException("From or To is not readable", 0);
        }
        site.messages().capabilities(request);
        site.messages().sign(request);
        site.messages().custom(request, headers);
        return request;
    }
}
