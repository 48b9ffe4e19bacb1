package io.hookswitch.sip.ua;

import gov.nist.javax.sip.address.TelURLImpl;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.SIPServerTransaction;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.sip.CallerAdmission.Caller;
import io.hookswitch.sip.CallerAdmission.Carrier;
import io.hookswitch.sip.CallerAdmission.Challenge;
import io.hookswitch.sip.CallerAdmission.Refuse;
import io.hookswitch.sip.digest.DigestServer;
import io.hookswitch.sip.sdp.OfferAnswer;
import io.hookswitch.sip.transport.Transport;
import java.net.InetSocketAddress;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import javax.sip.InvalidArgumentException;
import javax.sip.RequestEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.address.SipURI;
import javax.sip.address.URI;
import javax.sip.header.ContactHeader;
import javax.sip.header.FromHeader;
import javax.sip.header.MaxForwardsHeader;
import javax.sip.header.RecordRouteHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** New calls: what is refused at once, who must prove itself, and what the core is offered. Sip thread. */
final class Calls {
    private final Site site;
    private final Legs legs;
    private final SipAgent.World world;
    private final DigestServer digest;

    Calls(Site site, Legs legs, SipAgent.World world, DigestServer digest) {
        this.site = site;
        this.legs = legs;
        this.world = world;
        this.digest = digest;
    }

    /** @return what is known of whoever sent a request. */
    static Caller caller(Request request, ServerTransaction transaction) {
        URI from =
                ((FromHeader) request.getHeader(FromHeader.NAME)).getAddress().getURI();
        return new Caller(
                source(request),
                transport(transaction).wireName(),
                user(from),
                host(from),
                user(request.getRequestURI()),
                host(request.getRequestURI()));
    }

    static InetSocketAddress source(Request request) {
        SIPRequest came = (SIPRequest) request;
        return new InetSocketAddress(came.getPeerPacketSourceAddress(), came.getPeerPacketSourcePort());
    }

    static Transport transport(ServerTransaction transaction) {
        return Transport.of(((SIPServerTransaction) transaction).getTransport());
    }

    static String user(URI uri) {
        if (uri instanceof SipURI sip) {
            return sip.getUser() == null ? "" : sip.getUser();
        }
        return uri instanceof TelURLImpl tel ? (tel.isGlobal() ? "+" : "") + tel.getPhoneNumber() : "";
    }

    static String host(URI uri) {
        return uri instanceof SipURI sip ? sip.getHost() : "";
    }

    /** A request outside of every dialog that we do not take: answered without a leg. */
    void refuse(Request request, ServerTransaction transaction, int status, String reason, List<String> lines)
            throws SipException, ParseException {
        Response response = site.messages().response(status, reason, request);
        ToHeader to = (ToHeader) response.getHeader(ToHeader.NAME);
        if (to.getTag() == null) {
            to.setTag(site.ids().next());
        }
        for (String line : lines) {
            site.messages().set(response, HeaderText.name(line), HeaderText.value(line));
        }
        try {
            transaction.sendResponse(response);
        } catch (InvalidArgumentException e) {
            throw new SipException("response", e);
        }
    }

    /** Asks for a proof of identity: 401 with every algorithm we offer. */
    void challenge(Request request, ServerTransaction transaction, List<String> challenges)
            throws SipException, ParseException {
        Response response = site.messages().response(401, null, request);
        ((ToHeader) response.getHeader(ToHeader.NAME)).setTag(site.ids().next());
        site.messages().addAll(response, "WWW-Authenticate", challenges);
        try {
            transaction.sendResponse(response);
        } catch (InvalidArgumentException e) {
            throw new SipException("response", e);
        }
    }

    /** @return whether it was refused for something that no caller may do. */
    boolean isRefused(Request request, ServerTransaction transaction) throws SipException, ParseException {
        MaxForwardsHeader forwards = (MaxForwardsHeader) request.getHeader(MaxForwardsHeader.NAME);
        if (forwards != null && forwards.getMaxForwards() == 0) {
            refuse(request, transaction, 483, null, List.of());
            return true;
        }
        List<String> unknown = new ArrayList<>();
        for (String value : Messages.values(request, "Require")) {
            for (String option : value.split(",")) {
                String tag = option.strip();
                if (!tag.isEmpty() && !tag.equalsIgnoreCase("100rel") && !tag.equalsIgnoreCase("timer")) {
                    unknown.add(tag);
                }
            }
        }
        if (!unknown.isEmpty()) {
            refuse(request, transaction, 420, null, List.of("Unsupported: " + String.join(", ", unknown)));
            return true;
        }
        return false;
    }

    /** An INVITE that begins a call. */
    void onInvite(RequestEvent event, ServerTransaction transaction) throws SipException, ParseException {
        Request request = event.getRequest();
        if (isRefused(request, transaction)) {
            return;
        }
        if (!site.events().hasRoom() || legs.count() >= site.settings().legsMax()) {
            String after = "Retry-After: " + site.settings().retryAfterS();
            refuse(request, transaction, 503, null, List.of(after));
            return;
        }
        if (Messages.hasBody(request) && !Messages.hasSdp(request)) {
            refuse(request, transaction, 415, null, List.of("Accept: application/sdp"));
            return;
        }
        if (!hasWayBack(request)) {
            refuse(request, transaction, 400, "No SIP URI To Reach You", List.of());
            return;
        }
        Caller caller = caller(request, transaction);
        switch (world.admission().admit(caller)) {
            case Refuse(int status, String reason) -> refuse(request, transaction, status, reason, List.of());
            case Carrier(String account, String name) ->
                offer(event, transaction, "carrier:" + account + ":" + name, false);
            case Challenge(String account, String realm) -> prove(event, transaction, account, realm);
        }
    }

