package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.MediaFlyweight;
import java.text.ParseException;
import java.util.List;
import javax.sip.ClientTransaction;
import javax.sip.InvalidArgumentException;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** A leg that called us. Sip thread. */
final class UasLeg extends Leg {
    private enum State {
        /** No final response yet. */
        OFFERED,
        /** 200 sent, not acknowledged. */
        ANSWERED,
        /** Acknowledged. */
        CONFIRMED,
        /** Refused, cancelled, or ended by either side. */
        OVER
    }

    private final Request invite;
    private final ServerTransaction transaction;
    private final String tag;
    private final String user;
    private final boolean lateOffer;
    private final boolean reliable;
    private State state = State.OFFERED;
    private boolean answerSaid;
    private boolean answerDone;
    private boolean offerMade;
    private boolean prackOwed;
    private LegTimers.Timer prackTimer;
    /** What waits for the PRACK of a reliable provisional. */
    private Runnable afterPrack;

    private boolean byeOwed;
    private List<String> byeLines = List.of();

    UasLeg(Site site, Legs legs, long number, Request invite, ServerTransaction transaction, String user) {
        super(site, legs, number);
        this.invite = invite;
        this.transaction = transaction;
        this.user = user;
        tag = site.ids().next();
        lateOffer = !Messages.hasSdp(invite);
        reliable = Messages.hasOption(invite, "Require", "100rel");
        dialog = transaction.getDialog();
    }

    Request invite() {
        return invite;
    }

    @Override
    String tag() {
        return tag;
    }

    @Override
    String contactUser() {
        return user;
    }

    private Response respond(int status, String reason, List<String> headers) throws ParseException {
        Response response = site.messages().response(status, reason, invite);
        ((ToHeader) response.getHeader(ToHeader.NAME)).setTag(tag);
        site.messages().custom(response, headers);
        return response;
    }

    /** PROGRESS: a provisional, with an answer when media is there. */
    void progress(int status, MediaFlyweight media, List<String> headers) throws SipException, ParseException {
        if (state != State.OFFERED || hasEnded()) {
            return;
        }
        if (prackOwed) {
            // RFC 3262 section 3: one unacknowledged reliable provisional at a time; the last one asked for counts.
            MediaFlyweight later = media == null ? null : copy(media);
            afterPrack = () -> retry(() -> progress(status, later, headers));
            return;
        }
        String body = null;
        boolean first = false;
        if (media != null && (!lateOffer || reliable)) {
            first = !answerSaid && !offerMade;
            body = describe(media);
            if (body == null) {
                refuse(488, null, List.of(), Cause.NO_COMMON_MEDIA);
                return;
            }
        }
        if (reliable) {
            sendReliably(status, body, headers);
        } else {
            Response response = respond(status, null, headers);
            finishProvisional(response, body);
            send(transaction, response);
        }
        if (first && answerSaid) {
            mediaChanged();
        }
    }

    private void finishProvisional(Response response, String body) throws ParseException {
        contact(response, user);
        site.messages().capabilities(response);
        if (body != null) {
            site.messages().sdp(response, body);
        }
    }

    /** @return what we say: the answer, once and for all; the offer when the caller made none; null = refused. */
    private String describe(MediaFlyweight media) {
        if (answerSaid || offerMade) {
            return session.sent();
        }
        session.ours(media);
        if (lateOffer) {
            offerMade = true;
            return session.offer();
        }
        String body = session.answer(agreed());
        answerSaid = body != null;
        return body;
    }

    private void sendReliably(int status, String body, List<String> headers) throws SipException, ParseException {
        try {
            Response response = dialog.createReliableProvisionalResponse(status);
            ((ToHeader) response.getHeader(ToHeader.NAME)).setTag(tag);
            finishProvisional(response, body);
            site.messages().custom(response, headers);
            prackOwed = true;
            dialog.sendReliableProvisionalResponse(response);
            prackTimer = site.timers().arm(SETTLE_MS, this::onNoPrack);
        } catch (InvalidArgumentException e) {
            throw new SipException("provisional " + status, e);
        }
    }

    /** RFC 3262 section 3: a reliable provisional that is never acknowledged ends the request with a 5xx. */
    private void onNoPrack() {
        retry(() -> refuse(504, null, List.of(), Cause.UNREACHABLE));
    }

    @Override
    void onPrack(Request request, ServerTransaction prack) throws SipException, ParseException {
        if (!prackOwed) {
            send(prack, answer(request, 481, null));
            return;
        }
        site.timers().disarm(prackTimer);
        prackOwed = false;
        Response response = answer(request, 200, null);
        if (Messages.hasSdp(request)) {
            hearFrom(request);
            if (offerMade && !answerDone) {
                answerDone = session.readAnswer(request.getRawContent(), agreed());
            } else if (session.readOffer(request.getRawContent(), copy(agreed()))) {
                String body = session.answer(agreed());
                if (body == null) {
                    response = answer(request, 488, null);
                } else {
                    site.messages().sdp(response, body);
                }
            } else {
                response = answer(request, 488, null);
            }
        }
        // What was answered in a provisional that has arrived is not answered again in the 200.
        answerDone |= answerSaid;
        send(prack, response);
        if (Messages.hasSdp(request) && agreed().present()) {
            mediaChanged();
        }
        Runnable next = afterPrack;
        afterPrack = null;
        if (next != null) {
            next.run();
        }
    }

