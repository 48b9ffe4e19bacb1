package io.hookswitch.sip.transport;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of one sip thread: it alone writes, anybody may read. Numbers below {@link Verdict#COUNT} are verdicts. */
public final class SipCounters {
    /** Messages that came in, refused ones included. */
    public static final int RECEIVED = Verdict.COUNT;
    /** Messages handed to a socket. */
    public static final int SENT = RECEIVED + 1;
    /** Dropped: the source had spent its tokens. */
    public static final int RATE_LIMITED = RECEIVED + 2;
    /** Dropped: no room in the table of sources. */
    public static final int SOURCES_FULL = RECEIVED + 3;
    /** New requests answered 503 without state. */
    public static final int OVERLOAD_ANSWERED = RECEIVED + 4;
    /** Refused requests answered 400 without state. */
    public static final int BAD_REQUEST_ANSWERED = RECEIVED + 5;
    /** Requests of another version answered 505 without state. */
    public static final int VERSION_ANSWERED = RECEIVED + 6;
    /** Refused requests for which no answer could be made or was due. */
    public static final int REFUSED_SILENTLY = RECEIVED + 7;
    /** Accepted by the guard, refused by the parser. */
    public static final int PARSER_REFUSED = RECEIVED + 8;
    /** The parser threw what it does not declare. */
    public static final int PARSER_FAILED = RECEIVED + 9;
    /** The stack or its listener threw while a message was processed. */
    public static final int PROCESSING_FAILED = RECEIVED + 10;
    /** A timer's task threw. */
    public static final int TIMER_FAILED = RECEIVED + 11;
    /** Responses nobody waits for. */
    public static final int UNMATCHED_RESPONSE = RECEIVED + 12;
    /** Messages that no socket took. */
    public static final int SEND_FAILED = RECEIVED + 13;
    /** Connections we could not make. */
    public static final int CONNECT_FAILED = RECEIVED + 14;
    /** Connections refused because there are too many. */
    public static final int FLOWS_REFUSED = RECEIVED + 15;
    /** Connections closed because nothing came, or a message did not end. */
    public static final int FLOWS_IDLE = RECEIVED + 16;
    /** Connections closed because what came cannot be cut into messages. */
    public static final int FLOWS_UNFRAMED = RECEIVED + 17;
    /** Keep-alives answered (RFC 5626 section 4.4.1). */
    public static final int PONGS = RECEIVED + 18;
    /** ACKs dropped: of no dialog and no transaction. */
    public static final int STRAY_ACK = RECEIVED + 19;
    /** Requests of a dialog we do not have, answered 481 without state. */
    public static final int UNKNOWN_DIALOG_ANSWERED = RECEIVED + 20;
    /** Header lines that we were told to send and that nobody but the protocol may set. */
    public static final int HEADERS_LEFT_OUT = RECEIVED + 21;
    /** TLS handshakes that failed: certificate, name or protocol. */
    public static final int TLS_FAILED = RECEIVED + 22;
    /** HTTP requests to a WebSocket address that ask for no WebSocket, or not for the subprotocol sip. */
    public static final int WEBSOCKETS_REFUSED = RECEIVED + 23;
    /** Number of counters. */
    public static final int COUNT = RECEIVED + 24;

    private static final String[] NAMES = {
        "accepted",
        "keep_alive",
        "not_sip",
        "message_too_long",
        "head_too_long",
        "body_too_long",
        "unfinished",
        "bad_line_end",
        "nul",
        "line_too_long",
        "too_many_folds",
        "too_many_headers",
        "too_many_items",
        "too_many_parameters",
        "bad_header",
        "repeated_header",
        "missing_header",
        "bad_request_line",
        "bad_version",
        "bad_status_line",
        "bad_via",
        "via_trap",
        "no_cookie",
        "bad_call_id",
        "bad_cseq",
        "method_mismatch",
        "bad_max_forwards",
        "bad_content_length",
        "body_cut",
        "bad_address",
        "received",
        "sent",
        "rate_limited",
        "sources_full",
        "overload_answered",
        "bad_request_answered",
        "version_answered",
        "refused_silently",
        "parser_refused",
        "parser_failed",
        "processing_failed",
        "timer_failed",
        "unmatched_response",
        "send_failed",
        "connect_failed",
        "flows_refused",
        "flows_idle",
        "flows_unframed",
        "pongs",
        "stray_ack",
        "unknown_dialog_answered",
        "headers_left_out",
        "tls_failed",
        "websockets_refused",
    };

    private final AtomicLongArray values = new AtomicLongArray(COUNT);

    /** @return the counter's name, lower case with underscores. */
    public static String name(int counter) {
        return NAMES[counter];
    }

    /** Adds one. Sip thread. */
    public void increment(int counter) {
        // One writer: an ordered store is enough, no locked instruction per packet.
        values.lazySet(counter, values.getPlain(counter) + 1);
    }

    /** @return the counter's value. Any thread. */
    public long get(int counter) {
        return values.get(counter);
    }
}
