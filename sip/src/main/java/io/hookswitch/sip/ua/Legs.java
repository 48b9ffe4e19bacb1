package io.hookswitch.sip.ua;

import gov.nist.javax.sip.DialogTimeoutEvent;
import gov.nist.javax.sip.ResponseEventExt;
import gov.nist.javax.sip.SipListenerExt;
import gov.nist.javax.sip.address.AddressFactoryImpl;
import gov.nist.javax.sip.header.HeaderFactoryImpl;
import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.stack.SIPTransaction;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.sip.digest.DigestServer;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogTerminatedEvent;
import javax.sip.IOExceptionEvent;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.TimeoutEvent;
import javax.sip.TransactionTerminatedEvent;
import javax.sip.header.CSeqHeader;
import javax.sip.header.ContactHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * All legs of a sip thread: hears the stack and carries out the core's commands, each at the leg it is for. Nothing a
 * leg throws goes further than this: that leg ends, the others do not notice. Sip thread.
 */
final class Legs implements SipListenerExt {
    private static final int NONCES_MAX = 65_536;
    private static final int NO_DIALOG = 481;

    private final Long2ObjectHashMap<Leg> byHandle = new Long2ObjectHashMap<>();
    /** Offered to the core and not yet bound or refused, by our own number. */
    private final Long2ObjectHashMap<UasLeg> offered = new Long2ObjectHashMap<>();
    /** Where a late 2xx of another fork belongs. */
    private final Map<String, UacLeg> byCallId = new HashMap<>();

    private final AddressFactoryImpl addresses = new AddressFactoryImpl();
    private final HeaderFactoryImpl headers = new HeaderFactoryImpl();
    private final SipAgent.World world;
    private Site site;
    private Calls calls;
    private Registrations registrations;
    private long numbers;

    Legs(SipAgent.World world) {
        this.world = world;
    }

    Site site() {
        return site;
    }

    /** Completes the circle: the stack needs its listener before there is a site. */
    void start(Site all) {
        site = all;
        DigestServer digest = new DigestServer(world.secrets(), site.ids().bytes(), NONCES_MAX);
        calls = new Calls(site, this, world, digest);
        registrations = new Registrations(site, calls, world, digest);
    }

    /** @return legs not terminated. */
    int count() {
        return byHandle.size() + offered.size();
    }

    long nextNumber() {
        return ++numbers;
    }

    ContactHeader contactHeader(String uri) throws ParseException {
        return headers.createContactHeader(addresses.createAddress("<" + uri + ">"));
    }

    void onOffered(UasLeg leg) {
        offered.put(leg.number, leg);
    }

    /** A leg is settled: its place is free, a late 2xx (of another fork, or behind a 487) is still ended for it. */
    void onTerminated(Leg leg) {
        if (leg.handle() != 0) {
            byHandle.remove(leg.handle());
        }
        if (leg instanceof UacLeg uac && uac.wasSent()) {
            site.timers().arm(Leg.SETTLE_MS, () -> forget(uac));
        } else {
            forget(leg);
        }
    }

    private void forget(Leg leg) {
        leg.forgetRoute();
        if (leg instanceof UacLeg) {
            byCallId.remove(leg.callId);
        }
    }

    /** Runs a step of a leg; what it throws ends the leg. */
    void guarded(Leg leg, UasLeg.Step step) {
        try {
            step.run();
        } catch (ParseException e) {
            // What we were given to say cannot be written: an outcome, told as BAD_REQUEST.
            faulty(leg, e);
        } catch (SipException | RuntimeException e) {
            site.errors().onError(e);
            faulty(leg, e);
        }
    }

    /** Even a leg whose end fails as well gives its place back. */
    private void faulty(Leg leg, Exception thrown) {
        try {
            leg.fault(thrown);
        } catch (RuntimeException e) {
            site.errors().onError(e);
            leg.terminated();
        }
    }

    // Commands of the core.

    void onCommand(MessageFlyweight command) {
        switch (command.type()) {
            case SipCommand.BIND -> bind(command);
            case SipCommand.REFUSE -> refuse(command);
            case SipCommand.INVITE -> invite(command);
            case SipCommand.REQUEST -> request(command);
            case SipCommand.PROGRESS,
                    SipCommand.ANSWER,
                    SipCommand.END,
                    SipCommand.REFER_RESULT,
                    SipCommand.REQUEST_RESULT -> {
                Leg leg = byHandle.get(command.leg());
                if (leg != null) {
                    guarded(leg, () -> carryOut(leg, command));
                }
            }
            default -> site.errors().onError(new IllegalArgumentException("sip command " + command.type()));
        }
    }

    private void bind(MessageFlyweight command) {
        UasLeg leg = offered.remove(command.otherLeg());
        if (leg == null) {
            return;
        }
        if (!leg.hasTerminated()) {
            byHandle.put(command.leg(), leg);
        }
        leg.bind(command.leg());
    }

