package io.hookswitch.sip.ua;

import gov.nist.javax.sip.message.SIPMessage;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.sip.sdp.OfferAnswer;
import io.hookswitch.sip.transport.Transport;
import java.net.InetSocketAddress;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.RecordRouteHeader;
import javax.sip.header.ToHeader;
import javax.sip.header.ViaHeader;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Our end towards one far end: what UAS and UAC legs have in common, which is everything inside a confirmed dialog. A
 * leg tells the core of its end at most once (ENDED), and exactly once that nothing of it is left to settle
 * (TERMINATED). Sip thread.
 */
abstract class Leg {
    /** 64 times T1: what is not settled by then never will be. */
    static final long SETTLE_MS = 32_000;

    final Site site;
    final Legs legs;
    final long number;
    final OfferAnswer session;
    final Refresher refresher;
    SipProvider provider;
    Transport transport;
    String callId;
    Dialog dialog;
    /** The dialog is confirmed and its BYE is nobody's yet. */
    boolean confirmed;

    private final MediaFlyweight agreed = new MediaFlyweight();
    private final List<byte[]> unbound = new ArrayList<>();
    private long handle;
    private boolean ended;
    private boolean terminated;
    private boolean routeLearnt;
    /** Our 200 to a re-INVITE without one has made an offer: the ACK will bring the answer. */
    private boolean offerOpen;

    private final Referral referral = new Referral(this);
    private final AppRequests appRequests = new AppRequests(this);
    private Credentials credentials;
    private List<String> byeHeaders = List.of();

    Leg(Site site, Legs legs, long number) {
        this.site = site;
        this.legs = legs;
        this.number = number;
        session = new OfferAnswer(
                site.ids().nextSessionId(),
                site.ids()::nextMasterKey,
                site.settings().fingerprint());
        refresher = new Refresher(this);
        agreed.wrap(new UnsafeBuffer(new byte[MediaFlyweight.LENGTH]), 0);
    }

    /** @return the core's handle, 0 = not bound. */
    long handle() {
        return handle;
    }

    /** @return what both sides agreed on last; not present before. */
    MediaFlyweight agreed() {
        return agreed;
    }

    /** The core has given it a place: what happened so far is told now. */
    void bind(long leg) {
        handle = leg;
        for (byte[] event : unbound) {
            site.events().send(event, leg);
        }
        unbound.clear();
    }

    /** @return an event of this leg to fill in and {@link #emit}. */
    MessageFlyweight event(int type) {
        return site.events().begin(type).leg(handle);
    }

    /** Tells the core, or keeps it until the leg is bound. */
    void emit() {
        if (handle == 0) {
            unbound.add(site.events().keep());
        } else {
            site.events().send();
        }
    }

    /** @return whether the core has heard of its end, or has ordered it. */
    boolean hasEnded() {
        return ended;
    }

    boolean hasTerminated() {
        return terminated;
    }

    /** The core has ordered the end. */
    void endOrdered() {
        ended = true;
        referral.drop();
        appRequests.drop();
        refresher.stop();
    }

    /** Tells the end once; nothing when the core ordered it. */
    void ended(int status, int cause, String reason, List<String> headers) {
        if (ended) {
            return;
        }
        ended = true;
        refresher.stop();
        referral.drop();
        appRequests.drop();
        MessageFlyweight event = event(SipEvent.ENDED).status(status).cause(cause);
        if (reason != null && !reason.isEmpty()) {
            event.put(Field.REASON, reason);
        }
        headers.forEach(line -> event.put(Field.HEADER, line));
        emit();
    }

    /** Nothing is left to settle: the core may use the row again. */
    void terminated() {
        if (terminated) {
            return;
        }
        terminated = true;
        refresher.stop();
        appRequests.drop();
        forsake(dialog);
        event(SipEvent.TERMINATED);
        emit();
        legs.onTerminated(this);
    }

    /** A confirmed dialog that no BYE has ended stays in the stack for ever unless it is taken out. */
    static void forsake(Dialog unended) {
        if (unended != null && unended.getState() == DialogState.CONFIRMED) {
            unended.delete();
        }
    }

    /** @return whether requests from a far end with this tag are the leg's own: a fork makes several dialogs. */
    boolean owns(String farTag) {
        return true;
    }

    /** What is to be done with the far end's REFER, and then what came of it. */
    void referResult(int status) throws SipException, ParseException {
        referral.result(status);
    }

    /** The application's requests in the dialog, and its answers to those of the far end. */
    AppRequests appRequests() {
        return appRequests;
    }

    /** Makes a NOTIFY of a REFER (RFC 3515 section 2.4.4). */
    void referred(Request notify, String event, String state, String fragment) throws ParseException {
        contact(notify, contactUser());
        site.messages().fragment(notify, event, state, fragment);
    }

