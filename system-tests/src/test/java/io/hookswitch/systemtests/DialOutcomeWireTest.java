package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** dial.md sections 2, 3.5 to 3.8, 3.12 and 6 over real sockets: what a dial ends with, and what follows it. */
class DialOutcomeWireTest {
    private static final String NUMBER = "15083728299";
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440).mute();
    private final FarEnd bob = FarEnd.udp("bob", 660).mute();
    private final FarEnd carol = FarEnd.udp("carol", 880).mute();

    @BeforeAll
    static void start() {
        site = new Site(config -> config);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
        carol.close();
    }

    private FarCall call() {
        return caller.call(Invite.to(NUMBER, site.sip()).mute());
    }

    private static void dials(String options, FarEnd... targets) {
        site.dials(options, targets(targets));
    }

    private static String[] targets(FarEnd... targets) {
        return Stream.of(targets)
                .map(target -> sipTarget(target.uri(target.name())))
                .toArray(String[]::new);
    }

    /** A dial and a verb behind it. */
    private static void dialsThen(String options, String next, FarEnd... targets) {
        site.forget();
        site.answers("[{\"verb\":\"dial\"," + options + ",\"actionHook\":\"" + site.done() + "\",\"target\":["
                + String.join(",", targets(targets)) + "]}," + next + "]");
    }

    private static void assertDone(String status, int sipStatus, FarEnd decidedBy) {
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo(status);
        assertThat(done.number("dial_sip_status")).isEqualTo(sipStatus);
        assertThat(done.text("dial_call_sid"))
                .isEqualTo(site.awaitStatus(uri(decidedBy), status).text("call_sid"));
    }

    private static String uri(FarEnd far) {
        return far.uri(far.name());
    }

    @ParameterizedTest // section 2: the only target refuses
    @CsvSource({
        "486, busy", "600, busy", "487, no-answer", "302, failed", "401, failed", "403, failed", "404, failed",
        "408, failed", "480, failed", "488, failed", "500, failed", "503, failed", "603, failed", "607, failed"
    })
    void shouldTellTheStatusOfTheOnlyTargetWhenItRefuses(int status, String told) {
        bob.script(Script.rejecting(status));
        dials("\"answerOnBridge\":true", bob);
        assertThat(call().awaitFinal()).isEqualTo(603);
        assertDone(told, status, bob);
        site.assertStatuses(uri(bob), "trying 100", told + " " + status);
        assertThat(bob.awaitCall().received("ACK")).isOne();
    }

    @ParameterizedTest // section 2: the last failure counts, except that a first no-answer stays
    @CsvSource({
        "486, 404, failed, 404, carol",
        "404, 486, busy, 486, carol",
        "486, 486, busy, 486, carol",
        "503, 503, failed, 503, carol",
        "480, 480, failed, 480, carol",
        "486, 487, no-answer, 487, carol",
        "487, 486, no-answer, 487, bob"
    })
    void shouldTellTheLastFailureWhenAllRefuse(int first, int second, String told, int status, String decided) {
        bob.script(Script.rejecting(first));
        carol.script(Script.ringing().rejectAfter(second, 150));
        dials("\"answerOnBridge\":true", bob, carol);
        assertThat(call().awaitFinal()).isEqualTo(603);
        assertDone(told, status, decided.equals("bob") ? bob : carol);
    }

    @ParameterizedTest // 3.7: nobody's refusal stops the others, not even a 6xx
    @ValueSource(ints = {486, 487, 404, 408, 480, 503, 600, 603})
    void shouldConnectTheOtherWhenOneRefuses(int status) {
        bob.script(Script.rejecting(status));
        carol.script(Script.answering(80));
        dials("\"answerOnBridge\":true", bob, carol);
        FarCall a = call().awaitConnected();
        assertThat(carol.awaitCall().awaitConnected().received("CANCEL")).isZero();
        a.bye();
        assertDone("completed", 200, carol);
        assertThat(bob.awaitCall().received("ACK")).isOne();
    }

    @Test // 3.17, choice 6
    void shouldFailWith603WhenNoCarrierCanBeChosen() {
        site.dials("\"answerOnBridge\":true", "{\"type\":\"phone\",\"number\":\"+15083084809\"}");
        FarCall a = call();
        assertThat(a.awaitFinal()).isEqualTo(603);
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("failed");
        assertThat(done.number("dial_sip_status")).isEqualTo(603);
        site.assertStatuses("+15083084809", "trying 100", "failed 603");
    }

    @Test // section 2: the timeout, nobody answered
    void shouldCancelAllWhenTheTimeoutExpires() {
        bob.script(Script.ringing());
        carol.script(Script.silent());
        dials("\"answerOnBridge\":true,\"timeout\":0.4", bob, carol);
        FarCall a = call();
        assertThat(a.awaitFinal()).isEqualTo(603);
        bob.awaitCall().awaitReceived("CANCEL");
        carol.awaitCall().awaitReceived("CANCEL");
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("no-answer");
        assertThat(done.number("dial_sip_status")).isEqualTo(487);
        site.awaitStatus(uri(bob), "no-answer");
        site.awaitStatus(uri(carol), "no-answer");
        assertThat(site.awaitStatus(NUMBER, "failed").number("sip_status")).isEqualTo(603);
    }

    @Test // section 2: a URI that leads nowhere fails its leg, and only that
    void shouldFailOneLegWith500WhenItsAddressMeansNothing() {
        bob.script(Script.answering(60));
        site.dials("\"answerOnBridge\":true", sipTarget("sip:x@127.0.0.1:99999"), sipTarget(uri(bob)));
        FarCall a = call().awaitConnected();
        a.bye();
        assertDone("completed", 200, bob);
        assertThat(site.awaitStatus("sip:x@127.0.0.1:99999", "failed").number("sip_status"))
                .isEqualTo(500);
    }

    @Test // section 1.1: entries behind the tenth are left out, the same one again too
    void shouldRingTenWhenTwelveAreNamed() {
        List<FarEnd> many = new ArrayList<>();
        try {
            List<String> targets = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                many.add(FarEnd.udp("t" + i, 440).mute().script(Script.ringing()));
                targets.add(sipTarget(uri(many.get(i))));
            }
            targets.add(1, targets.getFirst());
            site.dials("\"answerOnBridge\":true", targets.toArray(String[]::new));
            FarCall a = call();
            for (int i = 0; i < 10; i++) {
                many.get(i).awaitCall();
            }
            many.get(9).arrivedCalls().getFirst().answer();
            a.awaitConnected();
            for (int i = 0; i < 9; i++) {
                many.get(i).arrivedCalls().getFirst().awaitReceived("CANCEL");
                assertThat(many.get(i).arrivedCalls()).hasSize(1);
            }
            a.bye();
            assertDone("completed", 200, many.get(9));
            assertThat(many.get(10).arrivedCalls()).isEmpty();
        } finally {
            many.forEach(FarEnd::close);
        }
    }

    @Test // 3.5
    void shouldSayWhyWhenItCancelsALoser() {
        bob.script(Script.answering(120));
        carol.script(Script.ringing());
        dials("\"answerOnBridge\":true", bob, carol);
        FarCall a = call().awaitConnected();
        SipEntry cancel = carol.awaitCall().awaitReceived("CANCEL");
        assertThat(cancel.message().header("Reason")).contains("SIP", "cause=200", "text=\"Call completed elsewhere\"");
        a.bye();
    }

    @Test // 3.1: repeats of a provisional are told once
    void shouldTellRingingOnceWhenTheTargetRepeatsIt() {
        bob.script(Script.ringing());
        dials("\"answerOnBridge\":true", bob);
        FarCall a = call();
        FarCall b = bob.awaitCall();
        a.awaitStatus(180);
        b.ring(180, false);
        b.ring(180, false);
        b.answer();
        a.awaitConnected();
        assertThat(a.received(180)).isOne();
        a.bye();
        site.awaitStatus(uri(bob), "completed");
        site.assertStatuses(uri(bob), "trying 100", "ringing 180", "in-progress 200", "completed 200");
    }

    @Test // 3.12: the callee hangs up, the caller goes on with the next verb
    void shouldGoOnWithTheCallerWhenTheCalleeHangsUp() {
        bob.script(Script.answering(0));
        carol.script(Script.answering(0));
        dialsThen("\"answerOnBridge\":true", "{\"verb\":\"dial\",\"target\":[" + targets(carol)[0] + "]}", bob);
        FarCall a = call().awaitConnected();
        FarCall b = bob.awaitCall().awaitConnected();
        b.bye(new SipMessage.Field("X-Why", "lunch"));
        FarCall c = carol.awaitCall().awaitConnected();
        assertThat(a.isEnded()).isFalse();
        assertDone("completed", 200, bob);
        HookRequest ended = site.awaitStatus(uri(bob), "completed");
        assertThat(ended.has("duration")).isTrue();
        assertThat(ended.body()).contains("x_why", "lunch");
        a.bye();
        c.awaitReceived("BYE");
    }

    @Test // 3.12: the caller hangs up: its status first, the reply of the actionHook is not run
    void shouldEndTheCalleeAndRunNothingMoreWhenTheCallerHangsUp() {
        bob.script(Script.answering(0));
        dials("", bob);
        site.hooks.reply(site.done(), HookReply.verbs("[{\"verb\":\"dial\",\"target\":[" + targets(carol)[0] + "]}]"));
        FarCall a = call().awaitConnected();
        FarCall b = bob.awaitCall().awaitConnected();
        site.awaitStatus(uri(bob), "in-progress");
        a.bye();
        b.awaitReceived("BYE");
        assertDone("completed", 200, bob);
        HookRequest callers = site.awaitStatus(NUMBER, "completed");
        assertThat(callers.text("call_termination_by")).isEqualTo("caller");
        // Each leg's statuses are in order; two legs' go their own ways. Which is told first is control's to show.
        assertThat(site.awaitStatus(uri(bob), "completed").number("sip_status")).isEqualTo(200);
        assertThat(carol.arrivedCalls()).isEmpty();
    }

    @Test // 3.3 rule 3
    void shouldNotAnswerTwiceWhenAnEarlierVerbAnsweredTheCaller() {
        bob.script(Script.answering(50));
        site.forget();
        site.answers("[{\"verb\":\"answer\"},{\"verb\":\"dial\",\"answerOnBridge\":true,\"actionHook\":\"" + site.done()
                + "\",\"target\":[" + targets(bob)[0] + "]}]");
        FarCall a = call().awaitConnected();
        bob.awaitCall().awaitConnected();
        a.bye();
        assertDone("completed", 200, bob);
        assertThat(a.received(200)).isOne();
    }

    @ParameterizedTest // section 6: what follows a dial that failed with the caller not answered
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"verb\":\"sip:decline\",\"status\":486} | 486",
                "{\"verb\":\"hangup\"} | 603",
                "{\"verb\":\"tag\",\"data\":{\"a\":1}} | 603"
            })
    void shouldRefuseTheCallerAsTheNextVerbSaysWhenNobodyAnswered(String next, int status) {
        bob.script(Script.rejecting(486));
        dialsThen("\"answerOnBridge\":true", next, bob);
        FarCall a = call();
        assertThat(a.awaitFinal()).isEqualTo(status);
        assertThat(a.received(200)).isZero();
        assertDone("busy", 486, bob);
        assertThat(site.awaitStatus(NUMBER, "failed").number("sip_status")).isEqualTo(status);
    }

    @Test // section 6: the actionHook's reply is broken, the next verb runs
    void shouldRunTheNextVerbWhenTheActionHookAnswersNonsense() {
        bob.script(Script.rejecting(486));
        carol.script(Script.answering(0));
        dialsThen("\"answerOnBridge\":true", "{\"verb\":\"dial\",\"target\":[" + targets(carol)[0] + "]}", bob);
        site.hooks.reply(site.done(), HookReply.verbs("[{\"verb\":\"dial\",\"target\":7}]"));
        FarCall a = call();
        FarCall c = carol.awaitCall().awaitConnected();
        c.bye();
        a.awaitReceived("BYE");
    }

    @Test // dial.md section 2, last row
    void shouldFailWith500AndStillTellTheApplicationWhenTheAccountHasNoTeamsTenant() {
        site.dials("\"answerOnBridge\":true", "{\"type\":\"teams\",\"number\":\"+15083084809\"}");
        FarCall a = call();
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("failed");
        assertThat(done.number("dial_sip_status")).isEqualTo(500);
        assertThat(a.awaitFinal()).isEqualTo(603);
    }
}
