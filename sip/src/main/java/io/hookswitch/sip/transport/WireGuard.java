package io.hookswitch.sip.transport;

import static io.hookswitch.sip.transport.Ascii.bytes;
import static io.hookswitch.sip.transport.Ascii.is;
import static io.hookswitch.sip.transport.Ascii.isSpace;
import static io.hookswitch.sip.transport.Ascii.skipSpace;
import static io.hookswitch.sip.transport.Ascii.skipToken;
import static io.hookswitch.sip.transport.Ascii.trimEnd;

import org.agrona.DirectBuffer;

/**
 * Stands in front of the SIP stack: one linear pass over every message, without allocation and without exception. What
 * it does not accept the stack never sees, because the stack's parser has an endless loop (a comment in a Via), steps
 * that grow with the square of a list, and no opinion on repeated headers.
 *
 * <p>Wrap-and-forget: positions are valid until the next check and while the buffer is. Sip thread.
 */
public final class WireGuard {
    /** Largest head, start line and empty line included, bytes. */
    public static final int HEAD_MAX = 16 * 1024;
    /** Largest body, bytes. */
    public static final int BODY_MAX = 64 * 1024;
    /** Longest line, continuations included, bytes. */
    public static final int LINE_MAX = 4 * 1024;
    /** Header lines of a message. */
    public static final int HEADERS_MAX = 128;
    /** Continuation lines of a message. */
    public static final int FOLDS_MAX = 16;
    /** Values of Via, Contact, Route and Record-Route of a message. */
    public static final int ITEMS_MAX = 64;
    /** Commas of a message: a digest has a dozen, an Allow as many. */
    public static final int COMMAS_MAX = 192;
    /** Semicolons of a message. */
    public static final int PARAMETERS_MAX = 96;
    /** Longest Call-ID, bytes. */
    public static final int CALL_ID_MAX = 255;

    private static final byte[] VIA = bytes("via");
    private static final byte[] FROM = bytes("from");
    private static final byte[] TO = bytes("to");
    private static final byte[] CALL_ID = bytes("call-id");
    private static final byte[] CSEQ = bytes("cseq");
    private static final byte[] CONTACT = bytes("contact");
    private static final byte[] ROUTE = bytes("route");
    private static final byte[] RECORD_ROUTE = bytes("record-route");
    private static final byte[] MAX_FORWARDS = bytes("max-forwards");
    private static final byte[] CONTENT_LENGTH = bytes("content-length");

    private static final int SEEN_VIA = 1;
    private static final int SEEN_FROM = 2;
    private static final int SEEN_TO = 4;
    private static final int SEEN_CALL_ID = 8;
    private static final int SEEN_CSEQ = 16;
    private static final int SEEN_MAX_FORWARDS = 32;
    private static final int SEEN_CONTENT_LENGTH = 64;
    private static final int REQUIRED = SEEN_VIA | SEEN_FROM | SEEN_TO | SEEN_CALL_ID | SEEN_CSEQ;

    private final StartLine startLine = new StartLine();
    private final TopVia topVia = new TopVia();
    private DirectBuffer buffer;
    private int start;
    private int end;
    private int verdict;
    private boolean framed;
    private boolean stream;
    private int seen;
    private int headers;
    private int folds;
    private int items;
    private int commas;
    private int lineCommas;
    private int parameters;
    private int headEnd;
    private int bodyLength;
    private int contentLength;
    private int callIdAt;
    private int callIdLength;
    private int callIdHash;
    private int fromTagAt;
    private int fromTagLength;
    private int toTagAt;
    private int toTagLength;
    private int cseqMethodAt;
    private int cseqMethodLength;

    /**
     * Reads one datagram.
     *
     * @param lengthMax the largest we take
     * @return one of {@link Verdict}
     */
    public int checkDatagram(DirectBuffer source, int offset, int length, int lengthMax) {
        begin(source, offset, length);
        stream = false;
        if (length > lengthMax) {
            framed = false;
            verdict = Verdict.MESSAGE_TOO_LONG;
            return verdict;
        }
        return check();
    }

    /**
     * Reads the head of a message in a stream; the body may not be there yet.
     *
     * @return one of {@link Verdict}; whether the next message can be found behind this one says {@link #framed()}
     */
    public int checkStream(DirectBuffer source, int offset, int length) {
        begin(source, offset, length);
        stream = true;
        return check();
    }

