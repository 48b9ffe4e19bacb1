package io.hookswitch.systemtests.farend;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A SIP message as text (RFC 3261 section 7): start line, header fields in order, body.
 *
 * @param fields in wire order, names as written (compact forms expanded)
 */
public record SipMessage(String startLine, List<Field> fields, String body) {
    private static final Map<String, String> COMPACT = Map.of(
            "v",
            "Via",
            "f",
            "From",
            "t",
            "To",
            "i",
            "Call-ID",
            "m",
            "Contact",
            "l",
            "Content-Length",
            "c",
            "Content-Type",
            "k",
            "Supported",
            "s",
            "Subject",
            "e",
            "Content-Encoding");

    /** One header field. */
    public record Field(String name, String value) {}

    /** Keeps its own copy of the fields. */
    public SipMessage {
        fields = List.copyOf(fields);
    }

    /** @return the message, or null when the bytes are none (keep-alives, garbage). */
    static SipMessage parse(byte[] bytes, int length) {
        return of(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    /** @return the message, or null when the text is none. Line ends may be those of a trace file. */
    public static SipMessage of(String raw) {
        String text = raw.contains("\r\n") ? raw : raw.replace("\n", "\r\n");
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return null;
        }
        String[] lines = text.substring(0, end).replaceAll("\r\n[ \t]+", " ").split("\r\n");
        if (lines.length < 2 || !lines[0].contains("SIP/2.0")) {
            return null;
        }
        List<Field> fields = new ArrayList<>(lines.length);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                String name = lines[i].substring(0, colon).strip();
                fields.add(new Field(
                        COMPACT.getOrDefault(name.toLowerCase(Locale.ROOT), name),
                        lines[i].substring(colon + 1).strip()));
            }
        }
        return new SipMessage(lines[0], fields, text.substring(end + 4));
    }

    /** @return whether it is a request. */
    public boolean isRequest() {
        return !startLine.startsWith("SIP/2.0 ");
    }

    /** @return the method of a request, or that of the request a response answers. */
    public String method() {
        return isRequest() ? startLine.substring(0, startLine.indexOf(' ')) : cseqMethod();
    }

    /** @return status code of a response, 0 for a request. */
    public int status() {
        return isRequest() ? 0 : Integer.parseInt(startLine.substring(8, 11));
    }

    /** @return reason phrase of a response, "" for a request. */
    public String reason() {
        return isRequest() || startLine.length() < 13 ? "" : startLine.substring(12);
    }

    /** @return Request-URI, "" for a response. */
    public String uri() {
        return isRequest() ? startLine.split(" ")[1] : "";
    }

    /** @return the first value of a header field, "" when absent. */
    public String header(String name) {
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                return field.value();
            }
        }
        return "";
    }

    /** @return all values of a header field in order. */
    public List<String> headers(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    /** @return the Call-ID. */
    public String callId() {
        return header("Call-ID");
    }

    /** @return the CSeq number. */
    public int cseq() {
        return Integer.parseInt(header("CSeq").split(" ")[0]);
    }

    /** @return the CSeq method. */
    public String cseqMethod() {
        return header("CSeq").replaceFirst("^\\d+\\s+", "");
    }

    /** @return branch of the topmost Via. */
    public String branch() {
        return parameter(header("Via"), "branch");
    }

    /** @return the From tag. */
    public String fromTag() {
        return parameter(header("From"), "tag");
    }

    /** @return the To tag, "" outside a dialog. */
    public String toTag() {
        return parameter(header("To"), "tag");
    }

    /** @return the user part of the From URI. */
    public String fromUser() {
        return header("From").replaceFirst(".*<?sips?:([^@>;]*)@.*", "$1");
    }

    /** @return whether it carries a session description. */
    public boolean hasSdp() {
        return body.startsWith("v=0");
    }

    /** @return a parameter after the last {@code ;name=}, "" when absent. */
    static String parameter(String value, String name) {
        for (String part : value.split(";")) {
            if (part.regionMatches(true, 0, name + "=", 0, name.length() + 1)) {
                return part.substring(name.length() + 1)
                        .replaceAll("[>\"].*", "")
                        .strip();
            }
        }
        return "";
    }

    /** @return what {@code <...>} holds, or the value up to its parameters. */
    static String addressOf(String value) {
        int open = value.indexOf('<');
        return open < 0 ? value.split(";")[0].strip() : value.substring(open + 1, value.indexOf('>', open));
    }

    /** @return its bytes, with the Content-Length that its body has. */
    byte[] encode() {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder(512).append(startLine).append("\r\n");
        for (Field field : fields) {
            text.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        text.append("Content-Length: ")
                .append(content.length)
                .append("\r\n\r\n")
                .append(body);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return new String(encode(), StandardCharsets.UTF_8);
    }

    /** A message being written. */
    static final class Draft {
        private final String startLine;
        private final List<Field> fields = new ArrayList<>();
        private String body = "";

        Draft(String startLine) {
            this.startLine = startLine;
        }

        Draft add(String name, String value) {
            fields.add(new Field(name, value));
            return this;
        }

        Draft addAll(List<Field> more) {
            fields.addAll(more);
            return this;
        }

        Draft sdp(String description) {
            return body("application/sdp", description);
        }

        Draft body(String type, String text) {
            add("Content-Type", type);
            body = text;
            return this;
        }

        SipMessage done() {
            return new SipMessage(startLine, fields, body);
        }
    }
}
