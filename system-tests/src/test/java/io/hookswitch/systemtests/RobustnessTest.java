package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Things that go wrong: each gets its documented answer, and a call beside it does not notice. */
class RobustnessTest {
    private static final String NUMBER = "15083728299";
    private static final Duration TIMER_B = Duration.ofSeconds(40);
    private static Site site;
    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660);

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
        assertThat(site.engine.isAlive()).isTrue();
    }

    private FarCall call() {
        return caller.call(Invite.to(NUMBER, site.sip()));
    }

    @Test // webhooks.md 1.7: no application, no call: 480 and the reason; running calls go on
    void shouldRefuseWith480WhenTheHookServerIsKilled() {
        try (Bystander bystander = new Bystander(site)) {
            site.hooks.kill();
            FarCall refused = call();
            assertThat(refused.awaitFinal()).isEqualTo(480);
            assertThat(refused.awaitStatus(480).message().header("X-Reason")).isNotEmpty();
            bystander.assertUnharmed();
        } finally {
            site.hooks.restart();
        }
        site.answers("[{\"verb\":\"sip:decline\",\"status\":486}]");
        assertThat(call().awaitFinal()).isEqualTo(486);
    }

    @Test // webhooks.md 1.7: the actionHook of a killed server is logged; the call goes on with its next verb
    void shouldGoOnWithTheNextVerbWhenTheHookServerIsKilledDuringTheDial() {
        bob.script(Script.answering(20));
        site.forget();
        site.answers("[{\"verb\":\"dial\",\"actionHook\":\"" + site.done() + "\",\"target\":["
                + sipTarget(bob.uri("bob")) + "]},{\"verb\":\"pause\",\"length\":1}]");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        site.hooks.kill();
        try {
            in.bye();
            SipEntry end = out.awaitReceived("BYE");
            SipEntry bye = in.log().stream()
                    .filter(entry -> entry.isSent("BYE"))
                    .findFirst()
                    .orElseThrow();
            assertThat((end.timeNs() - bye.timeNs()) / 1e9).isBetween(0.9, 3.0);
        } finally {
            site.hooks.restart();
        }
    }

    @ParameterizedTest // webhooks.md 1.7 and dial.md 1.4
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "[{\"verb\":\"somersault\"}]",
                "[{\"verb\":\"dial\"}]",
                "[{\"verb\":\"dial\",\"target\":[],\"x\":1}]",
                "no json"
            })
    void shouldRefuseWith480WhenTheApplicationIsInvalid(String reply) {
        site.forget();
        site.answers(reply);
        FarCall refused = call();
        assertThat(refused.awaitFinal()).isEqualTo(480);
        assertThat(refused.awaitStatus(480).message().header("X-Reason")).isNotEmpty();
    }

    @Test // RFC 3261 17.1.1.2 Timer B: 32 s without any answer is 408; the other targets are not concerned
    void shouldFailWith408WhenTheTargetIsDead() {
        int nobody = EngineConfig.freePort();
        try (Bystander bystander = new Bystander(site)) {
            String dead = "sip:dead@127.0.0.1:" + nobody;
            site.dials("\"answerOnBridge\":true", sipTarget(dead));
            String doneOfAlone = site.done();
            FarCall alone = call();
            site.hooks.await("/call", request -> request.text("call_id").equals(alone.callId()));
            awaitInvited(dead);
            bob.script(Script.answering(50));
            try (FarEnd other = FarEnd.udp("other", 880)) {
                site.forget();
                site.dials("\"answerOnBridge\":true", sipTarget(dead), sipTarget(bob.uri("bob")));
                FarCall won = other.call(Invite.to(NUMBER, site.sip()));
                assertThat(won.awaitFinal()).isEqualTo(200);
                won.awaitTone(660);
                won.bye();
                bob.awaitCall().awaitEnded();
            }
            alone.awaitEnded(TIMER_B);
            HookRequest done = site.awaitDone(doneOfAlone);
            assertThat(done.text("dial_status")).isEqualTo("failed");
            assertThat(done.number("dial_sip_status")).isEqualTo(408);
            assertThat(alone.awaitFinal()).isEqualTo(603);
            bystander.assertUnharmed();
        }
    }

    private void awaitInvited(String to) {
        site.awaitStatus(to, "trying");
    }

    private String invite(String line, String via, String more, String body) {
        return line + "\r\n" + via + "\r\n" + "From: <sip:x@127.0.0.1>;tag=1\r\nTo: <sip:" + NUMBER
                + "@127.0.0.1>\r\nCall-ID: bad-" + System.nanoTime() + "@127.0.0.1\r\nCSeq: 1 INVITE\r\n"
                + "Max-Forwards: 70\r\nContact: <sip:x@" + here() + ">\r\n" + more + "Content-Length: "
                + body.getBytes(UTF_8).length + "\r\n\r\n" + body;
    }

    private String here() {
        return "127.0.0.1:" + caller.address().getPort();
    }

    private String line() {
        return "INVITE sip:" + NUMBER + "@127.0.0.1 SIP/2.0";
    }

    private String via() {
        return "Via: SIP/2.0/UDP " + here() + ";branch=z9hG4bK-bad-" + System.nanoTime();
    }

    @Test // answered 400 (or the RFC's own code) or dropped by the guard; never a call, never a crash
    void shouldRefuseOrDropWhenTheInviteIsMalformed() {
        String sdp =
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
        Map<String, String> malformed = Map.of(
                "no such version", invite(line().replace("2.0", "7.0"), via(), "", ""),
                "two Call-IDs", invite(line(), via(), "Call-ID: second@x\r\n", ""),
                "no From tag", invite(line(), via(), "", "").replace(";tag=1", ""),
                "CSeq of another method", invite(line(), via(), "", "").replace("1 INVITE", "1 BYE"),
                "CSeq too large", invite(line(), via(), "", "").replace("1 INVITE", "99999999999 INVITE"),
                "body shorter than said", invite(line(), via(), "", sdp).replace("m=audio 6000 RTP/AVP 0\r\n", ""),
                "body that is no SDP", invite(line(), via(), "Content-Type: application/sdp\r\n", "rubbish"),
                "port that is none",
                        invite(line(), via(), "Content-Type: application/sdp\r\n", sdp.replace("6000", "660000")),
                "a Via that is none", invite(line(), "Via: nonsense", "", ""),
                "a quote in a Via", invite(line(), via() + ";x=\"(((", "", ""));
        try (Bystander bystander = new Bystander(site)) {
            site.forget();
            malformed.values().forEach(text -> caller.sendRaw(text.getBytes(UTF_8), site.sip()));
            for (int length = 1; length < malformed.get("two Call-IDs").length(); length += 7) {
                String cut = malformed.get("body that is no SDP").substring(0, length);
                caller.sendRaw(cut.getBytes(UTF_8), site.sip());
            }
            assertThat(caller.options(site.sip()).status()).isEqualTo(200);
            Child.pause(300);
            List<SipEntry> answers = caller.log().stream()
                    .filter(entry ->
                            !entry.sent() && entry.message().cseqMethod().contains("INVITE"))
                    .toList();
            assertThat(answers).allSatisfy(entry -> assertThat(entry.message().status())
                    .as(entry.message().toString())
                    .matches(status -> status == 100 || status >= 400 && status < 600));
            assertThat(answers).anyMatch(entry -> entry.message().status() == 400);
            assertThat(bob.arrivedCalls()).isEmpty();
            bystander.assertUnharmed();
        }
        assertWorks();
    }

    @Test // one such message would exhaust the heap of a stack that reads it
    void shouldNotNoticeWhenADatagramRepeatsUriParametersFor60Kilobytes() {
        String parameters = ";transport=udp".repeat(60 * 1024 / 14);
        try (Bystander bystander = new Bystander(site)) {
            site.forget();
            for (int i = 0; i < 20; i++) {
                String uri = "INVITE sip:" + NUMBER + "@127.0.0.1" + parameters + " SIP/2.0";
                caller.sendRaw(invite(uri, via(), "", "").getBytes(UTF_8), site.sip());
                caller.sendRaw(
                        invite(line(), via(), "Contact: <sip:x@127.0.0.1" + parameters + ">\r\n", "")
                                .getBytes(UTF_8),
                        site.sip());
            }
            assertThat(caller.options(site.sip()).status()).isEqualTo(200);
            assertThat(site.hooks.record("/call")).isEmpty();
            bystander.assertUnharmed();
        }
        assertWorks();
    }

    private void assertWorks() {
        bob.script(Script.answering(20));
        site.dials("", sipTarget(bob.uri("bob")));
        FarCall out = call();
        bob.awaitCall().awaitConnected().awaitTone(440);
        out.bye();
        bob.arrivedCalls().getFirst().awaitEnded();
    }

    @Test // no port pair left: 503 for a new caller; a leg that cannot be made fails with 500 (dial.md 2)
    void shouldRefuseWith503WhenThePortRangeIsFull() {
        int pairs = 8;
        try (Site small = new Site(config -> config.mediaPorts(29500, 2 * pairs));
                Bystander bystander = new Bystander(small);
                FarEnd crowd = FarEnd.udp("crowd", 880)) {
            small.forget();
            small.answers("[{\"verb\":\"pause\",\"length\":60}]");
            List<FarCall> held = new ArrayList<>();
            for (int i = 2; i < pairs - 1; i++) {
                held.add(crowd.call(Invite.to(NUMBER, small.sip())));
                FarCall newest = held.getLast();
                small.hooks.await("/call", request -> request.text("call_id").equals(newest.callId()));
            }
            small.dials("\"answerOnBridge\":true", sipTarget(bob.uri("bob")));
            FarCall dialling = caller.call(Invite.to(NUMBER, small.sip()));
            assertThat(dialling.awaitFinal()).isEqualTo(603);
            HookRequest done = small.awaitDone();
            assertThat(done.text("dial_status")).isEqualTo("failed");
            assertThat(done.number("dial_sip_status")).isEqualTo(500);
            assertThat(bob.arrivedCalls()).isEmpty();
            fill(small, crowd);
            FarCall refused = caller.call(Invite.to(NUMBER, small.sip()));
            assertThat(refused.awaitFinal()).isEqualTo(503);
            assertThat(refused.awaitStatus(503).message().header("Retry-After")).isNotEmpty();
            bystander.assertUnharmed();
            held.forEach(FarCall::cancel);
            held.forEach(FarCall::awaitEnded);
        }
    }

    /** Takes the last pair as soon as it may be used again: a pair rests after a call. */
    private static void fill(Site small, FarEnd crowd) {
        small.forget();
        small.answers("[{\"verb\":\"pause\",\"length\":60}]");
        long endNs = System.nanoTime() + 15_000_000_000L;
        while (small.hooks.record("/call").isEmpty()) {
            assertThat(System.nanoTime())
                    .as("the pair is free again within 15 s")
                    .isLessThan(endNs);
            crowd.call(Invite.to(NUMBER, small.sip()));
            Child.pause(250);
        }
    }
}
