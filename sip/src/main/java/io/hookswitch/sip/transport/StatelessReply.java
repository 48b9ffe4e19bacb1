package io.hookswitch.sip.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers a request from its raw bytes, without the stack and without state: 400, 481, 503 with Retry-After, 505 (RFC
 * 3261
 * section 8.2.7). Never answers a response or an ACK, and nothing when the top Via, From, To, Call-ID or CSeq cannot be
 * copied. The answer is as long as those headers, so it amplifies nothing. Sip thread.
 */
public final class StatelessReply {
    private static final int CAPACITY = 8 * 1024;
    private static final int SCAN_MAX = 64 * 1024;
    private static final byte[] VIA = Ascii.bytes("via");
    private static final byte[] FROM = Ascii.bytes("from");
    private static final byte[] TO = Ascii.bytes("to");
    private static final byte[] CALL_ID = Ascii.bytes("call-id");
    private static final byte[] CSEQ = Ascii.bytes("cseq");
    private static final byte[] VIA_OUT = Ascii.bytes("Via: ");
    private static final byte[] FROM_OUT = Ascii.bytes("From: ");
    private static final byte[] TO_OUT = Ascii.bytes("To: ");
    private static final byte[] CALL_ID_OUT = Ascii.bytes("Call-ID: ");
    private static final byte[] CSEQ_OUT = Ascii.bytes("CSeq: ");
    private static final byte[] TAG_OUT = Ascii.bytes(";tag=");
    private static final byte[] RECEIVED_OUT = Ascii.bytes(";received=");
    private static final byte[] RPORT_OUT = Ascii.bytes("rport=");
    private static final byte[] RETRY_AFTER_OUT = Ascii.bytes("Retry-After: ");
    private static final byte[] END_OUT = Ascii.bytes("Content-Length: 0\r\n\r\n");
    private static final byte[] CRLF = Ascii.bytes("\r\n");
    private static final byte[] BAD_REQUEST = Ascii.bytes("SIP/2.0 400 Bad Request\r\n");
    private static final byte[] UNKNOWN_DIALOG = Ascii.bytes("SIP/2.0 481 Call/Transaction Does Not Exist\r\n");
    private static final byte[] UNAVAILABLE = Ascii.bytes("SIP/2.0 503 Service Unavailable\r\n");
    private static final byte[] BAD_VERSION = Ascii.bytes("SIP/2.0 505 Version Not Supported\r\n");

    private static final int KIND_FROM = 0;
    private static final int KIND_TO = 1;
    private static final int KIND_CALL_ID = 2;
    private static final int KIND_CSEQ = 3;
    private static final int KINDS = 4;

    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    private final TopVia via = new TopVia();
    private final int[] valueAt = new int[KINDS];
    private final int[] valueEnd = new int[KINDS];
    private DirectBuffer in;
    private int length;
    private boolean usable;
    private boolean viaSeen;

    /**
     * Makes an answer.
     *
     * @param status 400, 481, 503 or 505
     * @param retryAfterS seconds, with 503; 0 = none
     * @param source the request came from
     * @return bytes of the answer in {@link #buffer()}, 0 = none may or can be given
     */
    public int make(
            DirectBuffer request,
            int offset,
            int requestLength,
            int status,
            int retryAfterS,
            InetSocketAddress source) {
        in = request;
        length = 0;
        usable = true;
        viaSeen = false;
        for (int i = 0; i < KINDS; i++) {
            valueAt[i] = -1;
        }
        int end = offset + Math.min(requestLength, SCAN_MAX);
        int at = offset;
        while (at < end && (in.getByte(at) == '\r' || in.getByte(at) == '\n')) {
            at++;
        }
        int lineEnd = lineEnd(at, end);
        if (lineEnd < 0 || !isRequest(at, lineEnd)) {
            return 0;
        }
        put(statusLine(status));
        headers(lineEnd + 2, end, source);
        if (!usable || !viaSeen) {
            return 0;
        }
        for (int i = 0; i < KINDS; i++) {
            if (valueAt[i] < 0) {
                return 0;
            }
        }
        finish(status, retryAfterS);
        return usable ? length : 0;
    }

    private static byte[] statusLine(int status) {
        return switch (status) {
            case 481 -> UNKNOWN_DIALOG;
            case 503 -> UNAVAILABLE;
            case 505 -> BAD_VERSION;
            default -> BAD_REQUEST;
        };
    }

    /** @return the buffer that holds the answer, from 0; until the next one is made. */
    public DirectBuffer buffer() {
        return out;
    }

    /** @return the UDP port the answer goes to: where it came from if rport asks for it, else the one of the Via. */
    public int port(InetSocketAddress source) {
        return via.rport() ? source.getPort() : via.port();
    }

    private boolean isRequest(int from, int end) {
        int methodEnd = Ascii.skipToken(in, from, end);
        return methodEnd > from
                && methodEnd < end
                && in.getByte(methodEnd) == ' '
                && Method.of(in, from, methodEnd - from) != Method.ACK;
    }

    /** @return where the CR of a line is, its continuations left aside, or -1. */
    private int lineEnd(int from, int end) {
        for (int i = from; i + 1 < end; i++) {
            if (in.getByte(i) == '\r' && in.getByte(i + 1) == '\n') {
                return i;
            }
        }
        return -1;
    }

