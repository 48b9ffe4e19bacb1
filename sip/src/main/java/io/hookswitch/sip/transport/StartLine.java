package io.hookswitch.sip.transport;

import org.agrona.DirectBuffer;

/** A request line or status line, read strictly: one space between its parts. */
final class StartLine {
    private static final byte[] SIP_SLASH = Ascii.bytes("sip/");
    private static final byte[] VERSION = Ascii.bytes("sip/2.0");
    private static final byte[] SIP = Ascii.bytes("sip");
    private static final byte[] HTTP = Ascii.bytes("http/");
    private static final byte[] SIPS = Ascii.bytes("sips");
    private static final int METHOD_MAX = 64;

    private boolean request;
    private boolean response;
    private int method;
    private int methodLength;
    private int status;

    void clear() {
        request = false;
        response = false;
        method = Method.OTHER;
        methodLength = 0;
        status = 0;
    }

    boolean isRequest() {
        return request;
    }

    boolean isResponse() {
        return response;
    }

    int method() {
        return method;
    }

    int methodLength() {
        return methodLength;
    }

    int status() {
        return status;
    }

    int read(DirectBuffer buffer, int from, int end) {
        if (end - from > SIP_SLASH.length && Ascii.is(buffer, from, SIP_SLASH.length, SIP_SLASH)) {
            return readStatus(buffer, from, end);
        }
        return readRequest(buffer, from, end);
    }

    private int readStatus(DirectBuffer buffer, int from, int end) {
        response = true;
        int code = from + VERSION.length + 1;
        if (code + 3 > end
                || !Ascii.is(buffer, from, VERSION.length, VERSION)
                || buffer.getByte(code - 1) != ' '
                || code + 3 < end && buffer.getByte(code + 3) != ' ') {
            return Verdict.BAD_STATUS_LINE;
        }
        long number = Ascii.number(buffer, code, code + 3);
        if (number < 100 || number > 699) {
            return Verdict.BAD_STATUS_LINE;
        }
        status = (int) number;
        return Verdict.ACCEPT;
    }

    private int readRequest(DirectBuffer buffer, int from, int end) {
        int methodEnd = Ascii.skipToken(buffer, from, end);
        int version = end;
        while (version > methodEnd && buffer.getByte(version - 1) != ' ') {
            version--;
        }
        boolean sip = end - version > SIP_SLASH.length && Ascii.is(buffer, version, SIP_SLASH.length, SIP_SLASH);
        if (methodEnd == from || methodEnd == end || buffer.getByte(methodEnd) != ' ') {
            return Verdict.NOT_SIP;
        }
        request = true;
        methodLength = methodEnd - from;
        method = Method.of(buffer, from, methodLength);
        if (!sip) {
            // Something with a method and no SIP at its end: HTTP, or a request line that goes on behind the version.
            return Ascii.is(buffer, Math.max(from, end - 8), 5, HTTP) ? Verdict.NOT_SIP : Verdict.BAD_REQUEST_LINE;
        }
        if (!Ascii.is(buffer, version, end - version, VERSION)) {
            return Verdict.BAD_VERSION;
        }
        if (methodLength > METHOD_MAX || version - 1 <= methodEnd + 1) {
            return Verdict.BAD_REQUEST_LINE;
        }
        return uri(buffer, methodEnd + 1, version - 1);
    }

    /** A Request-URI has a scheme, no space, no bracket, whole escapes and, for sip, no headers. */
    private static int uri(DirectBuffer buffer, int from, int end) {
        int schemeEnd = Ascii.skipToken(buffer, from, end);
        if (schemeEnd == from || schemeEnd == end || buffer.getByte(schemeEnd) != ':' || schemeEnd + 1 == end) {
            return Verdict.BAD_REQUEST_LINE;
        }
        boolean sip = Ascii.is(buffer, from, schemeEnd - from, SIP) || Ascii.is(buffer, from, schemeEnd - from, SIPS);
        boolean question = false;
        for (int i = schemeEnd; i < end; i++) {
            byte b = buffer.getByte(i);
            if (b == ' ' || b == '\t' || b == '<' || b == '>' || b == '"') {
                return Verdict.BAD_REQUEST_LINE;
            }
            if (b == '%'
                    && (i + 2 >= end || !Ascii.isHex(buffer.getByte(i + 1)) || !Ascii.isHex(buffer.getByte(i + 2)))) {
                return Verdict.BAD_REQUEST_LINE;
            }
            if (b == '@') {
                // A question mark in the user part is the user's.
                question = false;
            } else if (b == '?') {
                question = true;
            }
        }
        return sip && question ? Verdict.BAD_REQUEST_LINE : Verdict.ACCEPT;
    }
}
