package io.hookswitch.sip.ua;

import io.hookswitch.sip.Peers;
import io.hookswitch.sip.Peers.Probe;
import io.hookswitch.sip.stack.ShardStack;
import io.hookswitch.sip.transport.Transport;
import java.text.ParseException;
import javax.sip.SipException;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** Asks one far end with OPTIONS whether it is there, again and again. Sip thread. */
final class HealthWatch implements Errand.Outcome {
    /** A gateway that takes longer is no gateway for calls. */
    private static final int ANSWER_MAX_MS = 4_000;

    private static final int REQUEST_TIMEOUT = 408;
    private static final int UNAVAILABLE = 503;

    private final Site site;
    private final Legs legs;
    private final Peers peers;
    private final Probe probe;
    private LegTimers.Timer timer;
    private int failures;
    private boolean dead;
    private boolean stopped;

    HealthWatch(Site site, Legs legs, Peers peers, Probe probe) {
        this.site = site;
        this.legs = legs;
        this.peers = peers;
        this.probe = probe;
    }

    void begin(long delayMs) {
        timer = site.timers().arm(delayMs, this::ask);
    }

    void stop() {
        stopped = true;
        site.timers().disarm(timer);
    }

    private void ask() {
        timer = site.timers().arm(probe.intervalMs(), this::ask);
        NextHop hop = NextHop.of(probe.nextHop());
        try {
            if (hop == null) {
                throw new SipException("next hop " + probe.nextHop() + " is not transport:address:port");
            }
            String callId = site.ids().next();
            Request options =
                    Errand.request(site, hop, question(hop), callId, site.ids().next(), 1);
            options.setHeader(legs.contactHeader("sip:" + host(hop) + port(hop) + parameter(hop)));
            site.messages().set(options, "Accept", "application/sdp");
            Errand.send(site, hop, options, callId, Math.min(ANSWER_MAX_MS, probe.intervalMs()), this);
        } catch (SipException | ParseException e) {
            site.errors().onError(e);
            onNothing();
        }
    }

    private Errand.Question question(NextHop hop) {
        return new Errand.Question(Request.OPTIONS, probe.requestUri(), "sip:" + host(hop), probe.requestUri(), "");
    }

    private String host(NextHop hop) {
        return probe.host().isEmpty()
                ? site.stack().listeningPoint(hop.transport()).getSentBy()
                : probe.host();
    }

    /** A name of ours is reached at our TLS port; without TLS its DNS says where. */
    private String port(NextHop hop) {
        return probe.host().isEmpty() || hop.transport() != Transport.TLS
                ? ""
                : ":" + site.stack().listeningPoint(hop.transport()).getPort();
    }

    private static String parameter(NextHop hop) {
        return hop.transport() == Transport.UDP
                ? ""
                : ";transport=" + hop.transport().wireName();
    }

    @Override
    public void onFinal(Response response) {
        int status = response.getStatusCode();
        if (ShardStack.isMadeHere(response) || status == REQUEST_TIMEOUT || status == UNAVAILABLE) {
            onNothing();
            return;
        }
        failures = 0;
        if (dead && !stopped) {
            dead = false;
            peers.onHealth(probe, true);
        }
    }

    @Override
    public void onNothing() {
        failures = Math.min(failures + 1, probe.failuresMax());
        if (failures == probe.failuresMax() && !dead && !stopped) {
            dead = true;
            peers.onHealth(probe, false);
        }
    }
}