    private void refuse(MessageFlyweight command) {
        UasLeg leg = offered.remove(command.otherLeg());
        if (leg != null) {
            String retryAfter = command.text(Field.RETRY_AFTER);
            guarded(leg, () -> leg.refuseUnbound(command.status(), retryAfter));
            leg.forgetRoute();
        }
    }

    private void invite(MessageFlyweight command) {
        UacLeg leg = new UacLeg(site, this, nextNumber());
        leg.bind(command.leg());
        byHandle.put(command.leg(), leg);
        byCallId.put(leg.callId, leg);
        guarded(leg, () -> leg.invite(Invitation.of(command, site.ids().next()), command.media()));
    }

    /** Whoever has asked for it waits for its end, also where there is no leg any more. */
    private void request(MessageFlyweight command) {
        Leg leg = byHandle.get(command.leg());
        if (leg == null || leg.hasEnded()) {
            site.events()
                    .begin(SipEvent.REQUEST_ANSWERED)
                    .leg(command.leg())
                    .reference(command.reference())
                    .status(NO_DIALOG);
            site.events().send();
            return;
        }
        AppRequests.Own own = new AppRequests.Own(
                command.reference(),
                command.text(Field.METHOD),
                Invitation.headers(command),
                command.text(Field.CONTENT_TYPE),
                command.text(Field.BODY));
        guarded(leg, () -> leg.appRequests().send(own));
    }

    private void carryOut(Leg leg, MessageFlyweight command) throws SipException, ParseException {
        MediaFlyweight media = command.media().present() ? command.media() : null;
        List<String> lines = Invitation.headers(command);
        if (command.type() == SipCommand.END) {
            leg.end(command.status(), command.text(Field.REASON), lines);
        } else if (command.type() == SipCommand.REFER_RESULT) {
            leg.referResult(command.status());
        } else if (command.type() == SipCommand.REQUEST_RESULT) {
            leg.appRequests().result(command.status());
        } else if (leg instanceof UasLeg uas && command.type() == SipCommand.PROGRESS) {
            uas.progress(command.status(), media, lines);
        } else if (leg instanceof UasLeg uas && media != null) {
            uas.answer(media, lines);
        }
    }

    // Events of the stack.

    static String method(Response response) {
        return ((CSeqHeader) response.getHeader(CSeqHeader.NAME)).getMethod();
    }

    private Leg leg(Dialog dialog, SIPMessage message) {
        if (dialog != null && dialog.getApplicationData() instanceof Leg leg) {
            return leg;
        }
        return byCallId.get(message.getCallId().getCallId());
    }

    private static RecordingDialog recording(Dialog dialog, SIPMessage message) {
        boolean isWithin = dialog != null && message.getToTag() != null;
        return isWithin && dialog.getApplicationData() instanceof RecordingDialog recording ? recording : null;
    }

    /** @return whose request a response is to, as it was given to the transaction; null = nobody's. */
    private static Object owner(ResponseEvent event) {
        if (event.getClientTransaction() != null) {
            return event.getClientTransaction().getApplicationData();
        }
        if (event instanceof ResponseEventExt forked && forked.getOriginalTransaction() != null) {
            return forked.getOriginalTransaction().getApplicationData();
        }
        return null;
    }

    @Override
    public void processRequest(RequestEvent event) {
        Request request = event.getRequest();
        SIPMessage message = (SIPMessage) request;
        RecordingDialog recording = recording(event.getDialog(), message);
        Leg leg = message.getToTag() == null ? null : leg(event.getDialog(), message);
        if (request.getMethod().equals(Request.ACK)) {
            if (recording != null) {
                recording.onAck(request);
            } else if (leg != null && leg.owns(message.getFromTag())) {
                guarded(leg, () -> leg.onAck(request));
            }
            return;
        }
        try {
            ServerTransaction transaction = event.getServerTransaction();
            if (transaction == null) {
                transaction = ((SipProvider) event.getSource()).getNewServerTransaction(request);
            }
            ServerTransaction server = transaction;
            if (request.getMethod().equals(Request.CANCEL)) {
                onCancel(request, server);
            } else if (recording != null) {
                recording.onRequest(event, server);
            } else if (leg != null && leg.owns(message.getFromTag())) {
                guarded(leg, () -> leg.onRequest(event, server));
            } else if (leg != null) {
                // Of a dialog that has lost (RFC 3261 section 13.2.2.4): its end is not the end of the one in use.
                calls.refuse(request, server, request.getMethod().equals(Request.BYE) ? 200 : 481, null, List.of());
            } else if (message.getToTag() != null) {
                calls.refuse(request, server, 481, null, List.of());
            } else {
                onNewRequest(event, server);
            }
        } catch (SipException | ParseException e) {
            // Repeated at the same moment, or no way back to the far end: it will repeat itself.
            site.errors().onError(e);
        }
    }

