package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.hook.HookRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** dial.md 3.1, 3.13, 3.14 and 3.17 over real sockets: redirects, users with several telephones, gateways in turn. */
class DialWaysWireTest {
    private static final String NUMBER = "+15083084809";
    private static final InetSocketAddress FIRST = new InetSocketAddress("127.0.0.1", EngineConfig.freePort());
    private static final InetSocketAddress SECOND = new InetSocketAddress("127.0.0.1", EngineConfig.freePort());
    private static Site site;

    /** The carrier's gateways, and telephones beside that. */
    private static FarEnd bob;

    private static FarEnd carol;

    private final FarEnd caller = FarEnd.udp("caller", 440).mute();

    @BeforeAll
    static void start() {
        bob = FarEnd.open("bob", "udp", "127.0.0.1", FIRST.getPort(), 660).mute();
        carol = FarEnd.open("carol", "udp", "127.0.0.1", SECOND.getPort(), 880).mute();
        site = new Site(
                config -> config.user("alice", "secret", "main").outboundCarrier("both", true, "", FIRST, SECOND));
    }

    @AfterAll
    static void stop() {
        site.close();
        bob.close();
        carol.close();
    }

    @BeforeEach
    void forget() {
        bob.script(Script.ringing()).forget();
        carol.script(Script.ringing()).forget();
    }

    @AfterEach
    void close() {
        caller.close();
    }

    private FarCall call() {
        return caller.call(Invite.to("100", site.sip()).mute());
    }

    private FarCall calls(String target) {
        site.dials("\"answerOnBridge\":true", target);
        return call();
    }

    private FarCall callsPhone() {
        return calls("{\"type\":\"phone\",\"number\":\"" + NUMBER + "\",\"trunk\":\"both\"}");
    }

