package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The facts of dial (docs/dial-fork.md) on the wire: SIPp is the carrier, SIPp are the targets, the application is a
 * process
 * of its own, tshark says what came first.
 */
class DialFactsTest {
    private static final String NUMBER = "15083728299";
    private static final int GATEWAY = EngineConfig.freePort();
    private static Site site;
    private static Wire wire;

    private final int carrierPort = EngineConfig.freePort();
    private final int port = EngineConfig.freePort();
    private final int secondPort = EngineConfig.freePort();
    private final int thirdPort = EngineConfig.freePort();

    @BeforeAll
    static void start() {
        InetSocketAddress gateway = new InetSocketAddress("127.0.0.1", GATEWAY);
        site = new Site(config -> config.user("alice", "secret", "main")
                .outboundCarrier("bare", false, "99", gateway)
                .outboundCarrier("plus", true, "99", gateway));
        wire = new Wire(site.sip().getPort());
    }

    @AfterAll
    static void stop() {
        wire.close();
        site.close();
    }

    @BeforeEach
    void forget() {
        wire.settle().forget();
    }

    private Sipp carrier(String scenario, String... more) {
        return Sipp.carrier(scenario, site.sip(), carrierPort, NUMBER, more);
    }

    @Test // fact 1
    void shouldAnswerTheCallerBeforeItInvitesAnybodyWhenAnswerOnBridgeIsOff() {
        try (Sipp target = Sipp.target("bob", "uas-answer", port, "-d", "100")) {
            site.dials("", sipTarget(target.uri()));
            try (Sipp carrier = carrier("uac-bye", "-d", "300")) {
                carrier.awaitSuccess();
                target.awaitSuccess();
            }
        }
        double answered = wire.first("200 to the carrier", m -> m.port() == carrierPort && m.isResponse(200, "INVITE"))
                .seconds();
        double invited = wire.first("INVITE to bob", m -> m.port() == port && m.isRequest("INVITE"))
                .seconds();
        assertThat(answered).isLessThan(invited);
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        site.awaitStatus(NUMBER, "completed");
        site.assertStatuses(NUMBER, "trying 100", "in-progress 200", "completed 200");
        site.assertSigned();
    }

    @Test // fact 2
    void shouldRingTheCallerAndAnswerOnlyAfterTheWinnerWhenAnswerOnBridgeIsOn() {
        try (Sipp target = Sipp.target("bob", "uas-answer", port, "-d", "400")) {
            site.dials("\"answerOnBridge\":true", sipTarget(target.uri()));
            try (Sipp carrier = carrier("uac-bye", "-d", "300")) {
                carrier.awaitSuccess();
                target.awaitSuccess();
            }
        }
        double targetRang = wire.first("180 of bob", m -> m.port() == port && m.isResponse(180, "INVITE"))
                .seconds();
        double targetAnswered = wire.first("200 of bob", m -> m.port() == port && m.isResponse(200, "INVITE"))
                .seconds();
        double rang = wire.first("180 to the carrier", m -> m.port() == carrierPort && m.isResponse(180, "INVITE"))
                .seconds();
        double answered = wire.first("200 to the carrier", m -> m.port() == carrierPort && m.isResponse(200, "INVITE"))
                .seconds();
        assertThat(rang).isBetween(targetRang, targetAnswered);
        assertThat(answered).isGreaterThan(targetAnswered);
    }

