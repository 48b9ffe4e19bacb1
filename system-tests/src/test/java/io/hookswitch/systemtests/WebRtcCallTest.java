package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.browser.BrowserPhone;
import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.hook.HookReply;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A real browser as a telephone: SIP over a WebSocket, ICE, DTLS-SRTP (dial.md 3.14). */
class WebRtcCallTest {
    private static final int BROWSER_HZ = 880;
    private static final int CALLER_HZ = 440;
    private static final String ALICE = "{\"type\":\"user\",\"name\":\"alice@demo.test\"}";

    private static Site site;
    private static BrowserPhone alice;

    @BeforeAll
    static void open() {
        site = new Site(config -> config.user("alice", "secret", "main").webSocket());
        alice = new BrowserPhone(site.engine.webSocketUrl(), "alice", EngineConfig.REALM, "secret", BROWSER_HZ);
    }

    @AfterAll
    static void close() {
        alice.close();
        site.close();
    }

    @AfterEach
    void forget() {
        alice.forget();
    }

    private static void expectSecureMedia(JsonNode statistics) {
        assertThat(statistics.path("dtlsState").asString()).isEqualTo("connected");
        assertThat(statistics.path("srtpCipher").asString()).isEqualTo("SRTP_AES128_CM_HMAC_SHA1_80");
        assertThat(statistics.path("packetsReceived").asInt()).isGreaterThan(25);
        assertThat(statistics.path("packetsLost").asInt()).isZero();
    }

    @Test
    void shouldBridgeACallerWithTheBrowserThatIsDialled() {
        try (FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true", ALICE);
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            alice.answer();
            assertThat(call.awaitFinal()).isEqualTo(200);
            call.awaitTone(BROWSER_HZ);
            alice.awaitTone(CALLER_HZ);
            call.awaitPackets(200);
            // G.711 on both sides: nothing is transcoded.
            assertThat(call.media().heard().payloadTypes()).containsExactly(0);
            assertThat(call.media().heard().lost()).isZero();
            JsonNode statistics = alice.statistics();
            expectSecureMedia(statistics);
            assertThat(statistics.path("codec").asString()).isEqualTo("audio/PCMU");
            call.bye();
            alice.awaitEvent("ended remote");
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        }
    }

    @Test
    void shouldTellTheDialThatTheBrowserHungUp() {
        try (FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true", ALICE);
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            alice.answer();
            call.awaitTone(BROWSER_HZ);
            alice.hangUp();
            call.awaitEnded();
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        }
    }

    @Test
    void shouldTellTheDialThatTheBrowserRefused() {
        try (FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true", ALICE);
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            alice.awaitEvent("session remote");
            alice.hangUp();
            assertThat(site.awaitDone().number("dial_sip_status")).isEqualTo(480);
            assertThat(call.awaitFinal()).isEqualTo(603);
        }
    }

    @Test
    void shouldConnectTheBrowserThatCalls() {
        try (FarEnd bob = FarEnd.udp("bob", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true", Site.sipTarget(bob.uri("bob")));
            alice.call("sip:15083728299@demo.test");
            alice.awaitEvent("accepted");
            FarCall call = bob.awaitCall();
            call.awaitTone(BROWSER_HZ);
            alice.awaitTone(CALLER_HZ);
            call.awaitPackets(100);
            expectSecureMedia(alice.statistics());
            alice.hangUp();
            call.awaitEnded();
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        }
    }

    @Test
    void shouldHearTheKeysThatTheBrowserPresses() {
        site.forget();
        site.answers("[{\"verb\":\"gather\",\"input\":[\"digits\"],\"numDigits\":2,\"timeout\":10,"
                + "\"actionHook\":\"/keys\"}]");
        site.hooks.reply("/keys", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
        alice.call("sip:15083728299@demo.test");
        alice.awaitEvent("media connected");
        alice.press("4");
        alice.press("2");
        assertThat(site.hooks.await("/keys").text("digits")).isEqualTo("42");
        alice.awaitEvent("ended remote");
    }

    @Test // dial.md 3.15
    void shouldFailWith404WhileTheBrowserIsAwayAndRingItWhenItIsBack() {
        try (FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            alice.vanish();
            Site.await("the end of its registration", () -> contacts() == 0);
            site.dials("\"answerOnBridge\":true", ALICE);
            assertThat(caller.call(Invite.to("15083728299", site.sip())).awaitFinal())
                    .isEqualTo(603);
            assertThat(site.awaitDone().number("dial_sip_status")).isEqualTo(404);
            site.assertStatuses("alice@demo.test", "trying 100", "failed 404");

            Site.await("its return", () -> contacts() == 1);
            site.dials("\"answerOnBridge\":true", ALICE);
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            alice.answer();
            call.awaitTone(BROWSER_HZ);
            call.bye();
            alice.awaitEvent("ended remote");
        }
    }

    private static double contacts() {
        return site.engine.metrics().get("hookswitch_registered_contacts");
    }

    @Test
    void shouldGoOnWhenTheBrowserHoldsAndComesBack() {
        try (FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true", ALICE);
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            alice.answer();
            alice.awaitTone(CALLER_HZ);
            alice.hold(true);
            alice.awaitSilence();
            alice.hold(false);
            alice.awaitTone(CALLER_HZ);
            call.awaitTone(BROWSER_HZ);
            call.bye();
            alice.awaitEvent("ended remote");
        }
    }

    @Test
    void shouldHearEachOtherInOpusWhenTheDialAsksForIt() {
        try (FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true,\"codecs\":[\"OPUS\"]", ALICE);
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            alice.answer();
            call.awaitTone(BROWSER_HZ);
            alice.awaitTone(CALLER_HZ);
            call.awaitPackets(100);
            JsonNode statistics = alice.statistics();
            expectSecureMedia(statistics);
            assertThat(statistics.path("codec").asString()).isEqualTo("audio/opus");
            call.bye();
            alice.awaitEvent("ended remote");
        }
    }
}