    private FarCall callsAlice() {
        assertThat(bob.register(site.sip(), "alice", "demo.test", "secret", 60).status())
                .isEqualTo(200);
        assertThat(carol.register(site.sip(), "alice", "demo.test", "secret", 60)
                        .status())
                .isEqualTo(200);
        return calls("{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
    }

    private void forgetAlice() {
        bob.register(site.sip(), "alice", "demo.test", "secret", 0);
        carol.register(site.sip(), "alice", "demo.test", "secret", 0);
    }

    private static void assertDone(String status, int sipStatus) {
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status") + " " + done.number("dial_sip_status"))
                .isEqualTo(status + " " + sipStatus);
    }

    @Test // 3.1: a 3xx leads to its Contact
    void shouldFollowTheRedirectWhenTheTargetMoved() {
        bob.script(Script.ringing());
        carol.script(Script.answering(0));
        FarCall a = calls(sipTarget(bob.uri("bob")));
        bob.awaitCall().reject(302, new SipMessage.Field("Contact", "<" + carol.uri("carol") + ">"));
        FarCall c = carol.awaitCall().awaitConnected();
        a.awaitConnected();
        assertThat(c.invite().uri()).isEqualTo(carol.uri("carol"));
        a.bye();
        assertDone("completed", 200);
        site.awaitStatus(bob.uri("bob"), "completed");
        assertThat(site.statuses(bob.uri("bob"))).startsWith("trying 100").endsWith("completed 200");
        assertThat(site.statuses(bob.uri("bob")).stream().filter("trying 100"::equals))
                .hasSize(1);
    }

    @Test // 3.1: at most four times
    void shouldGiveUpWhenRedirectsGoRoundInACircle() {
        bob.script(Script.ringing());
        FarCall a = calls(sipTarget(bob.uri("bob")));
        FarCall b = bob.awaitCall();
        for (int i = 0; i < 5; i++) {
            int sent = i + 1;
            bob.await(FarEnd.PATIENCE, "INVITE " + sent, () -> b.received("INVITE") == sent ? b : null);
            b.reject(302, new SipMessage.Field("Contact", "<" + bob.uri("bob" + i) + ">"));
        }
        assertThat(a.awaitFinal()).isEqualTo(603);
        assertDone("failed", 302);
        assertThat(b.received("INVITE")).isEqualTo(5);
    }

    @Test // 3.14: all contacts ring, one child; the first answer cancels the others
    void shouldRingAllTelephonesOfTheUserAndTellOfOneLeg() {
        bob.script(Script.ringing());
        carol.script(Script.ringing());
        FarCall a = callsAlice();
        FarCall b = bob.awaitCall();
        FarCall c = carol.awaitCall();
        assertThat(b.callId()).isNotEqualTo(c.callId());
        assertThat(b.invite().header("X-Call-Sid")).isEqualTo(c.invite().header("X-Call-Sid"));
        a.awaitStatus(180);
        c.answer();
        a.awaitConnected();
        b.awaitReceived("CANCEL");
        a.bye();
        c.awaitEnded();
        assertDone("completed", 200);
        site.awaitStatus("alice@demo.test", "completed");
        site.assertStatuses("alice@demo.test", "trying 100", "ringing 180", "in-progress 200", "completed 200");
        forgetAlice();
    }

    @ParameterizedTest // 3.14, RFC 3261 16.7: any 6xx, else the lowest class
    @CsvSource({"486, 603, failed, 603", "503, 486, busy, 486", "480, 404, failed, 480", "486, 486, busy, 486"})
    void shouldTellTheBestFailureWhenAllTelephonesOfTheUserRefuse(int first, int second, String told, int status) {
        bob.script(Script.rejecting(first));
        carol.script(Script.ringing().rejectAfter(second, 80));
        FarCall a = callsAlice();
        assertThat(a.awaitFinal()).isEqualTo(603);
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo(told);
        if (first / 100 != second / 100) {
            assertThat(done.number("dial_sip_status")).isEqualTo(status);
        } else {
            assertThat(done.number("dial_sip_status")).isIn(first, second);
        }
        site.awaitStatus("alice@demo.test", told);
        assertThat(site.statuses("alice@demo.test").stream().filter(each -> each.startsWith(told)))
                .hasSize(1);
        forgetAlice();
    }

    @Test // 3.13: a URI of a realm of ours is that user, and does not go round
    void shouldRingTheUserWhenASipUriIsOfOurOwnRealm() {
        String own = sipTarget("sip:alice@demo.test");
        assertThat(calls(own).awaitFinal()).isEqualTo(603);
        assertDone("failed", 404);
        assertThat(bob.register(site.sip(), "alice", "demo.test", "secret", 60).status())
                .isEqualTo(200);
        bob.script(Script.answering(0));
        FarCall a = calls(own).awaitConnected();
        FarCall b = bob.awaitCall().awaitConnected();
        assertThat(b.invite().uri()).isEqualTo(bob.uri("alice"));
        a.bye();
        assertDone("completed", 200);
        bob.register(site.sip(), "alice", "demo.test", "secret", 0);
    }

    @ParameterizedTest // 3.13: a nonce that has become too old is answered once more
    @CsvSource({"1, 3, completed, 200", "2, 3, failed, 407"})
    void shouldProveItselfOnceMoreWhenItsNonceIsStale(int stale, int invites, String told, int status) {
        bob.script(Script.answering(0).challenging("carol", "right")).staleNonces(stale);
        FarCall a = calls("{\"type\":\"sip\",\"sipUri\":\"" + bob.uri("bob")
                + "\",\"auth\":{\"username\":\"carol\",\"password\":\"right\"}}");
        FarCall b = bob.awaitCall();
        if (status == 200) {
            a.awaitConnected().bye();
        } else {
            assertThat(a.awaitFinal()).isEqualTo(603);
        }
        assertDone(told, status);
        assertThat(b.received("INVITE")).isEqualTo(invites);
        bob.staleNonces(0);
    }

    @Test // section 1.2: a bare name is one of the account's realm
    void shouldRingTheUserOfTheAccountWhenTheNameHasNoDomain() {
        bob.script(Script.answering(0));
        assertThat(bob.register(site.sip(), "alice", "demo.test", "secret", 60).status())
                .isEqualTo(200);
        FarCall a = calls("{\"type\":\"user\",\"name\":\"alice\"}").awaitConnected();
        a.bye();
        bob.awaitCall().awaitEnded();
        bob.register(site.sip(), "alice", "demo.test", "secret", 0);
    }

    @ParameterizedTest // 3.17: anything but busy, declined, cancelled may be the gateway's own trouble
    @ValueSource(ints = {404, 408, 480, 500, 503})
    void shouldTryTheNextGatewayWhenTheFirstOneFails(int status) {
        bob.script(Script.rejecting(status));
        carol.script(Script.answering(0));
        FarCall a = callsPhone().awaitConnected();
        FarCall b = bob.awaitCall();
        FarCall c = carol.awaitCall().awaitConnected();
        assertThat(c.invite().header("X-Call-Sid")).isEqualTo(b.invite().header("X-Call-Sid"));
        a.bye();
        assertDone("completed", 200);
        site.awaitStatus(NUMBER, "completed");
        assertThat(site.statuses(NUMBER).stream().filter("trying 100"::equals)).hasSize(1);
        assertThat(site.statuses(NUMBER)).noneMatch(told -> told.startsWith("failed"));
    }

    @ParameterizedTest // 3.17: the callee has spoken
    @CsvSource({"486, busy", "487, no-answer", "600, busy", "603, failed"})
    void shouldTryNoOtherGatewayWhenTheCalleeRefused(int status, String told) {
        bob.script(Script.rejecting(status));
        FarCall a = callsPhone();
        assertThat(a.awaitFinal()).isEqualTo(603);
        assertDone(told, status);
        assertThat(carol.arrivedCalls()).isEmpty();
    }

    @Test // 3.17: only the last failure is told
    void shouldTellTheLastFailureWhenNoGatewayWorks() {
        bob.script(Script.rejecting(503));
        carol.script(Script.rejecting(480));
        assertThat(callsPhone().awaitFinal()).isEqualTo(603);
        assertDone("failed", 480);
        site.assertStatuses(NUMBER, "trying 100", "failed 480");
    }

    @Test // 3.17: with media passed the call is that gateway's
    void shouldTryNoOtherGatewayWhenTheFirstOneHasSentMedia() {
        bob.script(Script.ringing().earlyMedia(183).rejectAfter(503, 150));
        FarCall a = callsPhone();
        a.awaitStatus(183);
        assertThat(a.awaitFinal()).isEqualTo(603);
        assertDone("failed", 503);
        assertThat(carol.arrivedCalls()).isEmpty();
    }

    @ParameterizedTest // RFC 3261 section 22.3: requests inside the dialog are challenged like its INVITE
    @CsvSource({"right, 2", "wrong, 2"})
    void shouldProveItselfAgainWhenItsByeIsChallenged(String password, int byes) {
        try (FarEnd caller = FarEnd.udp("caller", 440);
                FarEnd bob = FarEnd.udp("bob", 660)) {
            bob.script(Script.answering(50).challenging("carol", "right"));
            site.dials(
                    "",
                    "{\"type\":\"sip\",\"sipUri\":\"" + bob.uri("bob")
                            + "\",\"auth\":{\"username\":\"carol\",\"password\":\"right\"}}");
            FarCall out = caller.call(Invite.to("100", site.sip()));
            FarCall in = bob.awaitCall().awaitConnected();
            in.challengeBye("carol", password);
            out.bye();
            bob.await(Duration.ofSeconds(5), "a second BYE", () -> in.received("BYE") == byes ? in : null);
            List<SipEntry> sent =
                    in.log().stream().filter(entry -> entry.isReceived("BYE")).toList();
            SipMessage again = sent.getLast().message();
            assertThat(again.header("Proxy-Authorization")).contains("username=\"carol\"");
            assertThat(again.cseq()).isEqualTo(sent.getFirst().message().cseq() + 1);
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
            assertThat(in.received("BYE")).isEqualTo(byes);
        }
    }
}