    @Test // facts 3 and 6
    void shouldCancelTheOthersWhenTheSecondOfThreeAnswers() {
        try (Sipp first = Sipp.target("first", "uas-cancelled", port);
                Sipp second = Sipp.target("second", "uas-answer", secondPort, "-d", "400");
                Sipp third = Sipp.target("third", "uas-cancelled", thirdPort)) {
            site.dials(
                    "\"answerOnBridge\":true", sipTarget(first.uri()), sipTarget(second.uri()), sipTarget(third.uri()));
            try (Sipp carrier = carrier("uac-bye", "-d", "300")) {
                carrier.awaitSuccess();
            }
            first.awaitSuccess();
            second.awaitSuccess();
            third.awaitSuccess();
            HookRequest done = site.awaitDone();
            HookRequest winner = site.awaitStatus(second.uri(), "completed");
            assertThat(done.text("dial_status")).isEqualTo("completed");
            assertThat(done.number("dial_sip_status")).isEqualTo(200);
            assertThat(done.text("dial_call_sid")).isEqualTo(winner.text("call_sid"));
            site.awaitStatus(first.uri(), "no-answer");
            site.awaitStatus(third.uri(), "no-answer");
            site.assertStatuses(first.uri(), "trying 100", "ringing 180", "no-answer 487");
            site.assertStatuses(third.uri(), "trying 100", "ringing 180", "no-answer 487");
            site.assertStatuses(second.uri(), "trying 100", "ringing 180", "in-progress 200", "completed 200");
        }
        wire.settle();
        assertThat(wire.count(m -> m.isRequest("CANCEL"))).as(wire.describe()).isEqualTo(2);
        assertThat(wire.count(m -> m.fromEngine() && m.isRequest("INVITE"))).isEqualTo(3);
        assertThat(wire.count(m -> m.isResponse(200, "INVITE"))).isEqualTo(2);
        assertThat(site.hooks.record(site.done())).hasSize(1);
        site.assertSigned();
    }

    @Test // fact 4
    void shouldAcknowledgeAndHangUpWhenAnAnswerCrossesTheCancel() {
        try (Sipp winner = Sipp.target("winner", "uas-answer", port, "-d", "300");
                Sipp loser = Sipp.target("loser", "uas-cross", secondPort)) {
            site.dials("\"answerOnBridge\":true", sipTarget(winner.uri()), sipTarget(loser.uri()));
            try (Sipp carrier = carrier("uac-bye", "-d", "1000")) {
                loser.awaitSuccess();
                carrier.awaitSuccess();
            }
            winner.awaitSuccess();
            site.awaitStatus(loser.uri(), "no-answer");
            site.assertStatuses(loser.uri(), "trying 100", "ringing 180", "no-answer 487");
            assertThat(site.awaitDone().text("dial_call_sid"))
                    .isEqualTo(site.awaitStatus(winner.uri(), "completed").text("call_sid"));
        }
        double crossed = wire.first("200 of the loser", m -> m.port() == secondPort && m.isResponse(200, "INVITE"))
                .seconds();
        double acknowledged = wire.first("ACK to the loser", m -> m.port() == secondPort && m.isRequest("ACK"))
                .seconds();
        double hungUp = wire.first("BYE to the loser", m -> m.port() == secondPort && m.isRequest("BYE"))
                .seconds();
        assertThat(acknowledged).isBetween(crossed, hungUp);
        assertThat(hungUp - crossed).isLessThan(1);
    }

    @ParameterizedTest // fact 5
    @CsvSource({"486, busy", "600, busy", "603, failed", "404, failed"})
    void shouldTellTheReasonWhenTheOnlyTargetRefuses(int status, String told) {
        try (Sipp target = Sipp.target("bob", "uas-refuse", port, "-d", "50", "status=" + status)) {
            site.dials("", sipTarget(target.uri()));
            try (Sipp carrier = carrier("uac-far-bye")) {
                carrier.awaitSuccess();
                target.awaitSuccess();
            }
            HookRequest done = site.awaitDone();
            HookRequest leg = site.awaitStatus(target.uri(), told);
            assertThat(done.text("dial_status")).isEqualTo(told);
            assertThat(done.number("dial_sip_status")).isEqualTo(status);
            assertThat(done.text("dial_call_sid")).isEqualTo(leg.text("call_sid"));
            assertThat(leg.number("sip_status")).isEqualTo(status);
        }
    }

