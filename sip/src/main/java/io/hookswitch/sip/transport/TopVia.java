package io.hookswitch.sip.transport;

import static io.hookswitch.sip.transport.Ascii.skipSpace;
import static io.hookswitch.sip.transport.Ascii.skipToken;

import org.agrona.DirectBuffer;

/**
 * The first value of the first Via: {@code SIP/2.0/UDP host:port;branch=z9hG4bK...;rport}. Positions in the buffer
 * given. Sip thread.
 */
public final class TopVia {
    private static final byte[] SIP = Ascii.bytes("sip");
    private static final byte[] VERSION = Ascii.bytes("2.0");
    private static final byte[] BRANCH = Ascii.bytes("branch");
    private static final byte[] RPORT = Ascii.bytes("rport");
    private static final byte[] COOKIE = Ascii.bytes("z9hg4bk");
    private static final int DEFAULT_PORT = 5060;
    private static final int PORT_MAX = 65_535;

    private boolean present;
    private int valueAt;
    private int valueEnd;
    private int sentByEnd;
    private int port;
    private int branchAt;
    private int branchLength;
    private boolean rport;
    private int rportAt;
    private int rportEnd;

    void clear() {
        present = false;
        branchLength = 0;
        rport = false;
        port = 0;
    }

    /** @return ACCEPT, BAD_VIA or NO_COOKIE; the last one leaves everything readable. */
    int read(DirectBuffer buffer, int from, int end) {
        clear();
        valueAt = from;
        int at = protocol(buffer, from, end);
        if (at < 0) {
            return Verdict.BAD_VIA;
        }
        at = sentBy(buffer, at, end);
        if (at < 0) {
            return Verdict.BAD_VIA;
        }
        sentByEnd = at;
        at = parameters(buffer, skipSpace(buffer, at, end), end);
        if (at < 0) {
            return Verdict.BAD_VIA;
        }
        valueEnd = Ascii.trimEnd(buffer, from, at);
        present = true;
        return branchLength > COOKIE.length && Ascii.is(buffer, branchAt, COOKIE.length, COOKIE)
                ? Verdict.ACCEPT
                : Verdict.NO_COOKIE;
    }

    /** @return where the sender's address begins, behind protocol, version and transport. */
    private static int protocol(DirectBuffer buffer, int from, int end) {
        int name = skipToken(buffer, from, end);
        if (!Ascii.is(buffer, from, name - from, SIP)) {
            return -1;
        }
        int version = slash(buffer, name, end);
        int versionEnd = version < 0 ? -1 : skipToken(buffer, version, end);
        if (versionEnd < 0 || !Ascii.is(buffer, version, versionEnd - version, VERSION)) {
            return -1;
        }
        int transport = slash(buffer, versionEnd, end);
        int transportEnd = transport < 0 ? -1 : skipToken(buffer, transport, end);
        if (transportEnd <= transport) {
            return -1;
        }
        int at = skipSpace(buffer, transportEnd, end);
        return at == transportEnd ? -1 : at;
    }

    private static int slash(DirectBuffer buffer, int from, int end) {
        int at = skipSpace(buffer, from, end);
        return at < end && buffer.getByte(at) == '/' ? skipSpace(buffer, at + 1, end) : -1;
    }

    private int sentBy(DirectBuffer buffer, int from, int end) {
        int i = from;
        if (i < end && buffer.getByte(i) == '[') {
            while (i < end && buffer.getByte(i) != ']') {
                i++;
            }
            i++;
        } else {
            i = skipToken(buffer, i, end);
        }
        if (i == from || i > end) {
            return -1;
        }
        port = DEFAULT_PORT;
        int colon = skipSpace(buffer, i, end);
        if (colon == end || buffer.getByte(colon) != ':') {
            return i;
        }
        int digits = skipSpace(buffer, colon + 1, end);
        int digitsEnd = skipToken(buffer, digits, end);
        long number = Ascii.number(buffer, digits, digitsEnd);
        if (number < 1 || number > PORT_MAX) {
            return -1;
        }
        port = (int) number;
        return digitsEnd;
    }

    /** @return where this Via ends: at a comma or at the end of the line. */
    private int parameters(DirectBuffer buffer, int from, int end) {
        int i = from;
        while (i < end && buffer.getByte(i) == ';') {
            int name = skipSpace(buffer, i + 1, end);
            int nameEnd = skipToken(buffer, name, end);
            int value = -1;
            i = skipSpace(buffer, nameEnd, end);
            if (i < end && buffer.getByte(i) == '=') {
                value = skipSpace(buffer, i + 1, end);
                i = valueEnd(buffer, value, end);
            }
            if (Ascii.is(buffer, name, nameEnd - name, BRANCH) && value >= 0) {
                branchAt = value;
                branchLength = i - value;
            } else if (Ascii.is(buffer, name, nameEnd - name, RPORT)) {
                rport = true;
                rportAt = name;
                rportEnd = value < 0 ? nameEnd : i;
            }
            i = skipSpace(buffer, i, end);
        }
        return i == end || buffer.getByte(i) == ',' ? i : -1;
    }

    private static int valueEnd(DirectBuffer buffer, int from, int end) {
        int i = from;
        while (i < end) {
            byte b = buffer.getByte(i);
            if (b == ';' || b == ',' || Ascii.isSpace(b)) {
                break;
            }
            i++;
        }
        return i;
    }

    /** @return whether there is a readable top Via. */
    public boolean present() {
        return present;
    }

    /** @return where its text begins. */
    public int at() {
        return valueAt;
    }

    /** @return where its text ends. */
    public int end() {
        return valueEnd;
    }

    /** @return where the sender's address ends: parameters may be put in here. */
    public int sentByEnd() {
        return sentByEnd;
    }

    /** @return port the sender names, 5060 when it names none. */
    public int port() {
        return port;
    }

    /** @return whether the sender asks for its own port (RFC 3581). */
    public boolean rport() {
        return rport;
    }

    /** @return where the parameter rport begins, behind its semicolon. */
    int rportAt() {
        return rportAt;
    }

    /** @return where the parameter rport ends, its value included. */
    int rportEnd() {
        return rportEnd;
    }

    /** @return where the branch begins. */
    public int branchAt() {
        return branchAt;
    }

    /** @return bytes of the branch, 0 = none. */
    public int branchLength() {
        return branchLength;
    }
}
