package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.sip.stack.ShardStack;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Set;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.address.SipURI;
import javax.sip.header.CSeqHeader;
import javax.sip.header.ContactHeader;
import javax.sip.header.RSeqHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** A leg that we call. Sip thread. */
final class UacLeg extends Leg {
    private static final int REDIRECTS_MAX = 4;

    private enum State {
        /** No response yet: a CANCEL has to wait (RFC 3261 section 9.1). */
        CALLING,
        /** A provisional has come. */
        PROCEEDING,
        /** CANCEL is out, the final response is not in. */
        CANCELLING,
        /** 2xx, acknowledged. */
        ANSWERED,
        /** Refused, timed out, or ended by either side. */
        OVER
    }

    private Invitation invitation;
    private final Map<String, Long> rseqs = new HashMap<>();
    private State state = State.CALLING;
    private ClientTransaction transaction;
    private boolean cancelOwed;
    private List<String> endHeaders = List.of();
    private long cseq = 1;
    private String requestUri;
    private NextHop hop;
    private int redirects;
    private boolean told;
    /** The INVITE sent last has no final response yet. */
    private boolean isOpen;

    private LegTimers.Timer cancelTimer;
    private String winner = "";
    /** Dialogs of provisionals: those that no 2xx confirms must not outlive the INVITE. */
    private final Set<Dialog> early = new HashSet<>();

    UacLeg(Site site, Legs legs, long number) {
        super(site, legs, number);
        callId = site.ids().next();
    }

    @Override
    String tag() {
        return invitation.fromTag();
    }

    @Override
    String contactAddress() {
        return invitation.contact();
    }

    /** RFC 3261 section 8.1.1.8. */
    @Override
    String contactScheme() {
        return requestUri.regionMatches(true, 0, "sips:", 0, 5) ? "sips:" : "sip:";
    }

    @Override
    String contactUser() {
        return invitation.authUser() != null ? invitation.authUser() : invitation.fromUser();
    }

    /** Sends the INVITE. */
    void invite(Invitation checked, MediaFlyweight ours) throws SipException, ParseException {
        invitation = checked;
        requestUri = invitation.requestUri();
        hop = invitation.hop();
        if (invitation.authUser() != null) {
            String password = invitation.authPassword() == null ? "" : invitation.authPassword();
            credentials(new Credentials(site.messages(), invitation.authUser(), password, site.ids()::next));
        }
        session.ours(ours);
        if (invitation.srtp()) {
            session.offerSecurely(invitation.ice());
        }
        if (hop.transport().isWebSocket()) {
            session.offerDtls();
        }
        session.offer();
        sendInvite();
    }

    private void sendInvite() throws SipException, ParseException {
        transport = hop.transport();
        provider = site.stack().provider(transport);
        if (provider == null) {
            throw new SipException("nothing listens on " + transport.wireName());
        }
        site.stack().expect(transport, hop.address(), hop.name());
        learn(transport, hop.address());
        Request invite = invitation.request(site, transport, callId, cseq, requestUri);
        contact(invite, contactUser());
        prove(invite);
        site.messages().sdp(invite, session.sent());
        transaction = provider.getNewClientTransaction(invite);
        transaction.setApplicationData(this);
        dialog = transaction.getDialog();
        dialog.setApplicationData(this);
        state = State.CALLING;
        transaction.sendRequest();
        isOpen = true;
        if (!told) {
            told = true;
            MessageFlyweight event = event(SipEvent.INVITED);
            event.put(Field.CALL_ID, callId);
            event.put(
                    Field.LOCAL,
                    transport.wireName()
                            + ':'
                            + site.stack().listeningPoint(transport).getSentBy());
            emit();
        }
    }

    @Override
    void end(int status, String reason, List<String> headers) throws SipException {
        if (hasTerminated() || hasEnded()) {
            return;
        }
        endOrdered();
        endHeaders = headers;
        switch (state) {
            case CALLING -> cancelOwed = true;
            case PROCEEDING -> cancel();
            case ANSWERED -> {
                state = State.OVER;
                bye(headers);
            }
            case CANCELLING, OVER -> {
                // Its end is under way already.
            }
        }
    }

    private void cancel() throws SipException {
        cancelOwed = false;
        state = State.CANCELLING;
        // RFC 3261 section 9.1: without a final response the transaction is over 64*T1 after the CANCEL.
        cancelTimer = site.timers().arm(SETTLE_MS, this::onNoFinal);
        Request cancel = transaction.createCancel();
        site.messages().sign(cancel);
        site.messages().custom(cancel, endHeaders);
        ClientTransaction cancelling = provider.getNewClientTransaction(cancel);
        cancelling.setApplicationData(this);
        cancelling.sendRequest();
    }

    private void onNoFinal() {
        cancelTimer = null;
        state = State.OVER;
        dropEarly();
        try {
            transaction.terminate();
        } catch (javax.sip.ObjectInUseException e) {
            site.errors().onError(e);
        }
        terminated();
    }

    private void dropEarly() {
        early.add(transaction.getDialog());
        for (Dialog each : early) {
            if (each != null && each != dialogAnswered() && each.getState() != DialogState.CONFIRMED) {
                each.delete();
            }
        }
        early.clear();
    }

