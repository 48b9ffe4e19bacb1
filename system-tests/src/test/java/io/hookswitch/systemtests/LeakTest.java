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
            warmUp(site, caller, callee);
            Map<String, Double> before = settled(site);
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

    private static void warmUp(Site site, FarEnd caller, FarEnd callee) {
        site.dials("\"answerOnBridge\":true", sipTarget(callee.uri("callee")));
        FarCall out = caller.call(Invite.to("100", site.sip()).mute());
        callee.awaitCall().awaitConnected();
        out.awaitConnected().bye();
        out.awaitEnded();
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
        for (int i = 0; i < CONCURRENT; i++) {
            (i % 2 == 0 ? out : in).get(i).bye();
        }
        out.forEach(FarCall::awaitEnded);
        in.forEach(FarCall::awaitEnded);
    }

    /** Gauges once nothing of a call is left in them. */
    private static Map<String, Double> settled(Site site) {
        return settled(site, null);
    }

    private static Map<String, Double> settled(Site site, Map<String, Double> wanted) {
        long endNs = System.nanoTime() + TIMERS.toNanos();
        while (true) {
            Map<String, Double> gauges = gauges(site);
            boolean isQuiet = wanted == null
                    ? gauges.get("hookswitch_sip_server_transactions") == 0
                            && gauges.get("hookswitch_sip_client_transactions") == 0
                    : gauges.equals(wanted);
            if (isQuiet || System.nanoTime() > endNs) {
                return gauges;
            }
            Child.pause(500);
        }
    }

    /** What may go down again: not the totals, not the latencies. */
    private static Map<String, Double> gauges(Site site) {
        Map<String, Double> gauges = new TreeMap<>(site.engine.metrics());
        gauges.keySet().removeIf(name -> name.endsWith("_total") || name.contains("latency"));
        return gauges;
    }
}