    void report(Exception thrown) {
        site.errors().onError(thrown);
    }

    /** Requests of the dialog go to where the far end's messages come from. */
    void learn(Transport over, InetSocketAddress address) {
        routeLearnt = true;
        site.stack().learn(callId, over, address);
    }

    /** A description in a message of the far end is about to be read. */
    void hearFrom(Message message) {
        session.heardFrom(((SIPMessage) message).getPeerPacketSourceAddress());
    }

    void forgetRoute() {
        if (routeLearnt) {
            routeLearnt = false;
            site.stack().forget(callId);
        }
    }

    /**
     * Chooses where requests of the dialog go when there is no route set: to the Contact, as RFC 3261 section 12.2.1.1
     * says, unless that is a name, or of another transport than the call, or a private address that the message did not
     * come from (NAT), or the far end is a registered user, who is reached the way it came.
     */
    void chooseHop(Message message, boolean user) {
        InetSocketAddress source = new InetSocketAddress(
                ((SIPMessage) message).getPeerPacketSourceAddress(), ((SIPMessage) message).getPeerPacketSourcePort());
        ContactHeader contact = (ContactHeader) message.getHeader(ContactHeader.NAME);
        NextHop direct =
                contact != null && contact.getAddress().getURI() instanceof SipURI uri ? NextHop.of(uri) : null;
        boolean routed = message.getHeader(RecordRouteHeader.NAME) != null;
        // A browser is reached over its own connection only, whatever its Contact says (RFC 7118 section 5).
        boolean otherTransport = direct != null && (direct.transport() != transport || transport.isWebSocket());
        boolean behindNat = direct != null
                && direct.address().getAddress().isSiteLocalAddress()
                && !direct.address().getAddress().equals(source.getAddress());
        if (direct == null || !routed && (user || behindNat || otherTransport)) {
            learn(transport, source);
        } else if (!routed || NextHop.literal(routeHost(message)) != null) {
            forgetRoute();
        }
    }

    private static String routeHost(Message message) {
        RecordRouteHeader route = (RecordRouteHeader) message.getHeader(RecordRouteHeader.NAME);
        return route.getAddress().getURI() instanceof SipURI uri ? uri.getHost() : null;
    }

    /** Our Contact on the transport of the leg. */
    void contact(Message message, String user) {
        String at = site.stack().listeningPoint(transport).getSentBy();
        String named = contactAddress();
        String userPart = user == null || user.isEmpty() ? "" : HeaderText.escapedUser(user) + "@";
        String parameter = transport == Transport.UDP ? "" : ";transport=" + transport.uriName();
        try {
            message.setHeader(legs.contactHeader(contactScheme()
                    + (named.isEmpty()
                            ? userPart + at
                            : named + ":"
                                    + site.stack().listeningPoint(transport).getPort())
                    + parameter));
        } catch (ParseException e) {
            throw new IllegalStateException("our own contact", e);
        }
    }

    abstract String contactUser();

    /** @return {@code user@host} that our Contact names instead of our address, "" = nothing. */
    String contactAddress() {
        return "";
    }

    String contactScheme() {
        return "sip:";
    }

    // Requests of the far end inside the dialog.

    /** A request of the far end; its transaction exists. */
    void onRequest(RequestEvent event, ServerTransaction transaction) throws SipException, ParseException {
        Request request = event.getRequest();
        switch (request.getMethod()) {
            case Request.BYE -> onBye(request, transaction);
            case Request.INVITE -> onReinvite(request, transaction);
            case Request.UPDATE -> onUpdate(request, transaction);
            case Request.PRACK -> onPrack(request, transaction);
            case Request.INFO -> onInfo(request, transaction);
            case Request.MESSAGE -> appRequests.onRequest(request, transaction);
            case Request.OPTIONS -> {
                Response response = answer(request, 200, null);
                site.messages().capabilities(response);
                send(transaction, response);
            }
            case Request.REFER -> referral.onRefer(request, transaction);
            case Request.NOTIFY -> send(transaction, answer(request, 481, "Subscription Does Not Exist"));
            default -> {
                Response response = answer(request, 405, null);
                site.messages().capabilities(response);
                send(transaction, response);
            }
        }
    }

    /** The ACK of a 2xx of ours. */
    abstract void onAck(Request ack);

    abstract void onPrack(Request request, ServerTransaction transaction) throws SipException, ParseException;

    /** A BYE before the dialog is confirmed. */
    abstract void onEarlyBye(Request request, ServerTransaction transaction) throws SipException, ParseException;

    /** A response to our INVITE or CANCEL, or one of another fork of it. */
    abstract void onInviteResponse(ResponseEvent event) throws SipException, ParseException;

    /** An INVITE of ours was never answered. */
    abstract void onInviteTimeout(ClientTransaction of);

