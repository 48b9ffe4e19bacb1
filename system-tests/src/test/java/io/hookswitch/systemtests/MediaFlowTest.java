package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.process.Child;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people hear: tones through the running engine, both ways, in every way a call can be joined. */
class MediaFlowTest {
    private static final String NUMBER = "15083728299";
    private static Site site;
    private FarEnd caller;
    private FarEnd bob;

    @BeforeAll
    static void start() {
        site = new Site(config -> config.user("alice", "secret", "main").user("carol", "other", "main"));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @BeforeEach
    void open() {
        open("udp");
    }

    private void open(String transport) {
        caller = FarEnd.open("caller", transport, "127.0.0.1", 0, 440);
        bob = FarEnd.open("bob", transport, "127.0.0.1", 0, 660);
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
    }

    private void dialsBob(String options) {
        site.dials(options, sipTarget(bob.uri("bob")));
    }

    private FarCall call() {
        return caller.call(Invite.to(NUMBER, site.sip()));
    }

    private static void assertWhole(FarCall call) {
        Heard heard = call.media().heard();
        assertThat(heard.lost()).as(heard.toString()).isZero();
        assertThat(heard.disordered()).as(heard.toString()).isZero();
        assertThat(heard.sources()).as(heard.toString()).isOne();
        assertThat(heard.timestampFaults()).as(heard.toString()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void shouldHearEachOtherWithoutABreakWhenTheTargetAnswers(String transport) {
        close();
        open(transport);
        bob.script(Script.answering(50));
        dialsBob("\"answerOnBridge\":true");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        in.awaitTone(440);
        out.awaitPackets(100);
        in.awaitPackets(100);
        assertWhole(out);
        assertWhole(in);
        assertThat(out.media().peer().getPort() % 2).isZero();
        assertThat(out.media().peer()).isNotEqualTo(in.media().peer());
        out.bye();
        in.awaitEnded();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @ParameterizedTest // RFC 3264, docs: G.711 laws are converted on the core
    @CsvSource({"8, 0", "0, 8"})
    void shouldHearEachOtherWhenTheyShareNoCodec(int callersCodec, int targetsCodec) {
        bob.script(Script.answering(50).speaking(targetsCodec));
        dialsBob("\"answerOnBridge\":true");
        FarCall out = caller.call(Invite.to(NUMBER, site.sip()).codecs(callersCodec));
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        out.awaitTone(660);
        assertThat(out.media().heard().payloadTypes()).isEqualTo(List.of(callersCodec));
        assertThat(in.media().heard().payloadTypes()).isEqualTo(List.of(targetsCodec));
        assertWhole(out);
        out.bye();
        in.awaitEnded();
    }

    @Test // RFC 4733
    void shouldHearTheKeysOnceWhenTheOtherPressesThem() {
        bob.script(Script.answering(50));
        dialsBob("");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        out.media().press("1*3#");
        in.awaitKeys("1*3#");
        in.media().press("90");
        out.awaitKeys("90");
        assertWhole(in);
        out.bye();
        in.awaitEnded();
    }

    @Test // dial.md 3.4: one target, its early media is the caller's
    void shouldHearEarlyMediaWhenTheOnlyTargetSendsIt() {
        bob.script(Script.ringing().earlyMedia(183));
        dialsBob("\"answerOnBridge\":true");
        FarCall out = call();
        out.awaitStatus(183);
        out.awaitTone(660);
        bob.awaitCall().answer();
        assertThat(out.awaitFinal()).isEqualTo(200);
        out.awaitPackets(60);
        bob.arrivedCalls().getFirst().awaitTone(440);
        assertWhole(out);
        out.bye();
        bob.arrivedCalls().getFirst().awaitEnded();
        site.awaitStatus(bob.uri("bob"), "early-media");
    }

    @Test // dial.md 4.5: answered locally, the other side hears silence
    void shouldHearNothingWhileTheOtherHolds() {
        bob.script(Script.answering(50));
        dialsBob("");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        assertThat(out.reinvite("sendonly").status()).isEqualTo(200);
        Child.pause(100);
        long heard = out.media().heard().packets();
        Child.pause(200);
        assertThat(out.media().heard().packets() - heard).isLessThan(3);
        assertThat(out.reinvite("sendrecv").status()).isEqualTo(200);
        out.awaitTone(660);
        assertThat(in.received("INVITE")).isOne();
        out.bye();
        in.awaitEnded();
    }

    @Test // RFC 3262
    void shouldAcknowledgeAReliableProvisionalWhenTheTargetSendsOne() {
        bob.script(Script.answering(300).withReliableRing());
        dialsBob("\"answerOnBridge\":true");
        FarCall out = call();
        FarCall in = bob.awaitCall();
        if (in.invite().header("Supported").contains("100rel")) {
            in.awaitReceived("PRACK");
        }
        in.awaitConnected();
        out.awaitTone(660);
        out.bye();
        in.awaitEnded();
    }

    @Test // RFC 3264 section 5: the offer is ours when the INVITE has none
    void shouldHearEachOtherWhenTheInviteHasNoOffer() {
        bob.script(Script.answering(50));
        dialsBob("");
        FarCall out = caller.call(Invite.to(NUMBER, site.sip()).withoutOffer());
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        out.awaitTone(660);
        out.bye();
        in.awaitEnded();
    }

    @Test // RFC 3550 section 6
    void shouldGetReportsWhenACallLasts() {
        bob.script(Script.answering(50));
        dialsBob("");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        long endNs = System.nanoTime() + 12_000_000_000L;
        while (in.media().heard().reports() == 0 || out.media().heard().reports() == 0) {
            assertThat(System.nanoTime()).as("a report for each within 12 s").isLessThan(endNs);
            Child.pause(50);
        }
        assertWhole(out);
        assertWhole(in);
        out.bye();
        in.awaitEnded();
    }

    @Test // dial.md 3.10
    void shouldKeepTheCallerWhenTheTimeLimitEndsTheTarget() {
        bob.script(Script.answering(50));
        site.forget();
        site.answers("[{\"verb\":\"dial\",\"timeLimit\":1,\"actionHook\":\"" + site.done() + "\",\"target\":["
                + sipTarget(bob.uri("bob")) + "]},{\"verb\":\"pause\",\"length\":1}]");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        SipEntry bye = in.awaitReceived("BYE");
        long connectedNs = in.log().stream()
                .filter(entry -> entry.isReceived("ACK"))
                .findFirst()
                .orElseThrow()
                .timeNs();
        assertThat((bye.timeNs() - connectedNs) / 1e9).isCloseTo(1, within(0.2));
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        assertThat(out.isConnected()).isTrue();
        SipEntry end = out.awaitReceived("BYE");
        assertThat((end.timeNs() - bye.timeNs()) / 1e9).isCloseTo(1, within(0.3));
    }

    @Test // dial.md 6: the verbs of the actionHook's reply replace what is left
    void shouldDialTheNextOneWhenTheActionHookSaysSo() {
        bob.script(Script.rejecting(486));
        try (FarEnd next = FarEnd.udp("next", 880)) {
            dialsBob("\"answerOnBridge\":true");
            site.hooks.reply(
                    site.done(),
                    HookReply.verbs("[{\"verb\":\"dial\",\"target\":[" + sipTarget(next.uri("next")) + "]}]"));
            FarCall out = call();
            FarCall in = next.awaitCall().awaitConnected();
            out.awaitTone(880);
            in.awaitTone(440);
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("busy");
            out.bye();
            in.awaitEnded();
        }
    }

    @Test
    void shouldRelayTheRefusalWhenTheApplicationDeclines() {
        site.forget();
        site.answers("[{\"verb\":\"sip:decline\",\"status\":486,\"reason\":\"Busy Here\"}]");
        assertThat(call().awaitFinal()).isEqualTo(486);
        assertThat(site.awaitStatus(NUMBER, "failed").number("sip_status")).isEqualTo(486);
    }

    @Test // dial.md 3.14: a user is dialled where the REGISTER came from
    void shouldRingTheUserWhenSheIsRegistered() {
        assertThat(bob.register(site.sip(), "alice", "demo.test", "secret", 60).status())
                .isEqualTo(200);
        bob.script(Script.answering(50));
        site.dials("\"answerOnBridge\":true", "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        out.awaitTone(660);
        out.bye();
        in.awaitEnded();
        assertThat(bob.register(site.sip(), "alice", "demo.test", "secret", 0).status())
                .isEqualTo(200);
    }

    @Test
    void shouldRefuseTheRegistrationWhenThePasswordIsWrong() {
        assertThat(bob.register(site.sip(), "alice", "demo.test", "guess", 60).status())
                .isBetween(400, 499);
    }

    @Test // a user of a realm we serve is challenged, then hers
    void shouldAskTheUsersApplicationWhenSheCallsIn() {
        try (FarEnd carol = FarEnd.open("carol", "udp", "127.0.0.7", 0, 880)) {
            bob.script(Script.answering(50));
            dialsBob("\"answerOnBridge\":true");
            FarCall out = carol.call(Invite.toUri("sip:100@demo.test", site.sip())
                    .from("carol", "demo.test")
                    .credentials("carol", "other"));
            FarCall in = bob.awaitCall().awaitConnected();
            in.awaitTone(880);
            out.awaitTone(660);
            assertThat(site.hooks.await("/call").text("from")).isEqualTo("carol");
            out.bye();
            in.awaitEnded();
        }
    }

    @Test
    void shouldBeRefusedWith403WhenNobodyKnowsTheCaller() {
        try (FarEnd stranger = FarEnd.open("stranger", "udp", "127.0.0.9", 0, 880)) {
            site.forget();
            FarCall out = stranger.call(Invite.to(NUMBER, site.sip()));
            assertThat(out.awaitFinal()).isEqualTo(403);
            assertThat(site.hooks.record("/call")).isEmpty();
        }
    }

    @Test
    void shouldAnswerWhenSomebodyAsksWhetherItIsThere() {
        assertThat(caller.options(site.sip()).status()).isEqualTo(200);
    }
}