    private void headers(int from, int end, InetSocketAddress source) {
        int at = from;
        while (usable && at < end) {
            int lineEnd = lineEnd(at, end);
            // Continuations belong to the line: they are copied with it.
            while (lineEnd >= 0 && lineEnd + 2 < end && lineEnd > at && isBlank(in.getByte(lineEnd + 2))) {
                lineEnd = lineEnd(lineEnd + 2, end);
            }
            if (lineEnd < 0 || lineEnd == at) {
                return;
            }
            header(at, lineEnd, source);
            at = lineEnd + 2;
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void header(int from, int end, InetSocketAddress source) {
        int nameEnd = Ascii.skipToken(in, from, end);
        int colon = Ascii.skipSpace(in, nameEnd, end);
        if (nameEnd == from || colon >= end || in.getByte(colon) != ':') {
            return;
        }
        int at = Ascii.skipSpace(in, colon + 1, end);
        int valueStop = Ascii.trimEnd(in, at, end);
        int nameLength = nameEnd - from;
        byte letter = nameLength == 1 ? Ascii.lower(in.getByte(from)) : 0;
        if (letter == 'v' || Ascii.is(in, from, nameLength, VIA)) {
            via(at, valueStop, source);
        } else if (letter == 'f' || Ascii.is(in, from, nameLength, FROM)) {
            keep(KIND_FROM, at, valueStop);
        } else if (letter == 't' || Ascii.is(in, from, nameLength, TO)) {
            keep(KIND_TO, at, valueStop);
        } else if (letter == 'i' || Ascii.is(in, from, nameLength, CALL_ID)) {
            keep(KIND_CALL_ID, at, valueStop);
        } else if (Ascii.is(in, from, nameLength, CSEQ)) {
            keep(KIND_CSEQ, at, valueStop);
        }
    }

    private void keep(int kind, int at, int end) {
        if (valueAt[kind] < 0) {
            valueAt[kind] = at;
            valueEnd[kind] = end;
        }
    }

    private void via(int at, int end, InetSocketAddress source) {
        for (int i = at; i < end; i++) {
            byte b = in.getByte(i);
            if (b == '(' || b == '"' || b == '\\') {
                usable = false;
                return;
            }
        }
        put(VIA_OUT);
        if (viaSeen) {
            copy(at, end);
        } else {
            viaSeen = true;
            if (via.read(in, at, end) == Verdict.BAD_VIA) {
                usable = false;
                return;
            }
            topVia(end, source);
        }
        put(CRLF);
    }

    /** RFC 3261 section 18.2.1 and RFC 3581 section 4: where the request really came from. */
    private void topVia(int end, InetSocketAddress source) {
        copy(via.at(), via.sentByEnd());
        put(RECEIVED_OUT);
        putAddress(source.getAddress());
        if (via.rport()) {
            copy(via.sentByEnd(), via.rportAt());
            put(RPORT_OUT);
            putNumber(source.getPort());
            copy(via.rportEnd(), end);
        } else {
            copy(via.sentByEnd(), end);
        }
    }

    private void finish(int status, int retryAfterS) {
        line(FROM_OUT, KIND_FROM);
        put(TO_OUT);
        copy(valueAt[KIND_TO], valueEnd[KIND_TO]);
        if (AddressTag.find(in, valueAt[KIND_TO], valueEnd[KIND_TO]) == 0) {
            put(TAG_OUT);
            putTag();
        }
        put(CRLF);
        line(CALL_ID_OUT, KIND_CALL_ID);
        line(CSEQ_OUT, KIND_CSEQ);
        if (status == 503 && retryAfterS > 0) {
            put(RETRY_AFTER_OUT);
            putNumber(retryAfterS);
            put(CRLF);
        }
        put(END_OUT);
    }

    private void line(byte[] name, int kind) {
        put(name);
        copy(valueAt[kind], valueEnd[kind]);
        put(CRLF);
    }

    /** The same request gets the same tag each time it is repeated (RFC 3261 section 8.2.7). */
    private void putTag() {
        int hash = CallIdHash.SEED;
        for (int i = valueAt[KIND_CALL_ID]; i < valueEnd[KIND_CALL_ID]; i++) {
            hash = CallIdHash.step(hash, in.getByte(i));
        }
        for (int i = via.branchAt(); i < via.branchAt() + via.branchLength(); i++) {
            hash = CallIdHash.step(hash, in.getByte(i));
        }
        for (int shift = 28; shift >= 0; shift -= 4) {
            int digit = hash >>> shift & 15;
            putByte((byte) (digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    private void copy(int from, int end) {
        for (int i = from; i < end; i++) {
            byte b = in.getByte(i);
            if (b == 0) {
                usable = false;
            }
            putByte(b);
        }
    }

    private void put(byte[] bytes) {
        for (byte b : bytes) {
            putByte(b);
        }
    }

    private void putAddress(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        for (int i = 0; i < (zone < 0 ? text.length() : zone); i++) {
            putByte((byte) text.charAt(i));
        }
    }

    private void putNumber(int number) {
        int divisor = 1;
        while (number / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            putByte((byte) ('0' + number / divisor % 10));
        }
    }

    private void putByte(byte b) {
        if (length == CAPACITY) {
            usable = false;
        } else {
            out.putByte(length++, b);
        }
    }
}