    private void begin(DirectBuffer source, int offset, int length) {
        buffer = source;
        start = offset;
        end = offset + length;
        verdict = Verdict.ACCEPT;
        framed = true;
        seen = 0;
        headers = 0;
        folds = 0;
        items = 0;
        commas = 0;
        parameters = 0;
        headEnd = end;
        bodyLength = 0;
        contentLength = -1;
        callIdLength = 0;
        callIdHash = 0;
        fromTagLength = 0;
        toTagLength = 0;
        cseqMethodLength = 0;
        startLine.clear();
        topVia.clear();
    }

    private int check() {
        // RFC 3261 section 7.5: line ends in front of the start line are nothing.
        while (start < end && (buffer.getByte(start) == '\r' || buffer.getByte(start) == '\n')) {
            start++;
        }
        if (start == end) {
            verdict = Verdict.KEEP_ALIVE;
            return verdict;
        }
        int lineEnd = line(start, false);
        if (lineEnd < 0) {
            return verdict;
        }
        fault(startLine.read(buffer, start, lineEnd));
        if (verdict == Verdict.NOT_SIP) {
            framed = false;
            return verdict;
        }
        int at = lineEnd + 2;
        while (at + 1 < end && !(buffer.getByte(at) == '\r' && buffer.getByte(at + 1) == '\n')) {
            lineEnd = line(at, true);
            if (lineEnd < 0) {
                return verdict;
            }
            header(at, lineEnd);
            at = lineEnd + 2;
        }
        if (at + 1 >= end) {
            return broken(Verdict.UNFINISHED);
        }
        headEnd = at + 2;
        if (headEnd - start > HEAD_MAX) {
            return broken(Verdict.HEAD_TOO_LONG);
        }
        finish();
        return verdict;
    }

    /** Counts and checks one line; its continuations belong to it. @return where its CR is, or -1: no way to go on. */
    private int line(int from, boolean mayFold) {
        int i = from;
        lineCommas = 0;
        while (i < end) {
            byte b = buffer.getByte(i);
            if (b == '\r') {
                if (i + 1 < end && buffer.getByte(i + 1) != '\n') {
                    broken(Verdict.BAD_LINE_END);
                    return -1;
                }
                if (!mayFold || i + 2 >= end || !isBlank(buffer.getByte(i + 2))) {
                    return lineDone(from, i);
                }
                folds++;
                i += 2;
            } else if (b == ',') {
                lineCommas++;
            } else if (b == ';') {
                parameters++;
            } else if (b == '\n' || b == 0) {
                broken(b == 0 ? Verdict.NUL : Verdict.BAD_LINE_END);
                return -1;
            }
            i++;
            if (i - start > HEAD_MAX) {
                broken(Verdict.HEAD_TOO_LONG);
                return -1;
            }
        }
        broken(Verdict.UNFINISHED);
        return -1;
    }