    /** ANSWER: 200. */
    void answer(MediaFlyweight media, List<String> headers) throws SipException, ParseException {
        if (state != State.OFFERED || hasEnded()) {
            return;
        }
        if (prackOwed) {
            // RFC 3262 section 3: no 2xx while a reliable provisional with a description is not acknowledged.
            MediaFlyweight later = copy(media);
            afterPrack = () -> retry(() -> answer(later, headers));
            return;
        }
        boolean first = !answerSaid && !lateOffer;
        String body = describe(media);
        if (body == null) {
            refuse(488, null, List.of(), Cause.NO_COMMON_MEDIA);
            return;
        }
        Response response = respond(200, null, headers);
        contact(response, user);
        site.messages().capabilities(response);
        refresher.answer(invite, response);
        if (!answerDone) {
            site.messages().sdp(response, body);
        }
        state = State.ANSWERED;
        send(transaction, response);
        if (first) {
            mediaChanged();
        }
    }

    @Override
    void end(int status, String reason, List<String> headers) throws SipException, ParseException {
        if (hasTerminated() || hasEnded()) {
            return;
        }
        switch (state) {
            case OFFERED -> refuse(status >= 300 ? status : 480, reason, headers, Cause.LOCAL);
            case ANSWERED -> {
                // RFC 3261 section 15: no BYE before the ACK has come, or cannot come any more.
                endOrdered();
                byeOwed = true;
                byeLines = headers;
            }
            case CONFIRMED -> {
                endOrdered();
                state = State.OVER;
                bye(headers);
            }
            case OVER -> {
                // Its end is under way already.
            }
        }
    }

    /** A final response; the stack repeats it until the ACK comes. */
    private void refuse(int status, String reason, List<String> headers, int cause)
            throws SipException, ParseException {
        if (state != State.OFFERED) {
            return;
        }
        state = State.OVER;
        site.timers().disarm(prackTimer);
        afterPrack = null;
        if (cause == Cause.LOCAL) {
            endOrdered();
        }
        Response response = respond(status, reason, headers);
        try {
            send(transaction, response);
        } finally {
            ended(status, cause, response.getReasonPhrase(), List.of());
            terminated();
        }
    }

    /** REFUSE: the core has no place for it; nothing else is ever told. */
    void refuseUnbound(int status, String retryAfter) throws SipException, ParseException {
        if (state == State.OFFERED) {
            state = State.OVER;
            Response response = respond(status, null, List.of());
            if (retryAfter != null && retryAfter.chars().allMatch(c -> c >= '0' && c <= '9')) {
                site.messages().set(response, "Retry-After", retryAfter);
            }
            if (status == 488) {
                // RFC 3261 section 20.43.
                site.messages().set(response, "Warning", "301 hookswitch \"Incompatible network address formats\"");
            }
            send(transaction, response);
        }
    }

    /** The caller gives up: 200 was answered to its CANCEL, the INVITE gets 487 (RFC 3261 section 9.2). */
    void onCancel(List<String> reasons) throws SipException, ParseException {
        if (state != State.OFFERED) {
            return;
        }
        ended(487, Cause.FAR_END_CANCEL, reasons.isEmpty() ? "" : reasons.getFirst(), List.of());
        refuse(487, null, List.of(), Cause.FAR_END_CANCEL);
    }

    /** RFC 3261 section 15: the caller may end an early dialog with BYE. */
    @Override
    void onEarlyBye(Request request, ServerTransaction bye) throws SipException, ParseException {
        send(bye, answer(request, 200, null));
        if (state == State.OFFERED) {
            onCancel(Messages.values(request, "Reason"));
            return;
        }
        // After our 200 without its ACK: over is over.
        state = State.OVER;
        ended(200, Cause.FAR_END_BYE, Messages.value(request, "Reason"), List.of());
        terminated();
    }

    @Override
    void onAck(Request ack) {
        if (hasTerminated()) {
            return;
        }
        if (state != State.ANSWERED) {
            onLaterAck(ack);
            return;
        }
        state = State.CONFIRMED;
        confirmed = true;
        if (byeOwed) {
            state = State.OVER;
            bye(byeLines);
        } else if (lateOffer && !answerDone) {
            lateAnswer(ack);
        }
    }

    @Override
    void onEarlyTimeout() throws SipException, ParseException {
        refuse(408, null, List.of(), Cause.UNREACHABLE);
    }

    @Override
    void onNoAck() {
        if (state == State.CONFIRMED) {
            // RFC 3261 section 14.2: of a re-INVITE.
            state = State.OVER;
            hangUp(408, Cause.NO_ACK, "no ACK");
            return;
        }
        if (state != State.ANSWERED || hasTerminated()) {
            return;
        }
        state = State.OVER;
        ended(408, Cause.NO_ACK, "no ACK", List.of());
        bye(byeLines);
    }

    @Override
    void onInviteResponse(ResponseEvent event) {
        // We send no INVITE on this leg.
    }

    @Override
    void onInviteTimeout(ClientTransaction of) {
        // We send no INVITE on this leg.
    }

    @Override
    void fault(Exception thrown) {
        if (state == State.OFFERED) {
            state = State.OVER;
            try {
                send(transaction, respond(500, null, List.of()));
            } catch (SipException | ParseException e) {
                site.errors().onError(e);
            }
        }
        ended(500, Cause.BAD_REQUEST, "", List.of());
        if (confirmed) {
            bye(List.of());
        } else {
            terminated();
        }
    }

    /** A step that may fail on the wire: the leg then ends. */
    interface Step {
        void run() throws SipException, ParseException;
    }

    private void retry(Step step) {
        legs.guarded(this, step);
    }
}
