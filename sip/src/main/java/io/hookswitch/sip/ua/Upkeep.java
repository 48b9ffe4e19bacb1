package io.hookswitch.sip.ua;

import io.hookswitch.sip.Peers;
import io.hookswitch.sip.Peers.Enrolment;
import io.hookswitch.sip.Peers.Probe;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Follows what {@link Peers} ask for: who is watched, where we register. Sip thread. */
final class Upkeep {
    private static final long LOOK_MS = 1_000;
    /** Between the first questions to two far ends: a thousand gateways are not asked in one burst. */
    private static final long APART_MS = 10;

    private final Site site;
    private final Legs legs;
    private final Peers peers;
    private final Map<Probe, HealthWatch> watches = new HashMap<>();
    private final Map<String, Enroller> enrollers = new HashMap<>();
    private final Set<Enroller> leaving = new HashSet<>();
    private LegTimers.Timer timer;

    Upkeep(Site site, Legs legs, Peers peers) {
        this.site = site;
        this.legs = legs;
        this.peers = peers;
    }

    /** Begins; the sockets are open. */
    void begin() {
        if (peers != Peers.NONE) {
            look();
        }
    }

    private void look() {
        timer = site.timers().arm(LOOK_MS, this::look);
        Set<Probe> probes = new HashSet<>(peers.probes());
        watches.entrySet().removeIf(watched -> {
            boolean gone = !probes.contains(watched.getKey());
            if (gone) {
                watched.getValue().stop();
            }
            return gone;
        });
        long delayMs = 0;
        for (Probe probe : probes) {
            if (!watches.containsKey(probe)) {
                HealthWatch watch = new HealthWatch(site, legs, peers, probe);
                watches.put(probe, watch);
                watch.begin(delayMs);
                delayMs += APART_MS;
            }
        }
        enrol();
    }

    private void enrol() {
        Set<String> named = new HashSet<>();
        for (Enrolment each : peers.enrolments()) {
            named.add(each.name());
            Enroller known = enrollers.get(each.name());
            if (known != null) {
                known.update(each);
            } else {
                Enroller enroller = new Enroller(site, legs, peers, each);
                enrollers.put(each.name(), enroller);
                enroller.begin();
            }
        }
        enrollers.entrySet().removeIf(entry -> {
            boolean gone = !named.contains(entry.getKey());
            if (gone) {
                entry.getValue().leave();
            }
            return gone;
        });
    }

    /** Gives every registration up and asks nobody any more. */
    void leave() {
        site.timers().disarm(timer);
        watches.values().forEach(HealthWatch::stop);
        watches.clear();
        leaving.addAll(enrollers.values());
        enrollers.clear();
        leaving.forEach(Enroller::leave);
    }

    /** @return whether a registration is still being given up. */
    boolean isLeaving() {
        return leaving.stream().anyMatch(Enroller::isBusy);
    }
}
