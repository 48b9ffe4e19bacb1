package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.process.Child;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** After the last call and the last SIP timer every table, port, leg and timer is as it was before the first. */
class LeakTest {
    private static final int SEQUENTIAL = 1000;
    private static final int CONCURRENT = 200;
    private static final Duration TIMERS = Duration.ofSeconds(60);

    @Test
    void shouldHoldNothingWhenAThousandCallsAndTwoHundredAtOnceAreOver() {
        try (Site site = new Site(config -> config);
                FarEnd caller = FarEnd.udp("caller", 440).mute();
                FarEnd callee = FarEnd.udp("callee", 660).mute()) {
            callee.script(Script.answering(0));
            site.dials("\"answerOnBridge\":true", sipTarget(callee.uri("callee")));
            Map<String, Double> before = gauges(site);
            assertThat(before).containsKeys("hookswitch_core_ports", "hookswitch_sip_server_transactions");
            for (int i = 0; i < SEQUENTIAL; i++) {
                FarCall out = caller.call(Invite.to("100", site.sip()).mute());
                FarCall in = callee.awaitCall().awaitConnected();
                out.awaitConnected();
                (i % 2 == 0 ? out : in).bye();
                out.awaitEnded();
                in.awaitEnded();
            }
            concurrently(site, caller, callee);
            site.hooks.reset();
            Map<String, Double> after = settled(site, before);
            assertThat(after).isEqualTo(before);
        }
    }

    private static void concurrently(Site site, FarEnd caller, FarEnd callee) {
        List<FarCall> out = new ArrayList<>();
        List<FarCall> in = new ArrayList<>();
        for (int i = 0; i < CONCURRENT; i++) {
            out.add(caller.call(Invite.to("100", site.sip()).mute()));
            Child.pause(2);
        }
        for (int i = 0; i < CONCURRENT; i++) {
            in.add(callee.awaitCall().awaitConnected());
        }
        out.forEach(FarCall::awaitConnected);
        assertThat(site.engine.metrics().get("hookswitch_core_legs")).isEqualTo(2.0 * CONCURRENT);
        for (int i = 0; i < CONCURRENT; i += 2) {
            out.get(i).bye();
            out.get(i).awaitEnded();
        }
        in.stream().filter(FarCall::isConnected).forEach(FarCall::bye);
        out.forEach(FarCall::awaitEnded);
        in.forEach(FarCall::awaitEnded);
    }

    /** Gauges when they are as they were, or as they are when the last SIP timer must have expired. */
    private static Map<String, Double> settled(Site site, Map<String, Double> wanted) {
        long endNs = System.nanoTime() + TIMERS.toNanos();
        while (true) {
            Map<String, Double> gauges = gauges(site);
            if (gauges.equals(wanted) || System.nanoTime() > endNs) {
                return gauges;
            }
            Child.pause(500);
        }
    }

    /**
     * What goes down again: not the totals, not the latencies. Sockets of port pairs rest and stay open for the next
     * call on
     * purpose;
     * {@code core_ports} says which are in use.
     */
    private static Map<String, Double> gauges(Site site) {
        Map<String, Double> gauges = new TreeMap<>(site.engine.metrics());
        gauges.keySet()
                .removeIf(name -> name.endsWith("_total") || name.contains("latency") || name.contains("rtp_sockets"));
        return gauges;
    }
}