    @Test // fact 5
    void shouldCancelAfterTheTimeoutWhenNobodyAnswers() {
        try (Sipp target = Sipp.target("bob", "uas-cancelled", port)) {
            site.dials("\"timeout\":2", sipTarget(target.uri()));
            try (Sipp carrier = carrier("uac-far-bye")) {
                carrier.awaitSuccess();
                target.awaitSuccess();
            }
            HookRequest done = site.awaitDone();
            assertThat(done.text("dial_status")).isEqualTo("no-answer");
            assertThat(done.number("dial_sip_status")).isEqualTo(487);
            site.awaitStatus(target.uri(), "no-answer");
        }
        double invited = wire.first("INVITE to bob", m -> m.port() == port && m.isRequest("INVITE"))
                .seconds();
        double cancelled = wire.first("CANCEL to bob", m -> m.port() == port && m.isRequest("CANCEL"))
                .seconds();
        assertThat(cancelled - invited).isCloseTo(2, within(0.2));
    }

    @Test // fact 7
    void shouldCancelAllAndStillTellTheApplicationWhenTheCallerGivesUp() {
        try (Sipp first = Sipp.target("first", "uas-cancelled", port);
                Sipp second = Sipp.target("second", "uas-cancelled", secondPort);
                FarEnd never = FarEnd.udp("never", 440)) {
            never.script(Script.rejecting(486));
            site.dials("\"answerOnBridge\":true", sipTarget(first.uri()), sipTarget(second.uri()));
            site.hooks.reply(
                    site.done(),
                    HookReply.verbs("[{\"verb\":\"dial\",\"target\":[" + sipTarget(never.uri("never")) + "]}]"));
            try (Sipp carrier = carrier("uac-cancel", "-d", "300")) {
                carrier.awaitSuccess();
            }
            first.awaitSuccess();
            second.awaitSuccess();
            HookRequest done = site.awaitDone();
            assertThat(done.text("dial_status")).isEqualTo("no-answer");
            assertThat(done.number("dial_sip_status")).isEqualTo(487);
            assertThat(done.text("call_status")).isEqualTo("no-answer");
            HookRequest caller = site.awaitStatus(NUMBER, "no-answer");
            assertThat(caller.number("sip_status")).isEqualTo(487);
            assertThat(caller.text("call_termination_by")).isEqualTo("caller");
            site.awaitStatus(first.uri(), "no-answer");
            site.awaitStatus(second.uri(), "no-answer");
            wire.settle();
            assertThat(never.arrivedCalls()).isEmpty();
        }
    }

