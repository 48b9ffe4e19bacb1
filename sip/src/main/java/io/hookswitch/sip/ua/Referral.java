package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import java.text.ParseException;
import java.util.List;
import java.util.Locale;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.header.CSeqHeader;
import javax.sip.message.Request;

/**
 * A REFER inside a leg's dialog (RFC 3515): kept until it is decided on, answered once, and what came of it told with
 * NOTIFY. One at a time. Sip thread.
 */
final class Referral {
    private static final int ACCEPTED = 202;
    private static final int PENDING = 491;
    private static final int BAD_REQUEST = 400;
    private static final int NO_DIALOG = 481;

    private final Leg leg;
    private Request open;
    private ServerTransaction transaction;
    /** Number of the REFER whose NOTIFY is owed, 0 = none. */
    private long subscribed;

    Referral(Leg leg) {
        this.leg = leg;
    }

    /** The far end asks; the core is told who is meant. */
    void onRefer(Request request, ServerTransaction asked) throws SipException, ParseException {
        List<String> lines = Messages.lines(request);
        if (leg.hasEnded()) {
            leg.send(asked, leg.answer(request, NO_DIALOG, null));
        } else if (open != null || subscribed != 0) {
            leg.send(asked, leg.answer(request, PENDING, null));
        } else if (lines.stream().filter(line -> is(line, "refer-to", "r")).count() != 1) {
            leg.send(asked, leg.answer(request, BAD_REQUEST, "One Refer-To Is Needed"));
        } else {
            open = request;
            transaction = asked;
            MessageFlyweight event = leg.event(SipEvent.REFERRED);
            lines.stream().filter(Referral::isTold).forEach(line -> event.put(Field.HEADER, line));
            leg.emit();
        }
    }

    private static boolean isTold(String line) {
        return is(line, "refer-to", "r")
                || is(line, "referred-by", "b")
                || is(line, "user-agent", "user-agent")
                || line.regionMatches(true, 0, "x-", 0, 2);
    }

    private static boolean is(String line, String name, String shortName) {
        String found = HeaderText.name(line).toLowerCase(Locale.ROOT);
        return found.equals(name) || found.equals(shortName);
    }

    /** It was decided on: its answer, and behind a 202 what came of it in the end. */
    void result(int status) throws SipException, ParseException {
        if (open != null) {
            Request request = open;
            open = null;
            leg.send(transaction, leg.answer(request, status, null));
            if (status == ACCEPTED) {
                subscribed = ((CSeqHeader) request.getHeader(CSeqHeader.NAME)).getSeqNumber();
                tell("SIP/2.0 100 Trying", "active;expires=60");
            }
        } else if (subscribed != 0) {
            tell("SIP/2.0 " + status + (status < 300 ? " OK" : " Service Unavailable"), "terminated;reason=noresource");
            subscribed = 0;
        }
    }

    private void tell(String statusLine, String state) throws SipException, ParseException {
        Request notify = leg.request(Request.NOTIFY);
        leg.referred(notify, "refer;id=" + subscribed, state, statusLine + "\r\n");
        leg.send(notify);
    }

    /** The leg is over: nobody decides any more. */
    void drop() {
        subscribed = 0;
        if (open != null) {
            Request request = open;
            open = null;
            try {
                leg.send(transaction, leg.answer(request, NO_DIALOG, null));
            } catch (SipException | ParseException e) {
                leg.report(e);
            }
        }
    }
}
