package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.RaceCheck.Raced;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.process.Child;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two things in the same moment, over real sockets, many times: {@code -Dhookswitch.races=1000} says how many.
 *
 * <p>The moment is met from both sides: each run shifts one of the two by up to a few ms, by a seed that is printed.
 */
class RaceTest {
    private static final Logger LOG = LoggerFactory.getLogger(RaceTest.class);
    private static final int RACES = Integer.getInteger("hookswitch.races", 30);
    private static final int FULL = 1_000;
    private static final long SEED = Long.getLong("hookswitch.races.seed", System.nanoTime());
    private static Site site;
    private static Map<String, Double> before;

    private final Random random = new Random(SEED);
    private final FarEnd caller = FarEnd.udp("caller", 440).mute();
    private final FarEnd bob = FarEnd.udp("bob", 660).mute();
    private final FarEnd carol = FarEnd.udp("carol", 880).mute();

    @BeforeAll
    static void start() {
        // A pair of ports rests for 10 s behind its leg: there are as many as a quick machine races in that time.
        site = new Site(config -> config.mediaPorts(20_000, 19_000));
        before = gauges();
    }

    /** Nothing is left: at once of legs, ports and control, of SIP transactions when their timers have run out. */
    @AfterAll
    static void stop() {
        try {
            site.hooks.reset();
            long patienceNs = TimeUnit.SECONDS.toNanos(RACES >= FULL ? 60 : 5);
            long endNs = System.nanoTime() + patienceNs;
            while (!gauges().equals(before) && System.nanoTime() < endNs) {
                Child.pause(200);
            }
            assertThat(gauges()).isEqualTo(before);
        } finally {
            site.close();
        }
    }

    private static Map<String, Double> gauges() {
        Map<String, Double> gauges = new TreeMap<>(site.engine.metrics());
        gauges.keySet()
                .removeIf(name -> name.endsWith("_total")
                        || name.contains("latency")
                        || name.contains("rtp_sockets")
                        || RACES < FULL
                                && (name.contains("transactions")
                                        || name.contains("dialogs")
                                        || name.contains("timers")));
        return gauges;
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
        carol.close();
    }

    private void dials(String options, FarEnd... targets) {
        site.dials(
                options,
                Stream.of(targets)
                        .map(target -> sipTarget(target.uri(target.name())))
                        .toArray(String[]::new));
    }

    private FarCall call() {
        return caller.call(Invite.to("100", site.sip()).mute());
    }