    private void onNewRequest(RequestEvent event, ServerTransaction transaction) throws SipException, ParseException {
        Request request = event.getRequest();
        List<String> allow = List.of("Allow: " + Messages.ALLOW);
        switch (request.getMethod()) {
            case Request.INVITE -> calls.onInvite(event, transaction);
            case Request.REGISTER -> registrations.onRegister(request, transaction);
            case Request.OPTIONS -> {
                if (!calls.isRefused(request, transaction)) {
                    calls.refuse(
                            request,
                            transaction,
                            200,
                            null,
                            List.of(
                                    "Allow: " + Messages.ALLOW,
                                    "Supported: " + Messages.SUPPORTED,
                                    "Accept: application/sdp"));
                }
            }
            case Request.BYE, Request.PRACK, Request.UPDATE, Request.INFO, Request.NOTIFY ->
                calls.refuse(request, transaction, 481, null, List.of());
            case Request.MESSAGE, Request.SUBSCRIBE, Request.PUBLISH ->
                calls.refuse(request, transaction, 405, null, allow);
            default -> calls.refuse(request, transaction, 501, null, allow);
        }
    }

    private void onCancel(Request cancel, ServerTransaction transaction) throws SipException, ParseException {
        ServerTransaction invite =
                ((gov.nist.javax.sip.ServerTransactionExt) transaction).getCanceledInviteTransaction();
        if (invite == null) {
            calls.refuse(cancel, transaction, 481, null, List.of());
            return;
        }
        Leg leg = invite.getApplicationData() instanceof UasLeg uas ? uas : null;
        if (leg == null) {
            calls.refuse(cancel, transaction, 200, null, List.of());
            return;
        }
        guarded(leg, () -> {
            leg.send(transaction, leg.answer(cancel, 200, null));
            ((UasLeg) leg).onCancel(Messages.values(cancel, "Reason"));
        });
    }

    @Override
    public void processResponse(ResponseEvent event) {
        Response response = event.getResponse();
        if (event.getClientTransaction() != null
                && event.getClientTransaction().getApplicationData() instanceof Errand errand) {
            errand.onResponse(response);
            return;
        }
        RecordingDialog recording =
                owner(event) instanceof RecordingDialog own ? own : recording(event.getDialog(), (SIPMessage) response);
        if (recording != null) {
            recording.onResponse(event);
            return;
        }
        Leg leg = event.getClientTransaction() != null
                        && event.getClientTransaction().getApplicationData() instanceof Leg ofTransaction
                ? ofTransaction
                : null;
        if (leg == null && event instanceof ResponseEventExt forked && forked.getOriginalTransaction() != null) {
            leg = forked.getOriginalTransaction().getApplicationData() instanceof Leg ofFork ? ofFork : null;
        }
        String method = method(response);
        if (leg == null && method.equals(Request.INVITE)) {
            leg = leg(event.getDialog(), (SIPMessage) response);
        }
        if (leg == null) {
            return;
        }
        Leg known = leg;
        guarded(known, () -> {
            if (method.equals(Request.INVITE)) {
                known.onInviteResponse(event);
            } else if (!method.equals(Request.CANCEL)) {
                known.onResponse(event);
            }
        });
    }

    @Override
    public void processTimeout(TimeoutEvent event) {
        if (!event.isServerTransaction()
                && event.getClientTransaction().getApplicationData() instanceof Errand errand) {
            errand.onTimeout();
            return;
        }
        if (!event.isServerTransaction()
                && event.getClientTransaction().getApplicationData() instanceof RecordingDialog recording) {
            recording.onTimeout(event.getClientTransaction());
            return;
        }
        if (event.isServerTransaction() || !(event.getClientTransaction().getApplicationData() instanceof Leg leg)) {
            return;
        }
        ClientTransaction transaction = event.getClientTransaction();
        String method = ((SIPTransaction) transaction).getMethod();
        guarded(leg, () -> {
            if (method.equals(Request.INVITE)) {
                leg.onInviteTimeout(transaction);
            } else {
                leg.onTimeout(transaction.getRequest());
            }
        });
    }

    @Override
    public void processDialogTimeout(DialogTimeoutEvent event) {
        if (event.getDialog().getApplicationData() instanceof RecordingDialog recording
                && event.getReason() == DialogTimeoutEvent.Reason.AckNotReceived) {
            recording.onNoAck();
            return;
        }
        if (event.getDialog().getApplicationData() instanceof Leg leg) {
            switch (event.getReason()) {
                case AckNotReceived -> guarded(leg, leg::onNoAck);
                case EarlyStateTimeout -> guarded(leg, leg::onEarlyTimeout);
                default -> {
                    // Of waiting for semaphores, which nothing here does.
                }
            }
        }
    }

    @Override
    public void processIOException(IOExceptionEvent event) {
        // A request that cannot be sent comes back as a 503 from the wire; a response is repeated or given up by its
        // transaction.
    }

    @Override
    public void processTransactionTerminated(TransactionTerminatedEvent event) {}

    @Override
    public void processDialogTerminated(DialogTerminatedEvent event) {}
}