    private int lineDone(int from, int lineEnd) {
        if (lineEnd + 1 >= end) {
            broken(Verdict.UNFINISHED);
            return -1;
        }
        commas += lineCommas;
        if (lineEnd - from > LINE_MAX) {
            fault(Verdict.LINE_TOO_LONG);
        }
        if (folds > FOLDS_MAX) {
            fault(Verdict.TOO_MANY_FOLDS);
        }
        if (commas > COMMAS_MAX) {
            fault(Verdict.TOO_MANY_ITEMS);
        }
        if (parameters > PARAMETERS_MAX) {
            fault(Verdict.TOO_MANY_PARAMETERS);
        }
        return lineEnd;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void header(int from, int lineEnd) {
        if (++headers > HEADERS_MAX) {
            fault(Verdict.TOO_MANY_HEADERS);
        }
        int nameEnd = skipToken(buffer, from, lineEnd);
        int colon = skipSpace(buffer, nameEnd, lineEnd);
        if (nameEnd == from || colon >= lineEnd || buffer.getByte(colon) != ':') {
            fault(Verdict.BAD_HEADER);
            return;
        }
        int at = skipSpace(buffer, colon + 1, lineEnd);
        value(from, nameEnd - from, at, trimEnd(buffer, at, lineEnd));
    }

    /** Header names by their length, so that an unknown one costs one comparison at most. */
    private void value(int name, int nameLength, int at, int valueEnd) {
        switch (nameLength) {
            case 1 -> compact(Ascii.lower(buffer.getByte(name)), at, valueEnd);
            case 2 -> {
                if (is(buffer, name, nameLength, TO)) {
                    to(at, valueEnd);
                }
            }
            case 3 -> {
                if (is(buffer, name, nameLength, VIA)) {
                    via(at, valueEnd);
                }
            }
            case 4 -> {
                if (is(buffer, name, nameLength, FROM)) {
                    from(at, valueEnd);
                } else if (is(buffer, name, nameLength, CSEQ)) {
                    cseq(at, valueEnd);
                }
            }
            case 5 -> addresses(is(buffer, name, nameLength, ROUTE));
            case 7 -> {
                if (is(buffer, name, nameLength, CALL_ID)) {
                    callId(at, valueEnd);
                } else {
                    addresses(is(buffer, name, nameLength, CONTACT));
                }
            }
            case 12 -> {
                if (is(buffer, name, nameLength, MAX_FORWARDS)) {
                    maxForwards(at, valueEnd);
                } else {
                    addresses(is(buffer, name, nameLength, RECORD_ROUTE));
                }
            }
            case 14 -> {
                if (is(buffer, name, nameLength, CONTENT_LENGTH)) {
                    contentLength(at, valueEnd);
                }
            }
            default -> {}
        }
    }

    private void compact(byte letter, int at, int valueEnd) {
        switch (letter) {
            case 'v' -> via(at, valueEnd);
            case 'f' -> from(at, valueEnd);
            case 't' -> to(at, valueEnd);
            case 'i' -> callId(at, valueEnd);
            case 'l' -> contentLength(at, valueEnd);
            case 'm' -> addresses(true);
            default -> {}
        }
    }

    private void addresses(boolean listed) {
        if (listed) {
            items += lineCommas + 1;
            if (items > ITEMS_MAX) {
                fault(Verdict.TOO_MANY_ITEMS);
            }
        }
    }

    private void via(int at, int valueEnd) {
        addresses(true);
        for (int i = at; i < valueEnd; i++) {
            byte b = buffer.getByte(i);
            if (b == '(' || b == '"' || b == '\\') {
                fault(Verdict.VIA_TRAP);
                return;
            }
        }
        if ((seen & SEEN_VIA) == 0) {
            seen |= SEEN_VIA;
            fault(topVia.read(buffer, at, valueEnd));
        }
    }

    private void from(int at, int valueEnd) {
        once(SEEN_FROM);
        long tag = AddressTag.find(buffer, at, valueEnd);
        if (tag < 0) {
            fault(Verdict.BAD_ADDRESS);
            return;
        }
        fromTagAt = (int) (tag >>> 32);
        fromTagLength = (int) tag;
    }

    private void to(int at, int valueEnd) {
        once(SEEN_TO);
        long tag = AddressTag.find(buffer, at, valueEnd);
        if (tag < 0) {
            fault(Verdict.BAD_ADDRESS);
            return;
        }
        toTagAt = (int) (tag >>> 32);
        toTagLength = (int) tag;
    }

    private void callId(int at, int valueEnd) {
        once(SEEN_CALL_ID);
        int length = valueEnd - at;
        int hash = CallIdHash.SEED;
        for (int i = at; i < valueEnd; i++) {
            byte b = buffer.getByte(i);
            if (isSpace(b)) {
                fault(Verdict.BAD_CALL_ID);
            }
            hash = CallIdHash.step(hash, b);
        }
        if (length < 1 || length > CALL_ID_MAX) {
            fault(Verdict.BAD_CALL_ID);
        }
        callIdAt = at;
        callIdLength = length;
        callIdHash = hash;
    }

    private void cseq(int at, int valueEnd) {
        once(SEEN_CSEQ);
        int digitsEnd = at;
        while (digitsEnd < valueEnd && Ascii.isDigit(buffer.getByte(digitsEnd))) {
            digitsEnd++;
        }
        long number = Ascii.number(buffer, at, digitsEnd);
        int method = skipSpace(buffer, digitsEnd, valueEnd);
        if (number < 0
                || number > Integer.MAX_VALUE
                || method == digitsEnd
                || method == valueEnd
                || skipToken(buffer, method, valueEnd) != valueEnd) {
            fault(Verdict.BAD_CSEQ);
            return;
        }
        cseqMethodAt = method;
        cseqMethodLength = valueEnd - method;
    }

    private void maxForwards(int at, int valueEnd) {
        once(SEEN_MAX_FORWARDS);
        long number = Ascii.number(buffer, at, valueEnd);
        if (number < 0 || number > 255) {
            fault(Verdict.BAD_MAX_FORWARDS);
        }
    }

    private void contentLength(int at, int valueEnd) {
        if ((seen & SEEN_CONTENT_LENGTH) != 0) {
            // Two lengths: whoever stands in front of us may have believed the other one.
            broken(Verdict.REPEATED_HEADER);
            return;
        }
        seen |= SEEN_CONTENT_LENGTH;
        long number = Ascii.number(buffer, at, valueEnd);
        if (number < 0) {
            broken(Verdict.BAD_CONTENT_LENGTH);
        } else if (number > BODY_MAX) {
            broken(Verdict.BODY_TOO_LONG);
        } else {
            contentLength = (int) number;
        }
    }

    private void once(int header) {
        if ((seen & header) != 0) {
            fault(Verdict.REPEATED_HEADER);
        }
        seen |= header;
    }

    private void finish() {
        if ((seen & REQUIRED) != REQUIRED) {
            fault(Verdict.MISSING_HEADER);
        }
        int available = end - headEnd;
        if (stream) {
            if (contentLength < 0) {
                // RFC 3261 section 20.14: on a stream the length is mandatory; without it the next message is lost.
                broken(Verdict.BAD_CONTENT_LENGTH);
            }
            bodyLength = Math.max(contentLength, 0);
        } else {
            if (contentLength > available) {
                fault(Verdict.BODY_CUT);
            }
            bodyLength = contentLength < 0 ? available : Math.min(contentLength, available);
            if (bodyLength > BODY_MAX) {
                fault(Verdict.BODY_TOO_LONG);
            }
        }
        if ((seen & SEEN_FROM) != 0 && fromTagLength == 0) {
            // RFC 3261 section 8.1.1.3; the stack throws on dialogs without it.
            fault(Verdict.BAD_ADDRESS);
        }
        if (startLine.isRequest() && cseqMethodLength > 0 && !sameMethod()) {
            fault(Verdict.METHOD_MISMATCH);
        }
    }

    /** Methods are compared with their case (RFC 3261 section 7.1). */
    private boolean sameMethod() {
        if (cseqMethodLength != startLine.methodLength()) {
            return false;
        }
        for (int i = 0; i < cseqMethodLength; i++) {
            if (buffer.getByte(cseqMethodAt + i) != buffer.getByte(start + i)) {
                return false;
            }
        }
        return true;
    }

    /** The first fault is the verdict. */
    private void fault(int found) {
        if (verdict == Verdict.ACCEPT) {
            verdict = found;
        }
    }

    /** A fault behind which nothing on the same stream can be trusted. */
    private int broken(int found) {
        framed = false;
        fault(found);
        return verdict;
    }

    /** @return whether the length of the message is known although it may be refused. */
    public boolean framed() {
        return framed;
    }

    /** @return whether the start line is a status line. */
    public boolean isResponse() {
        return startLine.isResponse();
    }

    /** @return one of {@link Method}; of a response that of its CSeq. */
    public int method() {
        return startLine.isResponse() ? Method.of(buffer, cseqMethodAt, cseqMethodLength) : startLine.method();
    }

    /** @return 100..699 of a response, else 0. */
    public int status() {
        return startLine.status();
    }

    /** @return where the start line begins. */
    public int messageAt() {
        return start;
    }

    /** @return start line to end of body, bytes. */
    public int messageLength() {
        return headEnd - start + bodyLength;
    }

    /** @return start line to empty line, bytes. */
    public int headLength() {
        return headEnd - start;
    }

    /** @return where the body begins. */
    public int bodyAt() {
        return headEnd;
    }

    /** @return bytes of the body. */
    public int bodyLength() {
        return bodyLength;
    }

    /** @return the top Via; readable when the verdict is neither its own nor about lines. */
    public TopVia topVia() {
        return topVia;
    }

    /** @return where the Call-ID begins. */
    public int callIdAt() {
        return callIdAt;
    }

    /** @return bytes of the Call-ID, 0 = none seen. */
    public int callIdLength() {
        return callIdLength;
    }

    /** @return {@link CallIdHash} of the Call-ID. */
    public int callIdHash() {
        return callIdHash;
    }

    /** @return where the tag of From begins. */
    public int fromTagAt() {
        return fromTagAt;
    }

    /** @return bytes of the tag of From, 0 = none. */
    public int fromTagLength() {
        return fromTagLength;
    }

    /** @return where the tag of To begins. */
    public int toTagAt() {
        return toTagAt;
    }

    /** @return bytes of the tag of To, 0 = none: the request is outside of a dialog. */
    public int toTagLength() {
        return toTagLength;
    }
}
