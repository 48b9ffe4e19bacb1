package io.hookswitch.sip.ua;

import io.hookswitch.sip.Peers;
import io.hookswitch.sip.Peers.Enrolment;
import io.hookswitch.sip.transport.Transport;
import java.text.ParseException;
import java.util.ListIterator;
import javax.sip.SipException;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.ExpiresHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * Keeps one registration of ours at a carrier: renews it in time, tries the next address when one fails, and all of
 * them
 * again later and later when none will have us. Sip thread.
 */
final class Enroller implements Errand.Outcome {
    private static final long FIRST_RETRY_MS = 5_000;
    private static final long LAST_RETRY_MS = 320_000;
    private static final int LONGEST_S = 86_400;
    private static final int INTERVAL_TOO_BRIEF = 423;

    private final Site site;
    private final Legs legs;
    private final Peers peers;
    private final String callId;
    private final String tag;
    private Enrolment enrolment;
    private Credentials credentials;
    private LegTimers.Timer timer;
    private long cseq;
    private int hopIndex;
    private int hopsFailed;
    private long retryMs = FIRST_RETRY_MS;
    private int askedS;
    private boolean triedLonger;
    private boolean registered;
    private boolean waiting;
    private boolean leaving;
    private boolean farewellSent;

    Enroller(Site site, Legs legs, Peers peers, Enrolment enrolment) {
        this.site = site;
        this.legs = legs;
        this.peers = peers;
        this.enrolment = enrolment;
        callId = site.ids().next();
        tag = site.ids().next();
        askedS = enrolment.expiresS();
        credentials = credentials(enrolment);
    }

    private Credentials credentials(Enrolment of) {
        return new Credentials(site.messages(), of.user(), of.password(), site.ids()::next);
    }

    /** Addresses may have changed. */
    void update(Enrolment newer) {
        if (!newer.equals(enrolment)) {
            enrolment = newer;
        }
    }

    /** Registers now. */
    void begin() {
        timer = null;
        register();
    }

    /** Gives the registration up; {@link #isBusy} until that is settled. */
    void leave() {
        site.timers().disarm(timer);
        timer = null;
        leaving = true;
        if (registered && !waiting) {
            credentials.accepted();
            register();
        }
    }

    /** @return whether an answer is waited for. */
    boolean isBusy() {
        return waiting;
    }

    private void register() {
        NextHop hop = enrolment.nextHops().isEmpty()
                ? null
                : NextHop.of(
                        enrolment.nextHops().get(hopIndex % enrolment.nextHops().size()));
        if (hop == null) {
            failed(0);
            return;
        }
        int expiresS = leaving ? 0 : askedS;
        farewellSent = leaving;
        try {
            Errand.Question question = new Errand.Question(
                    Request.REGISTER,
                    enrolment.registrarUri(),
                    enrolment.address(),
                    enrolment.address(),
                    "Expires: " + expiresS + "\r\n");
            Request request = Errand.request(site, hop, question, callId, tag, ++cseq);
            String at = site.stack().listeningPoint(hop.transport()).getSentBy();
            request.setHeader(legs.contactHeader("sip:" + HeaderText.escapedUser(enrolment.user()) + "@" + at
                    + (hop.transport() == Transport.UDP
                            ? ""
                            : ";transport=" + hop.transport().wireName())));
            site.messages().set(request, "Allow", Messages.ALLOW);
            credentials.prove(request);
            waiting = true;
            Errand.send(site, hop, request, callId, Leg.SETTLE_MS, this);
        } catch (SipException | ParseException e) {
            site.errors().onError(e);
            waiting = false;
            failed(0);
        }
    }

    @Override
    public void onFinal(Response response) {
        waiting = false;
        int status = response.getStatusCode();
        if (credentials.challenged(response)) {
            register();
        } else if (status / 100 == 2) {
            credentials.accepted();
            accepted(response);
        } else if (status == INTERVAL_TOO_BRIEF && !triedLonger && !leaving) {
            credentials.accepted();
            triedLonger = true;
            askedS = Math.max(askedS, number(Messages.value(response, "Min-Expires"), askedS));
            register();
        } else {
            failed(number(Messages.value(response, "Retry-After"), 0));
        }
    }

    private void accepted(Response response) {
        triedLonger = false;
        hopsFailed = 0;
        retryMs = FIRST_RETRY_MS;
        if (leaving && farewellSent) {
            tell(false);
            return;
        }
        tell(true);
        if (leaving) {
            // Granted after we had decided to go.
            register();
            return;
        }
        timer = site.timers().arm(grantedS(response) * 800L, this::begin);
    }

    @Override
    public void onNothing() {
        waiting = false;
        failed(0);
    }

    /** The next address at once; when all have failed, all again after a while that doubles. */
    private void failed(int retryAfterS) {
        credentials = credentials(enrolment);
        tell(false);
        if (leaving) {
            return;
        }
        hopIndex++;
        triedLonger = false;
        if (++hopsFailed < enrolment.nextHops().size()) {
            // Not from within the answer: a queue of refusals must not become a stack of calls.
            timer = site.timers().arm(1, this::begin);
            return;
        }
        hopsFailed = 0;
        timer = site.timers().arm(Math.max(retryMs, retryAfterS * 1000L), this::begin);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }

    private void tell(boolean stands) {
        if (registered != stands) {
            registered = stands;
            peers.onEnrolled(enrolment.name(), stands);
        }
    }

    /** RFC 3261 section 10.2.4: our own contact's time, else that of all, else what we asked for. */
    private int grantedS(Response response) {
        int granted = askedS;
        if (response.getHeader(ExpiresHeader.NAME) instanceof ExpiresHeader expires) {
            granted = expires.getExpires();
        }
        ListIterator<?> contacts = response.getHeaders(ContactHeader.NAME);
        while (contacts.hasNext()) {
            ContactHeader contact = (ContactHeader) contacts.next();
            if (contact.getExpires() > 0
                    && !contact.isWildCard()
                    && contact.getAddress().getURI() instanceof SipURI uri
                    && enrolment.user().equals(uri.getUser())
                    && isOurs(uri)) {
                granted = contact.getExpires();
            }
        }
        return Math.clamp(granted, 1, LONGEST_S);
    }

    private boolean isOurs(SipURI uri) {
        for (Transport transport : Transport.values()) {
            if (site.stack().listeningPoint(transport) != null
                    && site.stack().listeningPoint(transport).getIPAddress().equals(uri.getHost())
                    && site.stack().listeningPoint(transport).getPort() == uri.getPort()) {
                return true;
            }
        }
        return false;
    }

    private static int number(String value, int otherwise) {
        int end = 0;
        while (value != null && end < value.length() && end < 6 && Character.isDigit(value.charAt(end))) {
            end++;
        }
        return end == 0 ? otherwise : Math.min(Integer.parseInt(value.substring(0, end)), LONGEST_S);
    }
}
