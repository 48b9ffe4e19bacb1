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
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** dial.md 3.9 and 4.1 on the wire: callees that are asked before they are connected, keys that are heard. */
class ScreeningTest {
    private static final String PRESS_ONE =
            "[{\"verb\":\"gather\",\"numDigits\":1,\"timeout\":8,\"actionHook\":\"/pressed\"}]";
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660).script(Script.answering(0));
    private final FarEnd carol = FarEnd.udp("carol", 880).script(Script.answering(0));

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

    private void prepare(String options, FarEnd... targets) {
        site.dials(
                options,
                List.of(targets).stream()
                        .map(target -> sipTarget(target.uri(target.name())))
                        .toArray(String[]::new));
    }

    private FarCall call() {
        return caller.call(Invite.to("100", site.sip()));
    }

    /** Every callee is asked; {@code confirm} is what the confirmHook answers. */
    private FarCall screened(HookReply confirm, FarEnd... targets) {
        prepare("\"answerOnBridge\":true,\"confirmHook\":\"/confirm\"", targets);
        site.hooks.reply("/confirm", confirm);
        return call();
    }

    /** One of several confirm requests: the callee's. */
    private static HookRequest asked(FarEnd callee) {
        return site.hooks.await("/confirm", request -> request.text("to").equals(callee.uri(callee.name())));
    }

    @Test // fact 8
    void shouldConnectAtOnceWhenTheConfirmHookHasNothingToSay() {
        FarCall a = screened(HookReply.NOTHING, bob);
        FarCall b = bob.awaitCall();
        a.awaitConnected();
        a.awaitTone(bob.toneHz());
        b.awaitTone(caller.toneHz());
        a.bye();

        assertThat(asked(bob).text("parent_call_sid"))
                .isEqualTo(site.hooks.await("/call").text("call_sid"));
        assertThat(asked(bob).text("call_status")).isEqualTo("in-progress");
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test // fact 8
    void shouldHangUpOnThatOneAndGoOnWithTheOtherWhenTheConfirmHookFails() {
        carol.script(Script.answering(700));
        prepare("\"answerOnBridge\":true,\"confirmHook\":\"/confirm\"", bob, carol);
        site.hooks.reply("/confirm", HookReply.status(500));
        site.hooks.reply("/confirm", HookReply.NOTHING);
        FarCall a = call();
        FarCall b = bob.awaitCall();
        b.awaitReceived("BYE");
        assertThat(a.isConnected()).isFalse();

        a.awaitConnected();
        a.awaitTone(carol.toneHz());
        a.bye();
        assertThat(site.awaitDone().text("dial_call_sid"))
                .isEqualTo(asked(carol).text("call_sid"));
        site.assertStatuses(bob.uri("bob"), "trying 100", "ringing 180", "in-progress 200", "completed 200");
        assertThat(b.media().heard().packets()).isZero();
    }

    @Test // 3.8: the timer is for those who ring; who is asked takes its time
    void shouldCancelTheOneThatRingsAtTheTimeoutAndWaitForTheOneThatIsAsked() {
        carol.script(Script.ringing());
        prepare("\"answerOnBridge\":true,\"timeout\":1,\"confirmHook\":\"/confirm\"", bob, carol);
        site.hooks.reply("/confirm", HookReply.verbs(PRESS_ONE));
        site.hooks.reply("/pressed", HookReply.NOTHING);
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        FarCall c = carol.awaitCall();
        asked(bob);
        c.awaitReceived("CANCEL");
        assertThat(site.awaitStatus(carol.uri("carol"), "no-answer").number("sip_status"))
                .isEqualTo(487);
        assertThat(b.isConnected()).isTrue();
        assertThat(a.isConnected()).isFalse();
        b.media().press("1");
        a.awaitConnected();
        a.awaitTone(bob.toneHz());
        a.bye();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test // 3.8: nobody is left when it declines behind the timeout
    void shouldTellOfTheOneThatDeclinedBehindTheTimeout() {
        carol.script(Script.ringing());
        prepare("\"answerOnBridge\":true,\"timeout\":1,\"confirmHook\":\"/confirm\"", bob, carol);
        site.hooks.reply("/confirm", HookReply.verbs(PRESS_ONE));
        site.hooks.reply("/pressed", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        carol.awaitCall().awaitReceived("CANCEL");
        b.media().press("1");
        b.awaitReceived("BYE");
        assertThat(a.awaitFinal()).isEqualTo(603);
        // Section 2: a first no-answer stays.
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("no-answer");
    }

    @Test // fact 9: press 1 to decline
    void shouldDropTheCalleeAndNeverConnectTheCallerWhenAPressedKeyDeclines() {
        prepare("\"answerOnBridge\":true,\"confirmHook\":\"/confirm\"", bob);
        site.hooks.reply("/confirm", HookReply.verbs(PRESS_ONE));
        site.hooks.reply("/pressed", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        asked(bob);
        pressUntilHeard(b, "1");

        b.awaitReceived("BYE");
        assertThat(a.awaitFinal()).isEqualTo(603);
        assertThat(site.hooks.await("/pressed").text("digits")).isEqualTo("1");
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("failed");
        assertThat(done.number("dial_sip_status")).isEqualTo(200);
        assertThat(done.text("dial_call_sid")).isEqualTo(asked(bob).text("call_sid"));
    }

    @Test
    void shouldConnectTheCalleeWhoPressedAKeyAndDropTheOneWhoDidNot() {
        FarCall a = screened(HookReply.verbs(PRESS_ONE), bob, carol);
        FarCall b = bob.awaitCall().awaitConnected();
        FarCall c = carol.awaitCall().awaitConnected();
        asked(bob);
        asked(carol);
        assertThat(a.isConnected()).isFalse();
        pressUntilHeard(c, "1");

        a.awaitConnected();
        a.awaitTone(carol.toneHz());
        c.awaitTone(caller.toneHz());
        b.awaitReceived("BYE");
        assertThat(b.media().heard().packets()).isZero();
        a.bye();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test // 3.9 rule 8
    void shouldHangUpOnTheCalleeWhenTheCallerGoesWhileItIsAsked() {
        FarCall a = screened(HookReply.verbs(PRESS_ONE), bob);
        FarCall b = bob.awaitCall().awaitConnected();
        asked(bob);
        a.cancel();

        b.awaitReceived("BYE");
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("no-answer");
        assertThat(done.number("dial_sip_status")).isEqualTo(487);
        site.awaitStatus(bob.uri("bob"), "completed");
    }

    @Test // 3.9 rule 7
    void shouldDeclineWhenTheCalleeHangsUpWhileItIsAsked() {
        FarCall a = screened(HookReply.verbs(PRESS_ONE), bob);
        bob.awaitCall().awaitConnected().bye();

        assertThat(a.awaitFinal()).isEqualTo(603);
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("failed");
    }

    @Test // 3.4
    void shouldLetTheCallerHearEarlyMediaButNotTheScreening() {
        bob.script(Script.answering(600).ring(183, 0).earlyMedia(183));
        FarCall a = screened(HookReply.verbs("[{\"verb\":\"pause\",\"length\":1}]"), bob);
        a.awaitStatus(183);
        a.awaitTone(bob.toneHz());
        FarCall b = bob.awaitCall().awaitConnected();
        asked(bob);
        Child.pause(100);
        long heard = a.media().heard().packets();
        Child.pause(300);
        assertThat(a.media().heard().packets())
                .as("heard while the callee is asked")
                .isEqualTo(heard);

        a.awaitConnected();
        a.awaitPackets(heard + 20);
        b.awaitTone(caller.toneHz());
        assertThat(a.media().heard().sources()).isOne();
        a.bye();
    }

    @Test // ours: sendDigits
    void shouldSendTheTargetItsKeysBeforeItIsConnected() {
        site.dials(
                "\"answerOnBridge\":true",
                "{\"type\":\"sip\",\"sipUri\":\"" + bob.uri("bob") + "\",\"sendDigits\":\"42\"}");
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        b.awaitKeys("42");
        a.awaitConnected();
        b.awaitTone(caller.toneHz());
        a.bye();
    }

    @Test // fact 10
    void shouldTellTheHookWhichSequenceTheCalleePressed() {
        prepare("\"dtmfCapture\":[\"*2\",\"*3\"],\"dtmfHook\":{\"url\":\"/keys\",\"method\":\"GET\"}", bob);
        FarCall a = call();
        FarCall b = bob.awaitCall();
        a.awaitTone(bob.toneHz());
        b.awaitTone(caller.toneHz());
        b.media().press("*2");

        HookRequest keys = site.hooks.await("/keys", request -> true);
        assertThat(keys.method()).isEqualTo("GET");
        assertThat(keys.query()).contains("dtmf=*2").contains("parent_call_sid=");
        String callee = site.awaitStatus(bob.uri("bob"), "in-progress").text("call_sid");
        assertThat(keys.query()).contains("call_sid=" + callee);
        assertThat(keys.signature()).isEqualTo("good");
        a.awaitKeys("*2");

        b.media().press("*");
        a.awaitKeys("*2*");
        Child.pause(3_150);
        b.media().press("2");
        a.awaitKeys("*2*2");
        Child.pause(300);
        assertThat(site.hooks.record("/keys")).hasSize(1);
        a.bye();
    }

    @Test // fact 11: the caller stays, and the next verb is heard
    void shouldHangUpOnTheCalleeAtTheTimeLimitAndGoOnWithTheCaller() {
        site.forget();
        site.answers("[{\"verb\":\"dial\",\"timeLimit\":3,\"actionHook\":\"" + site.done() + "\",\"target\":["
                + sipTarget(bob.uri("bob")) + "]},{\"verb\":\"dtmf\",\"dtmf\":\"7\"}]");
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        long bridgedNs = System.nanoTime();
        long byeNs = b.awaitReceived("BYE").timeNs();
        assertThat((byeNs - bridgedNs) / 1e9).isBetween(2.8, 3.5);
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        a.awaitKeys("7");
        a.awaitReceived("BYE");
    }

    /** A gather hears keys from the moment it runs: its request was answered a moment before. */
    private static void pressUntilHeard(FarCall callee, String key) {
        Child.pause(200);
        callee.media().press(key);
    }

    @Test // dial.md section 2: a decline counts as failed 200, the last leg to fail decides
    void shouldTellTheLastOfThemWhenOneDeclinedAndTheOtherRefused() {
        carol.script(Script.rejecting(486));
        prepare("\"answerOnBridge\":true,\"confirmHook\":\"/confirm\"", bob, carol);
        site.hooks.reply("/confirm", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
        FarCall a = call();
        bob.awaitCall().awaitConnected().awaitReceived("BYE");
        assertThat(a.awaitFinal()).isEqualTo(603);
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status") + done.number("dial_sip_status")).isIn("failed200", "busy486");
        site.awaitStatus(carol.uri("carol"), "busy");
        site.awaitStatus(bob.uri("bob"), "completed");
        assertThat(site.statuses(bob.uri("bob"))).contains("in-progress 200");
        assertThat(done.text("dial_call_sid"))
                .isEqualTo(site.awaitStatus(
                                done.text("dial_status").equals("busy") ? carol.uri("carol") : bob.uri("bob"),
                                done.text("dial_status").equals("busy") ? "busy" : "completed")
                        .text("call_sid"));
    }
}
