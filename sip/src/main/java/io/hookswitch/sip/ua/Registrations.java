package io.hookswitch.sip.ua;

import gov.nist.javax.sip.message.SIPRequest;
import io.hookswitch.sip.CallerAdmission.Caller;
import io.hookswitch.sip.CallerAdmission.Carrier;
import io.hookswitch.sip.CallerAdmission.Challenge;
import io.hookswitch.sip.CallerAdmission.Refuse;
import io.hookswitch.sip.Registrar;
import io.hookswitch.sip.digest.DigestServer;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Locale;
import javax.sip.InvalidArgumentException;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** REGISTER (RFC 3261 section 10.3): proof of identity, limits, and what the registrar makes of it. Sip thread. */
final class Registrations {
    private static final int DEFAULT_S = 3_600;
    private static final int CONTACTS_MAX = 20;

    /** A REGISTER that cannot be carried out. */
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final transient List<String> lines;

        private Unfit(int status, String reason, List<String> lines) {
            super(reason, null, false, false);
            this.status = status;
            this.lines = List.copyOf(lines);
        }
    }

    private final Site site;
    private final Calls calls;
    private final SipAgent.World world;
    private final DigestServer digest;

    Registrations(Site site, Calls calls, SipAgent.World world, DigestServer digest) {
        this.site = site;
        this.calls = calls;
        this.world = world;
        this.digest = digest;
    }

    void onRegister(Request request, ServerTransaction transaction) throws SipException, ParseException {
        if (calls.isRefused(request, transaction)) {
            return;
        }
        Caller caller = Calls.caller(request, transaction);
        switch (world.admission().admitRegistration(caller)) {
            case Refuse(int status, String reason) -> calls.refuse(request, transaction, status, reason, List.of());
            case Carrier _ -> calls.refuse(request, transaction, 403, null, List.of());
            case Challenge(String account, String realm) -> prove(request, transaction, realm);
        }
    }

    private void prove(Request request, ServerTransaction transaction, String realm)
            throws SipException, ParseException {
        List<String> credentials = Messages.values(request, "Authorization");
        switch (digest.check(credentials, Request.REGISTER, realm, site.clock().nanoTime())) {
            case DigestServer.Accepted(String account, String user) -> carryOut(request, transaction, user, realm);
            case DigestServer.Challenged(List<String> values) -> calls.challenge(request, transaction, values);
            case DigestServer.Rejected(String reason) -> calls.refuse(request, transaction, 400, reason, List.of());
        }
    }

    private void carryOut(Request request, ServerTransaction transaction, String user, String realm)
            throws SipException, ParseException {
        var to = ((ToHeader) request.getHeader(ToHeader.NAME)).getAddress().getURI();
        if (!Calls.user(to).equals(user) || !Calls.host(to).equalsIgnoreCase(realm)) {
            // Section 10.3 step 4: nobody registers for somebody else.
            calls.refuse(request, transaction, 403, null, List.of());
            return;
        }
        String address = user + "@" + realm.toLowerCase(Locale.ROOT);
        try {
            switch (outcome(request, transaction, address)) {
                case Registrar.Bindings(List<Registrar.Contact> contacts) -> granted(request, transaction, contacts);
                case Registrar.Refused(int status, String reason) ->
                    calls.refuse(request, transaction, status, reason, List.of());
            }
        } catch (Unfit unfit) {
            calls.refuse(request, transaction, unfit.status, unfit.getMessage(), unfit.lines);
        }
    }

    private Registrar.Outcome outcome(Request request, ServerTransaction transaction, String address) throws Unfit {
        SIPRequest sip = (SIPRequest) request;
        String callId = sip.getCallId().getCallId();
        long cseq = sip.getCSeq().getSeqNumber();
        List<ContactHeader> contacts = contacts(request);
        boolean all = contacts.stream().anyMatch(ContactHeader::isWildCard);
        if (all) {
            if (contacts.size() != 1 || requested(request) != 0) {
                throw new Unfit(400, "Contact * needs Expires 0 and no other", List.of());
            }
            return world.registrar().removeAll(address, callId, cseq);
        }
        List<Registrar.Contact> asked = new ArrayList<>();
        for (ContactHeader contact : contacts) {
            float q = contact.getQValue();
            asked.add(new Registrar.Contact(
                    contact.getAddress().getURI().toString(),
                    granted(contact, request),
                    q < 0 ? 1000 : Math.round(q * 1000)));
        }
        String agent = Messages.value(request, "User-Agent");
        String nextHop = NextHop.text(Calls.transport(transaction), Calls.source(request));
        return world.registrar()
                .register(
                        new Registrar.Registration(address, asked, nextHop, callId, cseq, agent == null ? "" : agent));
    }

    private static List<ContactHeader> contacts(Request request) throws Unfit {
        List<ContactHeader> contacts = new ArrayList<>();
        ListIterator<?> each = request.getHeaders(ContactHeader.NAME);
        while (each.hasNext()) {
            ContactHeader contact = (ContactHeader) each.next();
            boolean callable =
                    contact.isWildCard() || contact.getAddress().getURI() instanceof SipURI uri && !uri.isSecure();
            if (!callable) {
                throw new Unfit(400, "Contact Is No sip: URI", List.of());
            }
            contacts.add(contact);
        }
        ListIterator<?> unreadable = ((SIPRequest) request).getUnrecognizedHeaders();
        while (unreadable.hasNext()) {
            String name = HeaderText.name(unreadable.next() + ":");
            if (name.equalsIgnoreCase(ContactHeader.NAME) || name.equalsIgnoreCase("m")) {
                // Without it the rest would be a question, and the answer a 200 to somebody who is not bound.
                throw new Unfit(400, "Unreadable Contact", List.of());
            }
        }
        if (contacts.size() > CONTACTS_MAX) {
            throw new Unfit(400, "Too many contacts", List.of());
        }
        return contacts;
    }

    /** @return what the Expires header says, -1 = nothing or nonsense. */
    private static int requested(Request request) {
        String value = Messages.value(request, "Expires");
        return value != null && value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : -1;
    }

    /** Section 10.3 step 7: as asked for, within our limits. */
    private int granted(ContactHeader contact, Request request) throws Unfit {
        String parameter = contact.getParameter("expires");
        int asked =
                parameter != null && parameter.matches("[0-9]{1,9}") ? Integer.parseInt(parameter) : requested(request);
        int seconds = asked < 0 ? DEFAULT_S : asked;
        int min = site.settings().registerMinS();
        if (seconds > 0 && seconds < min) {
            throw new Unfit(423, null, List.of("Min-Expires: " + min));
        }
        return Math.min(seconds, site.settings().registerMaxS());
    }

    private void granted(Request request, ServerTransaction transaction, List<Registrar.Contact> contacts)
            throws SipException, ParseException {
        Response response = site.messages().response(200, null, request);
        ((ToHeader) response.getHeader(ToHeader.NAME)).setTag(site.ids().next());
        List<String> values = new ArrayList<>();
        int longest = 0;
        for (Registrar.Contact contact : contacts) {
            String q = contact.q() == 1000 ? "" : String.format(Locale.ROOT, ";q=%.3f", contact.q() / 1000.0);
            values.add("<" + contact.uri() + ">;expires=" + contact.expiresS() + q);
            longest = Math.max(longest, contact.expiresS());
        }
        if (!values.isEmpty()) {
            site.messages().addAll(response, "Contact", values);
            site.messages().set(response, "Expires", Integer.toString(longest));
        }
        try {
            transaction.sendResponse(response);
        } catch (InvalidArgumentException e) {
            throw new SipException("200", e);
        }
    }
}
