package io.hookswitch.sip.ua;

import io.hookswitch.sip.RecordingSession;
import io.hookswitch.sip.sdp.RecordingSdp;
import java.text.ParseException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.ObjectInUseException;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.header.CSeqHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * The dialog of one recording session: INVITE, re-INVITE for each new offer, BYE (RFC 7866 sections 6 to 8). It has no
 * leg of a core. What its owner wants is left in two fields, and done when the sip thread comes to it. Sip thread.
 */
final class RecordingDialog implements RecordingSession {
    /** A server that takes longer to say anything, or to answer, records somebody else. */
    private static final int FIRST_WORD_MS = 4_000;

    private static final int ANSWER_MS = 12_000;
    /** RFC 3261 section 14.1: who made the Call-ID waits 2.1 to 4 s behind a 491. */
    private static final int GLARE_MS = 2_500;

    private static final int TIMED_OUT = 408;
    private static final int NO_DIALOG = 481;
    private static final int NOT_ACCEPTABLE = 488;
    private static final int PENDING = 491;

    /** Step of it that may fail. */
    private interface Step {
        void run() throws SipException, ParseException;
    }

    private enum State {
        /** Nothing was sent. */
        NEW,
        /** No response yet: a CANCEL has to wait. */
        CALLING,
        /** A provisional has come. */
        PROCEEDING,
        /** CANCEL is out. */
        CANCELLING,
        /** 2xx, acknowledged. */
        UP,
        /** BYE is out. */
        LEAVING,
        /** Nothing is left to settle. */
        OVER
    }

    private final Site site;
    private final Recordings recordings;
    private final Server server;
    private final Listener listener;

    private final AtomicBoolean isAsked = new AtomicBoolean();
    private volatile Offer wanted;
    private volatile boolean isUnwanted;
    private volatile State state = State.NEW;

    private final Set<Dialog> early = new HashSet<>();
    private String callId;
    private RecordingContent content;
    private Invitation invitation;
    private NextHop hop;
    private Credentials credentials;
    private SipProvider provider;
    private ClientTransaction transaction;
    private Dialog dialog;
    private String winner = "";
    private long cseq;
    /** What was offered last and has not been refused. */
    private Offer offered;
    /** What was offered before, while a re-INVITE of ours has no final response. */
    private Offer before;
    /** What the server has refused: it is not offered twice. */
    private Offer refused;
    /** A re-INVITE of ours has no final response. */
    private boolean isOffering;
    /** The server's own offer comes first (RFC 3261 section 14.1). */
    private boolean isHeldBack;
    /** CSeq of a re-INVITE whose 200 has made an offer: its ACK brings the answer; 0 = none. */
    private long openOffer;

    /** The INVITE is out. */
    private boolean isSent;

    private boolean isCancelOwed;
    private boolean isTold;
    private LegTimers.Timer timer;

    RecordingDialog(Site site, Recordings recordings, Server server, Listener listener) {
        this.site = site;
        this.recordings = recordings;
        this.server = server;
        this.listener = listener;
    }

    @Override
    public void offer(Offer offer) {
        wanted = offer;
        ask();
    }

    @Override
    public void end() {
        isUnwanted = true;
        ask();
    }

    private void ask() {
        if (state != State.OVER && isAsked.compareAndSet(false, true)) {
            recordings.ask(this);
        }
    }

    boolean isOver() {
        return state == State.OVER;
    }

    /** Does what is wanted of it. */
    void carryOut() {
        isAsked.set(false);
        if (isUnwanted) {
            leave();
        } else if (state == State.NEW) {
            run(this::begin);
        } else {
            run(this::offerAgain);
        }
    }

    /** What a step throws ends this session, and nothing else. */
    private void run(Step step) {
        try {
            step.run();
        } catch (SipException | ParseException | RuntimeException e) {
            site.errors().onError(e);
            tell(500, e.getMessage() == null ? "it cannot be written" : e.getMessage());
            leave();
            if (state == State.CALLING && !isSent) {
                over();
            }
        }
    }