    /** END: whatever the state asks for. */
    abstract void end(int status, String reason, List<String> headers) throws SipException, ParseException;

    /** A step of this leg has failed where nothing should: it is over. */
    abstract void fault(Exception thrown);

    /** Early for longer than any ring timeout: the stack has given the dialog up. */
    abstract void onEarlyTimeout() throws SipException, ParseException;

    /** The far end has never acknowledged our 2xx (RFC 3261 section 13.3.1.4). */
    abstract void onNoAck();

    Response answer(Request request, int status, String reason) throws ParseException {
        Response response = site.messages().response(status, reason, request);
        ToHeader to = (ToHeader) response.getHeader(ToHeader.NAME);
        if (status > 100 && to.getTag() == null) {
            to.setTag(tag());
        }
        return response;
    }

    abstract String tag();

    void send(ServerTransaction transaction, Response response) throws SipException {
        try {
            transaction.sendResponse(response);
        } catch (InvalidArgumentException e) {
            throw new SipException("response", e);
        }
    }

    private void onBye(Request request, ServerTransaction transaction) throws SipException, ParseException {
        if (!confirmed && !hasEnded()) {
            onEarlyBye(request, transaction);
            return;
        }
        confirmed = false;
        send(transaction, answer(request, 200, null));
        List<String> extra = new ArrayList<>();
        for (String line : Messages.lines(request)) {
            if (HeaderText.isExtra(HeaderText.name(line))
                    || HeaderText.name(line).equalsIgnoreCase("Reason")) {
                extra.add(line);
            }
        }
        ended(200, Cause.FAR_END_BYE, Messages.value(request, "Reason"), extra);
        terminated();
    }

    /** A key, which is nobody's business but who watches for keys; or something else. */
    private void onInfo(Request request, ServerTransaction transaction) throws SipException, ParseException {
        boolean relay = Messages.hasBody(request, "application", "dtmf-relay");
        if (!relay && !Messages.hasBody(request, "application", "dtmf")) {
            appRequests.onRequest(request, transaction);
            return;
        }
        send(transaction, answer(request, 200, null));
        InfoDigit digit = hasEnded() ? null : InfoDigit.read(Messages.body(request), relay);
        if (digit != null) {
            event(SipEvent.INFO_DIGIT).cause(digit.digit()).durationNs(digit.durationNs());
            emit();
        }
    }

    private void onReinvite(Request request, ServerTransaction transaction) throws SipException, ParseException {
        if (!confirmed || hasEnded()) {
            // Before our own answer is settled, or after our BYE (RFC 3261 sections 14.2 and 15).
            Response response = answer(request, hasEnded() ? 481 : 500, null);
            if (!hasEnded()) {
                site.messages().set(response, "Retry-After", "1");
            }
            send(transaction, response);
        } else if (offerOpen) {
            // RFC 3261 section 14.2, RFC 6337 section 2.3: one offer at a time.
            send(transaction, answer(request, 491, null));
        } else {
            modify(request, transaction);
        }
    }

    private void onUpdate(Request request, ServerTransaction transaction) throws SipException, ParseException {
        if (hasEnded()) {
            send(transaction, answer(request, 481, null));
        } else if (Messages.hasSdp(request) && !mayOfferNow()) {
            // RFC 3311 section 5.2: our answer to an offer is still owed, or the answer to ours.
            Response response = answer(request, session.owesAnswer() ? 500 : 491, null);
            if (session.owesAnswer()) {
                site.messages().set(response, "Retry-After", "1");
            }
            send(transaction, response);
        } else {
            modify(request, transaction);
        }
    }

    /** @return whether the far end may make an offer: none is open. */
    boolean mayOfferNow() {
        return !offerOpen && (confirmed || agreed.present() && !session.owesAnswer());
    }

    /** Answers a re-INVITE or UPDATE by ourselves: new address, hold, refresh; our address and port stay. */
    private void modify(Request request, ServerTransaction transaction) throws SipException, ParseException {
        boolean invite = request.getMethod().equals(Request.INVITE);
        if (!refresher.accepts(request)) {
            Response response = answer(request, 422, null);
            site.messages().set(response, "Min-SE", Integer.toString(Refresher.MIN_S));
            send(transaction, response);
            return;
        }
        if (Messages.hasBody(request) && !Messages.hasSdp(request)) {
            Response response = answer(request, 415, null);
            site.messages().set(response, "Accept", "application/sdp");
            send(transaction, response);
            return;
        }
        String body = null;
        boolean changed = false;
        if (Messages.hasSdp(request)) {
            MediaFlyweight before = copy(agreed);
            hearFrom(request);
            body = session.readOffer(request.getRawContent(), agreed) ? session.answer(agreed) : null;
            if (body == null) {
                agreed.copyFrom(before);
                send(transaction, answer(request, 488, null));
                return;
            }
            changed = true;
        } else if (invite) {
            body = session.offer();
            offerOpen = true;
        }
        Response response = answer(request, 200, null);
        contact(response, contactUser());
        site.messages().capabilities(response);
        refresher.answer(request, response);
        if (body != null) {
            site.messages().sdp(response, body);
        }
        if (routeLearnt) {
            // RFC 3261 section 12.2.2: a target refresh; who is reached the way it came may come another way now.
            learn(transport, Calls.source(request));
        }
        send(transaction, response);
        if (changed) {
            mediaChanged();
        }
    }

