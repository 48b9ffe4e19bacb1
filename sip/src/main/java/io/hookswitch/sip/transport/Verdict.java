package io.hookswitch.sip.transport;

/** What {@link WireGuard} says of one message. Each verdict has the counter of the same number. */
public final class Verdict {
    /** Goes to the stack. */
    public static final int ACCEPT = 0;
    /** CRLF only (RFC 5626 section 4.4.1). */
    public static final int KEEP_ALIVE = 1;
    /** Neither a request line nor a status line. */
    public static final int NOT_SIP = 2;
    /** Larger than the largest datagram or frame we take. */
    public static final int MESSAGE_TOO_LONG = 3;
    /** Head larger than {@link WireGuard#HEAD_MAX}. */
    public static final int HEAD_TOO_LONG = 4;
    /** Body larger than {@link WireGuard#BODY_MAX}. */
    public static final int BODY_TOO_LONG = 5;
    /** No empty line behind the headers. */
    public static final int UNFINISHED = 6;
    /** CR without LF or LF without CR in the head. */
    public static final int BAD_LINE_END = 7;
    /** A zero byte in the head. */
    public static final int NUL = 8;
    /** A line, its continuations included, longer than {@link WireGuard#LINE_MAX}. */
    public static final int LINE_TOO_LONG = 9;
    /** More continuation lines than {@link WireGuard#FOLDS_MAX}. */
    public static final int TOO_MANY_FOLDS = 10;
    /** More header lines than {@link WireGuard#HEADERS_MAX}. */
    public static final int TOO_MANY_HEADERS = 11;
    /** More than {@link WireGuard#ITEMS_MAX} addresses or {@link WireGuard#COMMAS_MAX} commas. */
    public static final int TOO_MANY_ITEMS = 12;
    /** More than {@link WireGuard#PARAMETERS_MAX} parameters in the message, those of URIs included. */
    public static final int TOO_MANY_PARAMETERS = 13;
    /** A line without header name or colon. */
    public static final int BAD_HEADER = 14;
    /** A header that may be there once is there again. */
    public static final int REPEATED_HEADER = 15;
    /** Via, From, To, Call-ID or CSeq is missing. */
    public static final int MISSING_HEADER = 16;
    /** Method, spaces or Request-URI of the request line. */
    public static final int BAD_REQUEST_LINE = 17;
    /** Another version than SIP/2.0. */
    public static final int BAD_VERSION = 18;
    /** Status outside 100..699 or a malformed status line. */
    public static final int BAD_STATUS_LINE = 19;
    /** Top Via unreadable. */
    public static final int BAD_VIA = 20;
    /** A comment, quote or escape in a Via: one of them exhausts the stack's heap. */
    public static final int VIA_TRAP = 21;
    /** The branch is not RFC 3261's. */
    public static final int NO_COOKIE = 22;
    /** Call-ID empty, too long or with spaces. */
    public static final int BAD_CALL_ID = 23;
    /** CSeq is no number up to 2^31-1 and method. */
    public static final int BAD_CSEQ = 24;
    /** The method of the request line is not the one of CSeq. */
    public static final int METHOD_MISMATCH = 25;
    /** Max-Forwards is no number up to 255. */
    public static final int BAD_MAX_FORWARDS = 26;
    /** Content-Length is no number, or missing on a stream. */
    public static final int BAD_CONTENT_LENGTH = 27;
    /** The datagram ends before its body does. */
    public static final int BODY_CUT = 28;
    /** From or To cannot be read, or From has no tag. */
    public static final int BAD_ADDRESS = 29;
    /** Number of verdicts. */
    public static final int COUNT = 30;

    private Verdict() {}
}