    /** Ends it in the way of its state. */
    void leave() {
        site.timers().disarm(timer);
        switch (state) {
            case NEW -> over();
            case CALLING -> isCancelOwed = true;
            case PROCEEDING -> cancel();
            case UP -> bye();
            case CANCELLING, LEAVING, OVER -> {
                // Its end is under way.
            }
        }
    }

    private void tell(int sipStatus, String reason) {
        if (!isTold) {
            isTold = true;
            if (!isUnwanted) {
                listener.onEnded(sipStatus, reason == null ? "" : reason);
            }
        }
    }

    private void over() {
        if (state == State.OVER) {
            return;
        }
        state = State.OVER;
        site.timers().disarm(timer);
        dropEarly();
        Leg.forsake(dialog);
        recordings.onOver(this);
        if (callId != null) {
            // A late 2xx of another fork is still acknowledged and ended.
            site.timers().arm(Leg.SETTLE_MS, () -> site.stack().forget(callId));
        }
    }

    private void dropEarly() {
        if (transaction != null) {
            early.add(transaction.getDialog());
        }
        for (Dialog each : early) {
            if (each != null && each != dialog && each.getState() != DialogState.CONFIRMED) {
                each.delete();
            }
        }
        early.clear();
    }

    // The INVITE.

    private void begin() throws SipException, ParseException {
        hop = NextHop.of(server.nextHop());
        if (hop == null) {
            throw new SipException("next hop is not transport:address:port");
        }
        callId = site.ids().next();
        content = new RecordingContent(site);
        invitation = Invitation.recording(site, server, hop, site.ids().next());
        if (server.authUser() != null) {
            credentials = new Credentials(site.messages(), server.authUser(), server.authPassword(), site.ids()::next);
        }
        invite();
    }

    private void invite() throws SipException, ParseException {
        provider = site.stack().provider(hop.transport());
        if (provider == null) {
            throw new SipException("nothing listens on " + hop.transport().wireName());
        }
        site.stack().expect(hop.transport(), hop.address(), hop.name());
        site.stack().learn(callId, hop.transport(), hop.address());
        Request invite = invitation.request(site, hop.transport(), callId, ++cseq, invitation.requestUri());
        offered = wanted;
        content.put(invite, hop.transport(), offered);
        prove(invite);
        transaction = provider.getNewClientTransaction(invite);
        transaction.setApplicationData(this);
        transaction.getDialog().setApplicationData(this);
        state = State.CALLING;
        timer = site.timers().arm(FIRST_WORD_MS, this::onSilence);
        isSent = false;
        transaction.sendRequest();
        isSent = true;
    }

    private void prove(Request request) throws ParseException {
        if (credentials != null) {
            credentials.prove(request);
        }
    }

    private void onSilence() {
        tell(TIMED_OUT, "no answer in time");
        leave();
    }

    private void cancel() {
        state = State.CANCELLING;
        // RFC 3261 section 9.1: without a final response it is over 64*T1 behind the CANCEL.
        timer = site.timers().arm(Leg.SETTLE_MS, this::onNoFinal);
        try {
            Request cancel = transaction.createCancel();
            site.messages().sign(cancel);
            ClientTransaction cancelling = provider.getNewClientTransaction(cancel);
            cancelling.setApplicationData(this);
            cancelling.sendRequest();
        } catch (SipException | RuntimeException e) {
            site.errors().onError(e);
        }
    }

    private void onNoFinal() {
        try {
            transaction.terminate();
        } catch (ObjectInUseException e) {
            site.errors().onError(e);
        }
        over();
    }

    // Responses.

    /** A response to a request of its own, or one of another fork of its INVITE. */
    void onResponse(ResponseEvent event) {
        run(() -> {
            switch (Legs.method(event.getResponse())) {
                case Request.INVITE -> onInviteResponse(event, event.getResponse());
                case Request.BYE -> onByeResponse(event.getResponse());
                default -> {
                    // Of a CANCEL: the INVITE's own answer counts.
                }
            }
        });
    }