    /** The ACK of a re-INVITE: what it says of media counts only when we have asked. */
    void onLaterAck(Request ack) {
        if (offerOpen && confirmed && !hasEnded()) {
            offerOpen = false;
            lateAnswer(ack);
        }
    }

    /** The answer in an ACK, to the offer that our 200 made. */
    void lateAnswer(Request ack) {
        if (Messages.hasSdp(ack)) {
            hearFrom(ack);
            if (session.readAnswer(ack.getRawContent(), agreed)) {
                mediaChanged();
            } else if (!agreed.present()) {
                hangUp(488, Cause.NO_COMMON_MEDIA, session.refusal());
            }
        } else if (!agreed.present()) {
            hangUp(488, Cause.NO_COMMON_MEDIA, "no answer to our offer");
        }
    }

    static MediaFlyweight copy(MediaFlyweight from) {
        MediaFlyweight copy = new MediaFlyweight();
        copy.wrap(new UnsafeBuffer(new byte[MediaFlyweight.LENGTH]), 0);
        copy.copyFrom(from);
        return copy;
    }

    void mediaChanged() {
        if (!hasEnded()) {
            event(SipEvent.MEDIA_CHANGED).media().copyFrom(agreed);
            emit();
        }
    }

    // Requests of ours inside the dialog.

    /** @return a request of the dialog, not sent yet. */
    Request request(String method) throws SipException {
        Request request = dialog.createRequest(method);
        site.messages().sign(request);
        try {
            ((ViaHeader) request.getHeader(ViaHeader.NAME)).setRPort();
        } catch (InvalidArgumentException e) {
            throw new SipException("Via", e);
        }
        return request;
    }

    /** Sends a request of the dialog; its responses come back to this leg. */
    ClientTransaction send(Request request) throws SipException {
        ClientTransaction transaction = provider.getNewClientTransaction(request);
        transaction.setApplicationData(this);
        dialog.sendRequest(transaction);
        return transaction;
    }

    /** Ends a confirmed dialog with BYE; TERMINATED when it is settled. */
    void bye(List<String> headers) {
        confirmed = false;
        byeHeaders = headers;
        try {
            sendBye();
        } catch (SipException | ParseException | RuntimeException e) {
            // No way to the far end: there is nobody to settle anything with.
            site.errors().onError(e);
            terminated();
        }
    }

    private void sendBye() throws SipException, ParseException {
        Request bye = request(Request.BYE);
        site.messages().custom(bye, byeHeaders);
        prove(bye);
        send(bye);
    }

    /** We end a confirmed dialog because the far end or the wire left us no choice. */
    void hangUp(int status, int cause, String reason) {
        if (!hasEnded()) {
            ended(status, cause, reason, List.of());
            bye(List.of());
        }
    }

    /** A response to a request of ours inside the dialog. */
    void onResponse(ResponseEvent event) throws SipException, ParseException {
        Response response = event.getResponse();
        int status = response.getStatusCode();
        String method = Legs.method(response);
        if (status < 200) {
            return;
        }
        switch (method) {
            case Request.BYE -> {
                if (!hasTerminated() && isChallenged(response)) {
                    sendBye();
                } else {
                    terminated();
                }
            }
            case Request.UPDATE -> refresher.onResponse(response);
            // To none of them: PRACK, whose answer changes nothing that we could still do.
            default -> appRequests.onResponse(response);
        }
    }

    /** A request of ours inside the dialog was never answered, or could not be sent. */
    void onTimeout(Request request) {
        switch (request.getMethod()) {
            case Request.BYE -> terminated();
            case Request.UPDATE -> refresher.onTimeout();
            default -> appRequests.onTimeout(request);
        }
    }

    void credentials(Credentials own) {
        credentials = own;
    }

    /** @return whether the request that got this response should be sent again, with proof. */
    boolean isChallenged(Response response) {
        return credentials != null && credentials.challenged(response);
    }

    void prove(Request request) throws ParseException {
        if (credentials != null) {
            credentials.prove(request);
        }
    }

    /** What was asked for so far is proved: the next challenge is a new one. */
    void proved() {
        if (credentials != null) {
            credentials.accepted();
        }
    }
}