    /** RFC 3261 sections 8.1.1.8 and 16.6: Contact and Record-Route are SIP URIs, or no BYE could be sent. */
    private static boolean hasWayBack(Request request) {
        ListIterator<?> contacts = request.getHeaders(ContactHeader.NAME);
        int count = 0;
        boolean usable = true;
        while (contacts.hasNext()) {
            ContactHeader contact = (ContactHeader) contacts.next();
            usable &= !contact.isWildCard() && contact.getAddress().getURI() instanceof SipURI;
            count++;
        }
        ListIterator<?> routes = request.getHeaders(RecordRouteHeader.NAME);
        while (routes.hasNext()) {
            usable &= ((RecordRouteHeader) routes.next()).getAddress().getURI() instanceof SipURI;
        }
        return usable && count > 0;
    }

    private void prove(RequestEvent event, ServerTransaction transaction, String account, String realm)
            throws SipException, ParseException {
        Request request = event.getRequest();
        List<String> credentials = Messages.values(request, "Authorization");
        switch (digest.check(credentials, Request.INVITE, realm, site.clock().nanoTime())) {
            case DigestServer.Accepted(String owner, String user) -> {
                if (speaksFor(request, user)) {
                    offer(event, transaction, "user:" + owner + ":" + user + "@" + realm, true);
                } else {
                    refuse(request, transaction, 403, "From Is Not The User", List.of());
                }
            }
            case DigestServer.Challenged(List<String> values) -> challenge(request, transaction, values);
            case DigestServer.Rejected(String reason) -> refuse(request, transaction, 400, reason, List.of());
        }
    }

    /** The application takes From for the caller: nobody calls as somebody else, but without a name (RFC 3323). */
    private static boolean speaksFor(Request request, String user) {
        URI from =
                ((FromHeader) request.getHeader(FromHeader.NAME)).getAddress().getURI();
        return user(from).equals(user) || host(from).equalsIgnoreCase("anonymous.invalid");
    }

    private void offer(RequestEvent event, ServerTransaction transaction, String origin, boolean user)
            throws SipException, ParseException {
        Request request = event.getRequest();
        UasLeg leg = new UasLeg(site, legs, legs.nextNumber(), request, transaction, user(request.getRequestURI()));
        if (!leg.refresher.accepts(request)) {
            refuse(request, transaction, 422, null, List.of("Min-SE: " + Refresher.MIN_S));
            return;
        }
        leg.hearFrom(request);
        MessageFlyweight offered = site.events().begin(SipEvent.OFFERED).otherLeg(leg.number);
        if (Messages.hasSdp(request) && !leg.session.readOffer(request.getRawContent(), offered.media())) {
            refuse(request, transaction, 488, null, List.of());
            return;
        }
        leg.provider = (SipProvider) event.getSource();
        leg.transport = transport(transaction);
        leg.callId = ((SIPRequest) request).getCallId().getCallId();
        leg.dialog.setApplicationData(leg);
        transaction.setApplicationData(leg);
        leg.chooseHop(request, user);
        try {
            transaction.sendResponse(site.messages().response(100, null, request));
        } catch (InvalidArgumentException e) {
            throw new SipException("100", e);
        }
        describe(offered, leg, origin, user);
        site.events().send();
        legs.onOffered(leg);
    }

    private void describe(MessageFlyweight offered, UasLeg leg, String origin, boolean user) {
        Request request = leg.invite();
        FromHeader from = (FromHeader) request.getHeader(FromHeader.NAME);
        URI caller = from.getAddress().getURI();
        String display = from.getAddress().getDisplayName();
        offered.put(Field.CALL_ID, leg.callId);
        offered.put(Field.FROM_USER, user(caller));
        offered.put(Field.FROM_DISPLAY, display == null ? "" : display);
        offered.put(Field.FROM_HOST, host(caller));
        offered.put(Field.TO_USER, user(request.getRequestURI()));
        offered.put(Field.REQUEST_URI, request.getRequestURI().toString());
        offered.put(Field.SOURCE, NextHop.text(leg.transport, source(request)));
        offered.put(
                Field.LOCAL,
                leg.transport.wireName()
                        + ':'
                        + site.stack().listeningPoint(leg.transport).getSentBy());
        offered.put(Field.ORIGIN, origin);
        for (String line : Messages.lines(request)) {
            String name = HeaderText.name(line);
            if (!Proofs.isProof(name) && !(user && HeaderText.isAssertion(name))) {
                offered.put(Field.HEADER, line);
            }
        }
        offered.put(Field.BODY, OfferAnswer.withoutKeys(Messages.body(request)));
        if (((SIPRequest) request).getApplicationData() instanceof byte[] came) {
            byte[] raw = Proofs.without(came);
            offered.put(Field.RAW, raw, 0, raw.length);
        }
    }
}
