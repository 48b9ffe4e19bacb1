package io.hookswitch.sip.ua;

import java.text.ParseException;
import java.util.Locale;
import javax.sip.ClientTransaction;
import javax.sip.ObjectInUseException;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** One request of ours outside of every dialog and leg, and whoever waits for its answer. Sip thread. */
final class Errand {
    /** What becomes of it: exactly one of the two, once. */
    interface Outcome {
        /** @param response final */
        void onFinal(Response response);

        /** Nothing came in time, or it could not be sent. */
        void onNothing();
    }

    /**
     * What is asked.
     *
     * @param from URI of From and To unless {@code to} says otherwise
     * @param to URI of To
     * @param lines more headers, each with its line end
     */
    record Question(String method, String requestUri, String from, String to, String lines) {}

    private static final int MAX_FORWARDS = 70;

    private final Site site;
    private final Outcome outcome;
    private final String callId;
    private ClientTransaction transaction;
    private LegTimers.Timer timer;
    private boolean settled;

    private Errand(Site site, String callId, Outcome outcome) {
        this.site = site;
        this.callId = callId;
        this.outcome = outcome;
    }

    /** @return the request of a question, to be completed and {@linkplain #send sent}. */
    static Request request(Site site, NextHop hop, Question question, String callId, String tag, long cseq)
            throws ParseException, SipException {
        if (site.stack().listeningPoint(hop.transport()) == null) {
            throw new SipException("nothing listens on " + hop.transport().wireName());
        }
        String sentBy = site.stack().listeningPoint(hop.transport()).getSentBy();
        Request request = site.messages()
                .request(question.method() + " " + question.requestUri() + " SIP/2.0\r\nVia: SIP/2.0/"
                        + hop.transport().wireName().toUpperCase(Locale.ROOT) + ' ' + sentBy + ";branch=z9hG4bK"
                        + site.ids().next() + ";rport\r\nMax-Forwards: " + MAX_FORWARDS + "\r\nFrom: <"
                        + question.from() + ">;tag=" + tag + "\r\nTo: <" + question.to() + ">\r\nCall-ID: " + callId
                        + "\r\nCSeq: " + cseq + " " + question.method() + "\r\n" + question.lines() + "\r\n");
        site.messages().sign(request);
        return request;
    }

    /** Sends a request and waits so long for its answer; what cannot be sent is settled before this returns. */
    static void send(Site site, NextHop hop, Request request, String callId, long maxMs, Outcome outcome) {
        Errand errand = new Errand(site, callId, outcome);
        site.stack().expect(hop.transport(), hop.address(), hop.name());
        site.stack().learn(callId, hop.transport(), hop.address());
        errand.timer = site.timers().arm(maxMs, errand::onSilence);
        try {
            SipProvider provider = site.stack().provider(hop.transport());
            errand.transaction = provider.getNewClientTransaction(request);
            errand.transaction.setApplicationData(errand);
            errand.transaction.sendRequest();
        } catch (SipException | RuntimeException e) {
            // Most often a connection that takes no more: it counts as no answer.
            errand.settle(null);
        }
    }

    void onResponse(Response response) {
        if (response.getStatusCode() >= 200) {
            settle(response);
        }
    }

    /** The transaction has given up. */
    void onTimeout() {
        settle(null);
    }

    private void onSilence() {
        try {
            transaction.terminate();
        } catch (ObjectInUseException e) {
            site.errors().onError(e);
        }
        settle(null);
    }

    private void settle(Response response) {
        if (settled) {
            return;
        }
        settled = true;
        site.timers().disarm(timer);
        site.stack().forget(callId);
        if (response == null) {
            outcome.onNothing();
        } else {
            outcome.onFinal(response);
        }
    }
}