    private void onInviteResponse(ResponseEvent event, Response response) throws SipException, ParseException {
        int status = response.getStatusCode();
        if (status / 100 == 2) {
            onAccepted(event.getDialog(), response);
        } else if (state == State.UP || state == State.LEAVING) {
            if (status >= 200 && isOffering && isCurrent(response)) {
                onReofferRefused(response);
            }
        } else if (state != State.OVER && isCurrent(response)) {
            if (status >= 200) {
                onRefused(response);
            } else {
                onProvisional(event.getDialog());
            }
        }
    }

    private boolean isCurrent(Response response) {
        return sequence(response) == cseq;
    }

    private static long sequence(Message message) {
        return ((CSeqHeader) message.getHeader(CSeqHeader.NAME)).getSeqNumber();
    }

    private void onProvisional(Dialog of) {
        if (of != null) {
            early.add(of);
        }
        if (state == State.CALLING) {
            state = State.PROCEEDING;
            site.timers().disarm(timer);
            if (isCancelOwed) {
                cancel();
            } else {
                timer = site.timers().arm(ANSWER_MS, this::onSilence);
            }
        }
    }

    private void onRefused(Response response) throws SipException, ParseException {
        site.timers().disarm(timer);
        if (!isTold && !isUnwanted && credentials != null && credentials.challenged(response)) {
            invite();
            return;
        }
        tell(response.getStatusCode(), response.getReasonPhrase());
        over();
    }

    private void onAccepted(Dialog answered, Response response) throws SipException, ParseException {
        if (answered == null) {
            return;
        }
        String tag = ((ToHeader) response.getHeader(ToHeader.NAME)).getTag();
        if (tag == null || !winner.isEmpty() && !winner.equals(tag) || state == State.OVER) {
            UacDialogs.endOther(site, provider, answered, response);
            if (tag == null && winner.isEmpty()) {
                tell(500, "answered without a tag");
                over();
            }
            return;
        }
        boolean first = winner.isEmpty();
        if (first) {
            winner = tag;
            dialog = answered;
            dialog.setApplicationData(this);
            UacDialogs.chooseHop(site, callId, hop.transport(), response);
        }
        UacDialogs.acknowledge(site, answered, response);
        if (first) {
            onUp(response);
        } else if (isOffering && isCurrent(response)) {
            onReofferAccepted(response);
        }
    }

    private void onUp(Response response) {
        site.timers().disarm(timer);
        state = State.UP;
        dropEarly();
        proved();
        if (isUnwanted || isTold) {
            bye();
            return;
        }
        RecordingSdp.Answer answer = answer(response);
        if (answer == null || answer.accepted() == 0) {
            tell(NOT_ACCEPTABLE, "no stream of ours is taken");
            bye();
            return;
        }
        listener.onAgreed(answer.targets());
        run(this::offerAgain);
    }

    private RecordingSdp.Answer answer(Message message) {
        return Messages.hasSdp(message) ? RecordingSdp.readAnswer(message.getRawContent(), offered.streams()) : null;
    }

    private void proved() {
        if (credentials != null) {
            credentials.accepted();
        }
    }

    // Later offers.

    private void offerAgain() throws SipException, ParseException {
        boolean isNew = wanted != offered && wanted != refused;
        if (state == State.UP && isNew && !isOffering && !isHeldBack && openOffer == 0) {
            before = offered;
            offered = wanted;
            sendOffer();
        }
    }

    private void sendOffer() throws SipException, ParseException {
        site.timers().disarm(timer);
        Request invite = dialog.createRequest(Request.INVITE);
        site.messages().sign(invite);
        content.put(invite, hop.transport(), offered);
        prove(invite);
        cseq = sequence(invite);
        ClientTransaction offering = provider.getNewClientTransaction(invite);
        offering.setApplicationData(this);
        isOffering = true;
        dialog.sendRequest(offering);
    }

    private void onReofferAccepted(Response response) throws SipException, ParseException {
        isOffering = false;
        proved();
        RecordingSdp.Answer answer = answer(response);
        if (answer != null && state == State.UP && !isTold) {
            listener.onAgreed(answer.targets());
        }
        offerAgain();
    }