    @Test // fact 12
    void shouldProveItselfWhenTheTargetChallenges() {
        try (Sipp target = Sipp.target("bob", "uas-challenge", port, "-d", "100")) {
            site.dials(
                    "",
                    "{\"type\":\"sip\",\"sipUri\":\"" + target.uri()
                            + "\",\"auth\":{\"user\":\"carol\",\"password\":\"right\"}}");
            try (Sipp carrier = carrier("uac-bye", "-d", "300")) {
                carrier.awaitSuccess();
                target.awaitSuccess();
            }
            List<Sipp.Traced> invites =
                    target.trace().stream().filter(m -> m.isRequest("INVITE")).toList();
            assertThat(invites).hasSize(2);
            assertThat(invites.get(1).message().callId())
                    .isEqualTo(invites.get(0).message().callId());
            assertThat(invites.get(1).message().fromTag())
                    .isEqualTo(invites.get(0).message().fromTag());
            assertThat(invites.get(1).message().cseq())
                    .isEqualTo(invites.get(0).message().cseq() + 1);
            assertThat(invites.get(1).message().header("Proxy-Authorization"))
                    .contains("username=\"carol\"", "realm=\"far.test\"", "nonce=\"5d1f2c\"", "qop=auth");
        }
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @ParameterizedTest // fact 12: the proof itself, checked by a second implementation
    @CsvSource({"right, completed, 200", "wrong, failed, 407"})
    void shouldConnectOnlyWithTheRightPasswordWhenTheTargetChallenges(String password, String told, int status) {
        try (FarEnd target = FarEnd.udp("bob", 440)) {
            target.script(Script.answering(50).challenging("carol", "right").byeAfter(100));
            site.dials(
                    "",
                    "{\"type\":\"sip\",\"sipUri\":\"" + target.uri("bob")
                            + "\",\"auth\":{\"username\":\"carol\",\"password\":\"" + password + "\"}}");
            try (Sipp carrier = carrier("uac-far-bye")) {
                carrier.awaitSuccess();
            }
            HookRequest done = site.awaitDone();
            assertThat(done.text("dial_status")).isEqualTo(told);
            assertThat(done.number("dial_sip_status")).isEqualTo(status);
        }
    }

    @Test // fact 12
    void shouldFailWith407WhenItHasNothingToProveItselfWith() {
        try (Sipp target = Sipp.target("bob", "uas-challenge-only", port)) {
            site.dials("", sipTarget(target.uri()));
            try (Sipp carrier = carrier("uac-far-bye")) {
                carrier.awaitSuccess();
                target.awaitSuccess();
            }
        }
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("failed");
        assertThat(done.number("dial_sip_status")).isEqualTo(407);
    }

    @ParameterizedTest // fact 13
    @CsvSource({"bare, 9915083084809", "plus, 99+15083084809"})
    void shouldWriteTheNumberAsTheCarrierWantsItWhenItDialsAPhone(String trunk, String user) {
        try (Sipp gateway = Sipp.target("gateway", "uas-answer", GATEWAY, "-d", "50")) {
            site.dials("", "{\"type\":\"phone\",\"number\":\"+15083084809\",\"trunk\":\"" + trunk + "\"}");
            try (Sipp carrier = carrier("uac-bye", "-d", "200")) {
                carrier.awaitSuccess();
                gateway.awaitSuccess();
            }
            SipUri uri = SipUri.of(gateway.first(m -> m.isRequest("INVITE")).message());
            assertThat(uri.user()).isEqualTo(user);
            assertThat(uri.host()).isEqualTo("127.0.0.1:" + GATEWAY);
        }
        site.awaitStatus("+15083084809", "completed");
    }

    @Test // fact 14
    void shouldRefuseTheCallerWith603WhenAllTargetsFailAndNothingIsLeft() {
        try (Sipp first = Sipp.target("first", "uas-refuse", port, "-d", "50", "status=486");
                Sipp second = Sipp.target("second", "uas-refuse", secondPort, "-d", "150", "status=404")) {
            site.dials("\"answerOnBridge\":true", sipTarget(first.uri()), sipTarget(second.uri()));
            try (Sipp carrier = carrier("uac-refused", "status=603")) {
                carrier.awaitSuccess();
            }
            first.awaitSuccess();
            second.awaitSuccess();
        }
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("failed");
        assertThat(done.number("dial_sip_status")).isEqualTo(404);
        assertThat(site.awaitStatus(NUMBER, "failed").number("sip_status")).isEqualTo(603);
    }

    @Test // fact 15
    void shouldSendNothingWhenTheUserIsNotRegistered() {
        site.dials("", "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
        try (Sipp carrier = carrier("uac-far-bye")) {
            carrier.awaitSuccess();
        }
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("failed");
        assertThat(done.number("dial_sip_status")).isEqualTo(404);
        site.awaitStatus("alice@demo.test", "failed");
        site.assertStatuses("alice@demo.test", "trying 100", "failed 404");
        wire.settle();
        assertThat(wire.count(m -> m.fromEngine() && m.isRequest("INVITE"))).isZero();
    }

    /** User and host of a Request-URI. */
    private record SipUri(String user, String host) {
        static SipUri of(SipMessage request) {
            String[] parts = request.uri().substring("sip:".length()).split("[@;]");
            return new SipUri(parts[0], parts[1]);
        }
    }
}