    /** Both at once, the second later by {@code shiftNs}; the first, when that is negative. */
    private static void together(long shiftNs, Runnable first, Runnable second) {
        CyclicBarrier start = new CyclicBarrier(2);
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> at(start, -shiftNs, first));
        at(start, shiftNs, second);
        other.join();
    }

    private static void at(CyclicBarrier start, long delayNs, Runnable step) {
        try {
            start.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        pause(delayNs);
        step.run();
    }

    /** Finer than a sleep: the moments to meet are shorter. */
    private static void pause(long delayNs) {
        long endNs = System.nanoTime() + Math.max(0, delayNs);
        while (System.nanoTime() < endNs) {
            LockSupport.parkNanos(Math.max(1, endNs - System.nanoTime() - 100_000));
        }
    }

    private long shiftNs(int mostUs) {
        return random.nextInt(-mostUs, mostUs + 1) * 1_000L;
    }

    /** Hangs up what is connected and waits until every end is reached. */
    private static Raced end(FarCall a, FarCall... callees) {
        if (a.awaitFinal() == 200) {
            a.bye();
        }
        a.awaitEnded();
        Stream.of(callees).forEach(FarCall::awaitEnded);
        return new Raced(a, List.of(callees));
    }

    private static void report(String race, List<Raced> calls) {
        Map<String, Integer> outcomes = RaceCheck.check(site, calls, false);
        LOG.warn("{}: {} races, seed {}: {}", race, calls.size(), SEED, outcomes);
    }

    @Test // dial.md 3.6
    void shouldConnectOneWhenTwoAnswerInTheSameInstant() {
        bob.script(Script.ringing());
        carol.script(Script.ringing());
        dials("\"answerOnBridge\":true", bob, carol);
        List<Raced> calls = new ArrayList<>();
        for (int i = 0; i < RACES; i++) {
            FarCall a = call();
            FarCall b = bob.awaitCall();
            FarCall c = carol.awaitCall();
            together(shiftNs(200), b::answer, c::answer);
            calls.add(end(a, b, c));
        }
        report("200 and 200", calls);
    }

    @Test // fact 4
    void shouldHangUpOnTheLoserWhenItsAnswerCrossesTheCancel() {
        bob.script(Script.ringing());
        carol.script(Script.crossing());
        dials("\"answerOnBridge\":true", bob, carol);
        List<Raced> calls = new ArrayList<>();
        for (int i = 0; i < RACES; i++) {
            FarCall a = call();
            FarCall b = bob.awaitCall();
            FarCall c = carol.awaitCall();
            b.answer();
            if (i % 2 == 0) {
                pause(random.nextInt(3_000) * 1_000L);
                c.answer();
            }
            calls.add(end(a, b, c));
        }
        report("200 and CANCEL", calls);
    }

    @Test
    void shouldTellOneStoryWhenTheCallerGivesUpWhileTheCalleeAnswers() {
        bob.script(Script.ringing());
        dials("\"answerOnBridge\":true", bob);
        List<Raced> calls = new ArrayList<>();
        for (int i = 0; i < RACES; i++) {
            FarCall a = call();
            FarCall b = bob.awaitCall();
            together(shiftNs(i % 2 == 0 ? 2_000 : 500) + (i % 3) * 3_000_000L, b::answer, a::cancel);
            calls.add(end(a, b));
        }
        report("the caller's CANCEL and 200", calls);
    }

    @Test
    void shouldTellOneStoryWhenBothHangUpAtOnce() {
        bob.script(Script.answering(0));
        dials("\"answerOnBridge\":true", bob);
        List<Raced> calls = new ArrayList<>();
        for (int i = 0; i < RACES; i++) {
            FarCall a = call();
            FarCall b = bob.awaitCall().awaitConnected();
            a.awaitConnected();
            together(shiftNs(1_000), b::bye, a::bye);
            calls.add(end(a, b));
        }
        report("BYE and BYE", calls);
    }

    @Test // dial.md 3.8
    void shouldEitherConnectOrGiveUpWhenTheAnswerMeetsTheTimeout() {
        bob.script(Script.ringing());
        dials("\"answerOnBridge\":true,\"timeout\":0.1", bob);
        List<Raced> calls = new ArrayList<>();
        for (int i = 0; i < RACES; i++) {
            FarCall a = call();
            FarCall b = bob.awaitCall();
            pause(97_000_000L + shiftNs(5_000));
            b.answer();
            calls.add(end(a, b));
        }
        report("200 and timeout", calls);
    }

    @Test // dial.md 3.9 rules 5, 8 and 9: two are asked, their applications end in the moment of the CANCEL
    void shouldTellOneStoryWhenTheCallerGivesUpWhileTheScreeningEnds() {
        screened("[{\"verb\":\"pause\",\"length\":0.05}]", (a, b) -> a.cancel());
    }

    @Test // dial.md 3.9 rules 5, 7 and 9
    void shouldTellOneStoryWhenTheCalleeHangsUpWhileTheScreeningEnds() {
        screened("[{\"verb\":\"pause\",\"length\":0.05}]", (a, b) -> b.bye());
    }

    @Test // dial.md 3.9 rule 3
    void shouldTellOneStoryWhenTheCallerGivesUpWhileTheConfirmHookAnswers() {
        screened("[]", (a, b) -> a.cancel());
    }

    private void screened(String confirm, BiConsumer<FarCall, FarCall> hangUp) {
        bob.script(Script.answering(0));
        carol.script(Script.answering(0));
        dials("\"answerOnBridge\":true,\"confirmHook\":\"/confirm\"", bob, carol);
        site.hooks.reply("/confirm", HookReply.verbs(confirm));
        List<Raced> calls = new ArrayList<>();
        long aboutNs = confirm.equals("[]") ? 5_000_000L : 55_000_000L;
        for (int i = 0; i < RACES; i++) {
            FarCall a = call();
            FarCall b = bob.awaitCall();
            FarCall c = carol.awaitCall();
            bob.await(FarEnd.PATIENCE, "an ACK", () -> b.received("ACK") > 0 ? b : null);
            pause(aboutNs + shiftNs(5_000));
            hangUp.accept(a, b);
            calls.add(end(a, b, c));
        }
        Map<String, Integer> outcomes = RaceCheck.check(site, calls, true);
        LOG.warn("a screening's end {} and a hang-up: {} races, seed {}: {}", confirm, RACES, SEED, outcomes);
    }
}