    /** What was agreed before stays; RFC 3261 section 14.1. */
    private void onReofferRefused(Response response) throws SipException, ParseException {
        isOffering = false;
        int status = response.getStatusCode();
        if (state != State.UP) {
            return;
        }
        if (credentials != null && credentials.challenged(response)) {
            sendOffer();
            return;
        }
        if (status == TIMED_OUT || status == NO_DIALOG) {
            tell(status, response.getReasonPhrase());
            bye();
            return;
        }
        isHeldBack = status == PENDING;
        refused = isHeldBack ? null : offered;
        offered = before;
        if (isHeldBack) {
            timer = site.timers().arm(GLARE_MS, this::afterGlare);
        } else {
            offerAgain();
        }
    }

    private void afterGlare() {
        isHeldBack = false;
        run(this::offerAgain);
    }

    // The end.

    private void bye() {
        state = State.LEAVING;
        try {
            sendBye();
        } catch (SipException | ParseException | RuntimeException e) {
            site.errors().onError(e);
            over();
        }
    }

    private void sendBye() throws SipException, ParseException {
        Request bye = dialog.createRequest(Request.BYE);
        site.messages().sign(bye);
        prove(bye);
        ClientTransaction leaving = provider.getNewClientTransaction(bye);
        leaving.setApplicationData(this);
        dialog.sendRequest(leaving);
    }

    private void onByeResponse(Response response) throws SipException, ParseException {
        if (response.getStatusCode() < 200 || state == State.OVER) {
            return;
        }
        if (credentials != null && credentials.challenged(response)) {
            sendBye();
        } else {
            over();
        }
    }

    /** A request of its own was never answered. */
    void onTimeout(ClientTransaction of) {
        if (of.getRequest().getMethod().equals(Request.BYE) || of == transaction && winner.isEmpty()) {
            tell(TIMED_OUT, "no answer");
            over();
        } else if (of.getRequest().getMethod().equals(Request.INVITE) && state == State.UP) {
            tell(TIMED_OUT, "no answer");
            bye();
        }
    }

    /** The server has never acknowledged our 200. */
    void onNoAck() {
        if (state == State.UP) {
            tell(TIMED_OUT, "no ACK");
            bye();
        }
    }

    // Requests of the server.

    void onRequest(RequestEvent event, ServerTransaction of) {
        run(() -> {
            Request request = event.getRequest();
            switch (request.getMethod()) {
                case Request.BYE -> {
                    send(of, site.messages().response(200, null, request));
                    tell(200, "the server hung up");
                    over();
                }
                case Request.INVITE -> onReinvite(request, of);
                case Request.OPTIONS -> send(of, answer(request, 200));
                default -> send(of, answer(request, 405));
            }
        });
    }

    private Response answer(Request request, int status) throws ParseException {
        Response response = site.messages().response(status, null, request);
        site.messages().set(response, "Allow", RecordingContent.ALLOW);
        return response;
    }

    private static void send(ServerTransaction of, Response response) throws SipException {
        try {
            of.sendResponse(response);
        } catch (InvalidArgumentException e) {
            throw new SipException("response", e);
        }
    }

    /** RFC 7866 section 7.2: the server may pause its streams, move them, or just refresh the session. */
    private void onReinvite(Request request, ServerTransaction of) throws SipException, ParseException {
        if (state != State.UP) {
            send(of, answer(request, NO_DIALOG));
            return;
        }
        if (isOffering || openOffer != 0) {
            send(of, answer(request, PENDING));
            return;
        }
        RecordingSdp.Answer wants = null;
        if (Messages.hasBody(request)) {
            wants = Messages.hasSdp(request)
                    ? RecordingSdp.readOffer(request.getRawContent(), offered.streams())
                    : null;
            if (wants == null) {
                send(of, answer(request, NOT_ACCEPTABLE));
                return;
            }
        }
        Response response = answer(request, 200);
        content.answer(response, hop.transport(), offered, wants);
        openOffer = wants == null ? sequence(request) : 0;
        send(of, response);
        if (wants != null) {
            listener.onAgreed(wants.targets());
        }
    }

    void onAck(Request ack) {
        if (openOffer == sequence(ack) && state == State.UP) {
            openOffer = 0;
            RecordingSdp.Answer answer = answer(ack);
            if (answer != null) {
                listener.onAgreed(answer.targets());
            }
            run(this::offerAgain);
        }
    }
}
