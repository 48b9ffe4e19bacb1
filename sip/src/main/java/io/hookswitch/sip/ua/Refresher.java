package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Cause;
import java.text.ParseException;
import java.util.Locale;
import javax.sip.SipException;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * Session timer of one leg (RFC 4028). We never ask for one; when the far end does, it refreshes if it can, else we do
 * with UPDATE. Towards a far end that does neither there is no timer. Sip thread.
 */
final class Refresher {
    /** Shortest interval (section 4), s. */
    static final int MIN_S = 90;

    private static final int LONGEST_S = 86_400;
    private static final int END_EARLY_S = 32;
    /** RFC 3261 section 14.1 has it between 2.1 and 4 s. */
    private static final long AGAIN_MS = 4_000;

    private final Leg leg;
    private LegTimers.Timer timer;
    private LegTimers.Timer again;
    private int intervalS;
    private boolean updates;

    Refresher(Leg leg) {
        this.leg = leg;
    }

    /** @return whether an interval that a request asks for is long enough, or none is asked for. */
    boolean accepts(Request request) {
        int asked = interval(request);
        return asked == 0 || asked >= MIN_S || !Messages.hasOption(request, "Supported", "timer");
    }

    /** Writes the interval into a 2xx to an INVITE or UPDATE and starts it (section 9). */
    void answer(Request request, Response response) {
        int asked = interval(request);
        if (asked == 0) {
            return;
        }
        boolean knows = Messages.hasOption(request, "Supported", "timer");
        String refresher = refresher(request);
        boolean uas = refresher.equals("uas") || !knows;
        if (uas && !Messages.hasOption(request, "Allow", Request.UPDATE)) {
            return;
        }
        intervalS = Math.max(asked, MIN_S);
        leg.site.messages().set(response, "Session-Expires", intervalS + ";refresher=" + (uas ? "uas" : "uac"));
        if (!uas) {
            leg.site.messages().set(response, "Require", "timer");
        }
        start(uas, request);
    }

    /** Reads what a 2xx to our INVITE or UPDATE says of it (section 7.2). */
    void read(Response response) {
        int granted = interval(response);
        if (granted == 0) {
            stop();
            return;
        }
        intervalS = Math.max(granted, MIN_S);
        start(!refresher(response).equals("uas"), response);
    }

    private void start(boolean weRefresh, Message from) {
        stop();
        if (!weRefresh) {
            int early = Math.min(END_EARLY_S, intervalS / 3);
            timer = leg.site.timers().arm((intervalS - early) * 1000L, this::expire);
        } else if (updates || Messages.hasOption(from, "Allow", Request.UPDATE)) {
            updates = true;
            timer = leg.site.timers().arm(intervalS * 1000L / 2, this::refresh);
        }
    }

    private void refresh() {
        // Half the time is left: when the refresh brings nothing the session ends in time.
        timer = leg.site.timers().arm(Math.max(1, intervalS / 2 - END_EARLY_S) * 1000L, this::expire);
        update();
    }

    private void update() {
        again = null;
        try {
            Request update = leg.request(Request.UPDATE);
            leg.contact(update, leg.contactUser());
            leg.site.messages().capabilities(update);
            leg.site.messages().set(update, "Session-Expires", intervalS + ";refresher=uac");
            leg.prove(update);
            leg.send(update);
        } catch (SipException | ParseException e) {
            leg.site.errors().onError(e);
            expire();
        }
    }

    private void expire() {
        stop();
        leg.hangUp(408, Cause.UNREACHABLE, "Session Timer Expired");
    }

    /** A final response to our UPDATE. */
    void onResponse(Response response) throws ParseException {
        int status = response.getStatusCode();
        if (status / 100 == 2) {
            leg.proved();
            read(response);
        } else if (status == 481 || status == 408) {
            expire();
        } else if (timer != null && leg.isChallenged(response)) {
            update();
        } else if (timer != null && (status == 491 || status == 500)) {
            // It crossed an offer of the far end (RFC 3311 section 5.2): once more, while there is time.
            again = leg.site.timers().arm(AGAIN_MS, this::update);
        }
    }

    void onTimeout() {
        expire();
    }

    void stop() {
        leg.site.timers().disarm(timer);
        leg.site.timers().disarm(again);
        timer = null;
        again = null;
    }

    /** @return 0 = none asked for, or unreadable. */
    private static int interval(Message message) {
        String value = Messages.value(message, "Session-Expires");
        if (value == null) {
            return 0;
        }
        int end = 0;
        while (end < value.length() && end < 9 && value.charAt(end) >= '0' && value.charAt(end) <= '9') {
            end++;
        }
        return end == 0 ? 0 : Math.min(Integer.parseInt(value.substring(0, end)), LONGEST_S);
    }

    private static String refresher(Message message) {
        String value = Messages.value(message, "Session-Expires").toLowerCase(Locale.ROOT);
        int at = value.indexOf("refresher=");
        return at < 0 ? "" : value.substring(at + 10, Math.min(value.length(), at + 13));
    }
}