    private Dialog dialogAnswered() {
        return winner.isEmpty() ? null : dialog;
    }

    @Override
    void onInviteResponse(ResponseEvent event) throws SipException, ParseException {
        Response response = event.getResponse();
        int status = response.getStatusCode();
        if (status / 100 == 2) {
            onAccepted(event, response);
        } else if (state != State.OVER && state != State.ANSWERED && isCurrent(response)) {
            if (status < 200) {
                onProvisional(event, response);
            } else {
                onRefused(response);
            }
        }
    }

    /** A response to an INVITE that we have sent again since is history. */
    private boolean isCurrent(Response response) {
        return ((CSeqHeader) response.getHeader(CSeqHeader.NAME)).getSeqNumber() == cseq;
    }

    private void onProvisional(ResponseEvent event, Response response) throws SipException, ParseException {
        if (state == State.CALLING) {
            state = State.PROCEEDING;
            if (cancelOwed) {
                cancel();
            }
        }
        int status = response.getStatusCode();
        if (event.getDialog() != null) {
            early.add(event.getDialog());
        }
        if (status == 100 || !acknowledge(event, response) || hasEnded()) {
            return;
        }
        proved();
        hearFrom(response);
        MediaFlyweight before = copy(agreed());
        boolean media = Messages.hasSdp(response) && session.readAnswer(response.getRawContent(), agreed());
        if (!media) {
            agreed().copyFrom(before);
        }
        MessageFlyweight progressed = event(SipEvent.PROGRESSED).status(status);
        if (media) {
            progressed.media().copyFrom(agreed());
        }
        putReason(progressed, response);
        emit();
    }

    private static void putReason(MessageFlyweight event, Response response) {
        if (response.getReasonPhrase() != null && !response.getReasonPhrase().isEmpty()) {
            event.put(Field.REASON, response.getReasonPhrase());
        }
    }

    /** PRACK for a reliable provisional (RFC 3262 section 4). @return false when it is repeated or out of order. */
    private boolean acknowledge(ResponseEvent event, Response response) throws SipException {
        RSeqHeader rseq = (RSeqHeader) response.getHeader(RSeqHeader.NAME);
        Dialog early = event.getDialog();
        if (rseq == null || early == null || !Messages.hasOption(response, "Require", "100rel")) {
            return true;
        }
        Long last = rseqs.get(early.getRemoteTag());
        if (last != null && rseq.getSequenceNumber() != last + 1) {
            return false;
        }
        rseqs.put(early.getRemoteTag(), (long) rseq.getSequenceNumber());
        Request prack = early.createPrack(response);
        site.messages().sign(prack);
        ClientTransaction pracking = provider.getNewClientTransaction(prack);
        pracking.setApplicationData(this);
        early.sendRequest(pracking);
        return true;
    }

    private void onAccepted(ResponseEvent event, Response response) throws SipException, ParseException {
        Dialog answered = event.getDialog();
        if (answered == null) {
            return;
        }
        String tag = ((ToHeader) response.getHeader(ToHeader.NAME)).getTag();
        if (tag == null) {
            onTagless(answered, response);
            return;
        }
        if (!winner.isEmpty() && !winner.equals(tag) || hasTerminated()) {
            endOther(answered, response);
            return;
        }
        boolean first = winner.isEmpty();
        winner = tag;
        if (first) {
            dialog = answered;
            dialog.setApplicationData(this);
            chooseHop(response, false);
        }
        acknowledge(answered, response);
        if (first) {
            site.timers().disarm(cancelTimer);
            dropEarly();
            accepted(response);
        }
    }

    /** Without a tag (RFC 3261 section 12.1.2) its BYE could not be told from a stranger's: it is ended at once. */
    private void onTagless(Dialog answered, Response response) {
        endOther(answered, response);
        if (!hasTerminated() && winner.isEmpty()) {
            state = State.OVER;
            site.timers().disarm(cancelTimer);
            dropEarly();
            ended(500, Cause.BAD_REQUEST, "answered without a tag", List.of());
            terminated();
        }
    }

    private void acknowledge(Dialog answered, Response response) throws SipException {
        if (response.getHeader(ContactHeader.NAME) instanceof ContactHeader contact
                && !(contact.getAddress().getURI() instanceof SipURI)) {
            throw new SipException("Contact of a 2xx is no SIP URI");
        }
        try {
            Request ack = answered.createAck(((CSeqHeader) response.getHeader(CSeqHeader.NAME)).getSeqNumber());
            site.messages().sign(ack);
            answered.sendAck(ack);
        } catch (InvalidArgumentException e) {
            throw new SipException("ACK", e);
        }
    }

