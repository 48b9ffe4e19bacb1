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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** dial.md 4.7 and rest.md 2 on the wire: requests about calls that run. */
class LiveCallTest {
    private static final int ROUNDS = Integer.getInteger("hookswitch.races", 15);
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660).script(Script.answering(0));
    private FarCall a;
    private FarCall b;

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
    }

    private void ring(String more) {
        site.forget();
        site.hooks.reply("/other", HookReply.verbs("[{\"verb\":\"sip:decline\",\"status\":486}]"));
        site.answers("[{\"verb\":\"dial\",\"answerOnBridge\":true,\"actionHook\":\"" + site.done() + "\",\"target\":["
                + sipTarget(bob.uri("bob")) + "]}" + more + "]");
        a = caller.call(Invite.to("100", site.sip()));
        b = bob.awaitCall();
    }

    private void bridge(String more) {
        ring(more);
        a.awaitConnected();
        a.awaitTone(bob.toneHz());
        b.awaitTone(caller.toneHz());
    }

    private String callee() {
        return site.awaitStatus(bob.uri("bob"), "trying").text("call_sid");
    }

    private static String callerSid() {
        return site.hooks.await("/call").text("call_sid");
    }

    @Test // dial.md section 2: application replaced while ringing; again and again
    void shouldCancelEveryLegAndRunTheOtherApplicationWhenACallIsRedirectedWhileItRings() {
        bob.script(Script.ringing());
        for (int round = 0; round < ROUNDS; round++) {
            ring("");
            a.awaitStatus(180);
            site.update(callerSid(), "{\"call_hook\":\"/other\"}");
            assertThat(a.awaitFinal()).isEqualTo(486);
            b.awaitReceived("CANCEL");
            HookRequest done = site.awaitDone();
            assertThat(done.text("dial_status")).isEqualTo("no-answer");
            assertThat(done.number("dial_sip_status")).isEqualTo(487);
            site.awaitStatus(bob.uri("bob"), "no-answer");
            site.assertStatuses(bob.uri("bob"), "trying 100", "ringing 180", "no-answer 487");
        }
    }

    @Test // RULE of dial.md 4.7
    void shouldKeepTheCallerWhenTheConnectedCalleeIsHungUp() {
        bridge(",{\"verb\":\"dtmf\",\"dtmf\":\"7\"}");
        site.update(callee(), "{\"call_status\":\"completed\"}");
        b.awaitReceived("BYE");
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        a.awaitKeys("7");
        a.awaitReceived("BYE");
    }

    @Test // RULE of dial.md 4.7
    void shouldCancelTheRingingLegWhenItsSidIsCompleted() {
        bob.script(Script.ringing());
        ring("");
        a.awaitStatus(180);
        site.update(callee(), "{\"call_status\":\"completed\"}");
        b.awaitReceived("CANCEL");
        assertThat(a.awaitFinal()).isEqualTo(603);
    }

    @Test // rest.md facts 6 and 8
    void shouldHangUpAnAnsweredCallAndKnowThatItIsOver() {
        bridge("");
        String sid = callerSid();
        assertThat(site.rest("GET", "/" + sid, "").body()).contains("\"call_status\":\"in-progress\"");
        assertThat(site.rest("GET", "", "").body()).contains(sid).contains(callee());
        site.update(sid, "{\"call_status\":\"completed\"}");
        a.awaitReceived("BYE");
        b.awaitReceived("BYE");
        site.awaitStatus("100", "completed");
        assertThat(site.rest("PUT", "/" + sid, "{\"call_status\":\"completed\"}")
                        .status())
                .isEqualTo(422);
        assertThat(site.rest("GET", "/" + sid, "").body()).contains("\"call_status\":\"completed\"");
        assertThat(site.rest("PUT", "/nobody", "{\"call_status\":\"completed\"}")
                        .status())
                .isEqualTo(404);
    }

    @Test // rest.md fact 9
    void shouldSilenceTheMutedLegForTheOtherOnly() {
        bridge("");
        site.update(callee(), "{\"mute_status\":\"mute\"}");
        Site.await("bob's silence", () -> !a.media().hears(bob.toneHz()));
        b.awaitTone(caller.toneHz());
        site.update(callee(), "{\"mute_status\":\"unmute\"}");
        a.awaitTone(bob.toneHz());
        assertThat(a.media().heard().sources()).isOne();
        assertThat(a.media().heard().timestampFaults()).isZero();
        a.bye();
    }

    @Test // rest.md fact 10
    void shouldLetOneLegHearAWhisperAndBridgeItAgain() {
        bridge("");
        site.update(callerSid(), "{\"whisper\":{\"verb\":\"say\",\"text\":\"one two three four\"}}");
        Site.await("the whisper", () -> !a.media().hears(bob.toneHz()));
        Site.await("silence at the other side", () -> !b.media().hears(caller.toneHz()));
        a.awaitTone(bob.toneHz());
        b.awaitTone(caller.toneHz());
        a.bye();
    }

    @Test
    void shouldSendKeysTowardTheNamedLeg() {
        bridge("");
        site.update(callee(), "{\"dtmf\":{\"digit\":\"42\"}}");
        b.awaitKeys("42");
        a.bye();
    }

    @Test // dial.md 4.7
    void shouldGiveTheCalleeAnApplicationOfItsOwnAndGoOnWithTheCaller() {
        bridge(",{\"verb\":\"dtmf\",\"dtmf\":\"7\"},{\"verb\":\"pause\",\"length\":5}");
        site.hooks.reply("/child", HookReply.verbs("[{\"verb\":\"dtmf\",\"dtmf\":\"3\"},{\"verb\":\"hangup\"}]"));
        site.update(callerSid(), "{\"child_call_hook\":\"/child\"}");
        a.awaitKeys("7");
        b.awaitKeys("3");
        assertThat(site.hooks.await("/child").text("call_sid")).isEqualTo(callee());
        b.awaitReceived("BYE");
        site.awaitStatus(bob.uri("bob"), "completed");
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        assertThat(a.isConnected()).isTrue();
        long heard = a.media().heard().packets();
        Child.pause(200);
        assertThat(a.media().heard().packets()).as("heard of nobody").isEqualTo(heard);
        a.bye();
    }

    @Test // dial.md 4.7: both parties get new applications
    void shouldGiveBothPartiesApplicationsOfTheirOwnWhenBothHooksAreNamed() {
        bridge(",{\"verb\":\"pause\",\"length\":5}");
        site.hooks.reply("/next", HookReply.verbs("[{\"verb\":\"dtmf\",\"dtmf\":\"8\"},{\"verb\":\"hangup\"}]"));
        site.hooks.reply("/child", HookReply.verbs("[{\"verb\":\"dtmf\",\"dtmf\":\"4\"},{\"verb\":\"hangup\"}]"));
        site.update(callerSid(), "{\"call_hook\":\"/next\",\"child_call_hook\":\"/child\"}");
        a.awaitKeys("8");
        b.awaitKeys("4");
        a.awaitReceived("BYE");
        b.awaitReceived("BYE");
        assertThat(site.hooks.await("/next").text("call_sid")).isEqualTo(callerSid());
        assertThat(site.hooks.await("/child").text("call_sid")).isEqualTo(callee());
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }
}
