package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import java.text.ParseException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.header.CSeqHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * Requests inside a leg's dialog that are the application's: INFO (RFC 6086) and MESSAGE (RFC 3428) of the far end, and
 * what the application has sent. Each of its own is told the end of exactly once. Sip thread.
 */
final class AppRequests {
    /** MESSAGEs that wait for an answer. */
    private static final int MOST_OPEN = 8;
    /** Longest body that is told of: it goes through a ring, with headers. */
    private static final int LONGEST_BODY = 2_800;

    private static final int OK = 200;
    private static final int TIMEOUT = 408;
    private static final int TOO_LARGE = 413;
    private static final int NO_DIALOG = 481;
    private static final int SERVER_ERROR = 500;

    private record Open(Request request, ServerTransaction transaction) {}

    /** One of ours; {@code type} null = it has no body. */
    record Own(long reference, String method, List<String> headers, String type, String body) {}

    private final Leg leg;
    private final ArrayDeque<Open> open = new ArrayDeque<>(0);
    private final Map<Long, Own> sent = new LinkedHashMap<>(0);

    AppRequests(Leg leg) {
        this.leg = leg;
    }

    /** The far end's INFO or MESSAGE: the core is told. */
    void onRequest(Request request, ServerTransaction transaction) throws SipException, ParseException {
        boolean isMessage = request.getMethod().equals(Request.MESSAGE);
        String body = Messages.body(request);
        if (leg.hasEnded()) {
            leg.send(transaction, leg.answer(request, NO_DIALOG, null));
        } else if (body.length() > LONGEST_BODY) {
            leg.send(transaction, leg.answer(request, TOO_LARGE, null));
        } else if (isMessage && open.size() == MOST_OPEN) {
            Response response = leg.answer(request, SERVER_ERROR, null);
            leg.site.messages().set(response, "Retry-After", "1");
            leg.send(transaction, response);
        } else {
            if (isMessage) {
                open.add(new Open(request, transaction));
            } else {
                leg.send(transaction, leg.answer(request, OK, null));
            }
            MessageFlyweight event = leg.event(SipEvent.REQUESTED);
            event.put(Field.METHOD, request.getMethod());
            event.put(Field.BODY, body);
            Messages.lines(request).forEach(line -> event.put(Field.HEADER, line));
            leg.emit();
        }
    }

    /** The oldest MESSAGE has its answer. */
    void result(int status) throws SipException, ParseException {
        Open oldest = open.poll();
        if (oldest != null) {
            leg.send(oldest.transaction(), leg.answer(oldest.request(), status, null));
        }
    }

    /** Sends one of the application's. */
    void send(Own own) {
        if (!leg.confirmed) {
            tell(own, NO_DIALOG, "");
            return;
        }
        try {
            Request request = leg.request(own.method());
            leg.contact(request, leg.contactUser());
            leg.site.messages().custom(request, own.headers());
            if (own.type() != null) {
                leg.site.messages().body(request, own.type(), own.body());
            }
            leg.prove(request);
            leg.send(request);
            // The stack has numbered it now.
            sent.put(number(request), own);
        } catch (SipException | ParseException e) {
            leg.report(e);
            tell(own, SERVER_ERROR, "");
        }
    }

    private static long number(Request request) {
        return ((CSeqHeader) request.getHeader(CSeqHeader.NAME)).getSeqNumber();
    }

    /** A final response to a request that may be one of ours. */
    void onResponse(Response response) {
        Own own = sent.remove(((CSeqHeader) response.getHeader(CSeqHeader.NAME)).getSeqNumber());
        if (own == null) {
            return;
        }
        if (!leg.hasEnded() && leg.isChallenged(response)) {
            send(own);
        } else {
            leg.proved();
            tell(own, response.getStatusCode(), response.getReasonPhrase());
        }
    }

    /** One of ours was never answered. */
    void onTimeout(Request request) {
        Own own = sent.remove(number(request));
        if (own != null) {
            tell(own, TIMEOUT, "");
        }
    }

    /** The leg is over: what is open has no answer any more. */
    void drop() {
        for (Open one = open.poll(); one != null; one = open.poll()) {
            try {
                leg.send(one.transaction(), leg.answer(one.request(), NO_DIALOG, null));
            } catch (SipException | ParseException e) {
                leg.report(e);
            }
        }
        sent.values().forEach(own -> tell(own, NO_DIALOG, ""));
        sent.clear();
    }

    private void tell(Own own, int status, String reason) {
        MessageFlyweight event =
                leg.event(SipEvent.REQUEST_ANSWERED).reference(own.reference()).status(status);
        if (reason != null && !reason.isEmpty()) {
            event.put(Field.REASON, reason);
        }
        leg.emit();
    }
}