    private void accepted(Response response) {
        confirmed = true;
        proved();
        state = State.ANSWERED;
        if (hasEnded()) {
            // The 2xx has crossed our CANCEL, or came while we held it.
            cancelOwed = false;
            state = State.OVER;
            bye(endHeaders);
            return;
        }
        hearFrom(response);
        boolean agreedNow =
                Messages.hasSdp(response) ? session.readAnswer(response.getRawContent(), agreed()) : agreed().present();
        if (!agreedNow) {
            state = State.OVER;
            hangUp(488, Cause.NO_COMMON_MEDIA, session.refusal());
            return;
        }
        refresher.read(response);
        MessageFlyweight event = event(SipEvent.ANSWERED).status(response.getStatusCode());
        event.media().copyFrom(agreed());
        putReason(event, response);
        emit();
    }

    /** RFC 3261 section 13.2.2.4: a later dialog of the same INVITE is acknowledged and ended. */
    private void endOther(Dialog other, Response response) {
        try {
            acknowledge(other, response);
            if (other.getState() != DialogState.TERMINATED) {
                Request bye = other.createRequest(Request.BYE);
                site.messages().sign(bye);
                other.sendRequest(provider.getNewClientTransaction(bye));
            }
        } catch (SipException | RuntimeException e) {
            // A 2xx without a usable Contact: the leg that is in use has no part in it.
            site.errors().onError(e);
            other.delete();
        }
    }

    private void onRefused(Response response) throws SipException, ParseException {
        isOpen = false;
        int status = response.getStatusCode();
        if (!hasEnded()) {
            if (isChallenged(response)) {
                again();
                return;
            }
            if (status / 100 == 3 && redirects < REDIRECTS_MAX && redirect(response)) {
                redirects++;
                again();
                return;
            }
        }
        state = State.OVER;
        dropEarly();
        site.timers().disarm(cancelTimer);
        ended(
                status,
                ShardStack.isMadeHere(response) ? Cause.UNREACHABLE : Cause.REJECTED,
                response.getReasonPhrase(),
                List.of());
        terminated();
    }

    /** The same call once more (RFC 3261 sections 8.1.3.4, 8.1.3.5): Call-ID, From tag and offer stay, CSeq rises. */
    private void again() throws SipException, ParseException {
        cseq++;
        rseqs.clear();
        sendInvite();
    }

    /** RFC 3261 section 8.1.3.4: takes the first Contact that is an IP address we have not tried. */
    private boolean redirect(Response response) {
        List<SipURI> targets = new ArrayList<>();
        ListIterator<?> contacts = response.getHeaders(ContactHeader.NAME);
        while (contacts.hasNext()) {
            ContactHeader contact = (ContactHeader) contacts.next();
            if (!contact.isWildCard() && contact.getAddress().getURI() instanceof SipURI uri) {
                targets.add(uri);
            }
        }
        for (SipURI target : targets) {
            NextHop next = NextHop.of(target);
            if (next != null && site.stack().provider(next.transport()) != null) {
                SipURI plain = (SipURI) target.clone();
                plain.removeParameter("method");
                requestUri = Invitation.withoutHeaders(plain.toString());
                hop = next;
                proved();
                return true;
            }
        }
        return false;
    }

    @Override
    void onInviteTimeout(ClientTransaction of) {
        if (of != transaction || state == State.OVER || state == State.ANSWERED) {
            return;
        }
        state = State.OVER;
        dropEarly();
        site.timers().disarm(cancelTimer);
        ended(408, Cause.UNREACHABLE, "Request Timeout", List.of());
        terminated();
    }

    /** A message could not be built or sent. */
    @Override
    void fault(Exception thrown) {
        String reason = thrown instanceof ParseException && thrown.getMessage() != null ? thrown.getMessage() : "";
        ended(500, Cause.BAD_REQUEST, reason, List.of());
        boolean mayRing = isOpen && winner.isEmpty() && !hasTerminated();
        if (mayRing && state == State.PROCEEDING) {
            // The far end rings for nobody: it is told.
            try {
                cancel();
                return;
            } catch (SipException | RuntimeException e) {
                site.errors().onError(e);
            }
        } else if (mayRing && (state == State.CALLING || state == State.CANCELLING)) {
            cancelOwed = state == State.CALLING;
            return;
        }
        boolean wasConfirmed = confirmed;
        state = State.OVER;
        site.timers().disarm(cancelTimer);
        if (wasConfirmed) {
            bye(List.of());
        } else {
            terminated();
        }
    }

    @Override
    void onAck(Request ack) {
        onLaterAck(ack);
    }

    @Override
    void onPrack(Request request, ServerTransaction prack) throws SipException, ParseException {
        send(prack, answer(request, 481, null));
    }

    /** RFC 3261 section 15: the called side must not end an early dialog with BYE. */
    @Override
    void onEarlyBye(Request request, ServerTransaction bye) throws SipException, ParseException {
        send(bye, answer(request, 481, null));
    }

    @Override
    void onEarlyTimeout() throws SipException {
        if (state == State.PROCEEDING) {
            ended(408, Cause.UNREACHABLE, "Request Timeout", List.of());
            cancel();
        }
    }

    @Override
    void onNoAck() {
        hangUp(408, Cause.NO_ACK, "no ACK");
    }

    @Override
    boolean owns(String farTag) {
        return winner.isEmpty() || winner.equals(farTag);
    }

    /** @return whether an INVITE is on the wire: a 2xx may come however late. */
    boolean wasSent() {
        return told;
    }
}
