package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What happens at once, over real sockets, again and again: {@code -Dhookswitch.races=1000} is the long run. After each
 * race: every leg ended on the wire, each with one final status, one winner at most, one actionHook that agrees.
 */
class RaceTest {
    private static final int ROUNDS = Integer.getInteger("hookswitch.races", 15);
    private static final long SEED = Long.getLong("hookswitch.races.seed", 1L);
    private static Site site;
    private static Map<String, Double> before;

    private final Random random = new Random(SEED);
    private final FarEnd caller = FarEnd.udp("caller", 440).mute();
    private final FarEnd bob = FarEnd.udp("bob", 660).mute();
    private final FarEnd carol = FarEnd.udp("carol", 880).mute();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private boolean isScreened;

    @BeforeAll
    static void start() {
        site = new Site(config -> config);
        before = held();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void close() {
        System.out.println("races: " + outcomes);
        caller.close();
        bob.close();
        carol.close();
    }

    private FarCall call(String options, FarEnd... callees) {
        isScreened = !options.isEmpty();
        caller.forget();
        bob.forget();
        carol.forget();
        site.dials(
                "\"answerOnBridge\":true" + options,
                List.of(callees).stream()
                        .map(callee -> sipTarget(callee.uri(callee.name())))
                        .toArray(String[]::new));
        if (isScreened) {
            site.hooks.reply("/confirm", HookReply.NOTHING.after(random.nextInt(20)));
        }
        return caller.call(Invite.to("100", site.sip()).mute());
    }

    /** The race is over when the actionHook was asked; the caller hangs up if it is still there. */
    private void settle(int round, FarCall a, FarEnd... callees) {
        try {
            int status = a.awaitFinal();
            if (status == 200) {
                a.bye();
            }
            a.awaitEnded();
            HookRequest done = site.awaitDone();
            for (FarEnd callee : callees) {
                callee.arrivedCalls().forEach(FarCall::awaitEnded);
            }
            Map<String, String> finals = finals(callees);
            // A callee that was being asked is a completed leg too.
            assertThat(isScreened ? 1 : Collections.frequency(finals.values(), "completed 200"))
                    .as("winners: " + finals)
                    .isLessThanOrEqualTo(1);
            String result = done.text("dial_status") + " " + done.number("dial_sip_status");
            if (result.equals("completed 200")) {
                assertThat(finals).containsEntry(done.text("dial_call_sid"), "completed 200");
            }
            assertThat(site.hooks.record(site.done())).as("actionHooks").hasSize(1);
            outcomes.merge(status + " " + result, 1, Integer::sum);
        } catch (AssertionError e) {
            throw new AssertionError("round " + round + " of seed " + SEED + ": " + e.getMessage(), e);
        }
    }

    /** Final statuses by call_sid: exactly one for each leg that was tried. */
    private static Map<String, String> finals(FarEnd... callees) {
        Map<String, String> finals = new LinkedHashMap<>();
        for (FarEnd callee : callees) {
            String uri = callee.uri(callee.name());
            HookRequest last = site.hooks.await(
                    "/status", request -> request.text("to").equals(uri) && isFinal(request.text("call_status")));
            finals.put(last.text("call_sid"), last.text("call_status") + " " + last.number("sip_status"));
            assertThat(site.hooks.record("/status").stream()
                            .filter(request -> request.text("to").equals(uri) && isFinal(request.text("call_status"))))
                    .as("final statuses of " + callee.name())
                    .hasSize(1);
        }
        return finals;
    }

    private static boolean isFinal(String status) {
        return List.of("completed", "busy", "no-answer", "failed").contains(status);
    }

    /** What the core and control hold: legs, ports, bridges, timers. */
    private static Map<String, Double> held() {
        Map<String, Double> gauges = new TreeMap<>(site.engine.metrics());
        gauges.keySet()
                .removeIf(name -> name.endsWith("_total")
                        || !name.startsWith("hookswitch_core_") && !name.startsWith("hookswitch_control_"));
        return gauges;
    }

    private void assertNothingLeft() {
        long endNs = System.nanoTime() + 10_000_000_000L;
        while (!held().equals(before)) {
            assertThat(System.nanoTime()).as("left: " + held()).isLessThan(endNs);
            Child.pause(50);
        }
        assertThat(site.engine.metrics().get("hookswitch_unexpected_errors_total"))
                .isZero();
    }

    @Test
    void shouldConnectOneAndHangUpOnTheOtherWhenBothAnswerAtOnce() {
        bob.script(Script.answering(0));
        carol.script(Script.answering(0));
        for (int round = 0; round < ROUNDS; round++) {
            FarCall a = call("", bob, carol);
            a.awaitConnected();
            settle(round, a, bob, carol);
        }
        assertNothingLeft();
    }

    @Test
    void shouldHangUpOnTheLoserWhenItsAnswerCrossesTheCancel() {
        bob.script(Script.answering(5));
        carol.script(Script.crossing());
        for (int round = 0; round < ROUNDS; round++) {
            FarCall a = call("", bob, carol);
            a.awaitConnected();
            settle(round, a, bob, carol);
            FarCall loser = carol.arrivedCalls().getFirst();
            assertThat(loser.received("CANCEL")).isOne();
            assertThat(loser.received("ACK")).isPositive();
            assertThat(loser.received("BYE")).isOne();
        }
        assertNothingLeft();
    }

    @Test
    void shouldEndEveryLegWhenTheCallersCancelCrossesTheAnswer() {
        bob.script(Script.answering(15));
        for (int round = 0; round < ROUNDS; round++) {
            FarCall a = call("", bob);
            bob.awaitCall();
            Child.pause(10 + random.nextInt(12));
            a.cancel();
            settle(round, a, bob);
        }
        assertNothingLeft();
    }

    @Test
    void shouldEndEveryLegWhenSomebodyHangsUpWhileTheCalleeIsAsked() {
        bob.script(Script.answering(0));
        carol.script(Script.answering(3));
        for (int round = 0; round < ROUNDS; round++) {
            FarCall a = call(",\"confirmHook\":\"/confirm\"", bob, carol);
            FarCall b = bob.awaitCall().awaitConnected();
            Child.pause(random.nextInt(25));
            if (round % 2 == 0) {
                b.bye();
            } else {
                a.cancel();
            }
            settle(round, a, bob, carol);
        }
        assertNothingLeft();
    }
}
