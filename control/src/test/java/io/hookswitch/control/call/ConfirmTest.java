package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.PlayResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** dial.md 3.9, rule by rule: a callee is asked before it is connected. */
class ConfirmTest {
    private static final String ONE = "{\"type\":\"phone\",\"number\":\"+15000000001\"}";
    private static final String TWO = "{\"type\":\"phone\",\"number\":\"+15000000002\"}";

    private static Script dial(String options, String... targets) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/end\",\"answerOnBridge\":true," + options
                        + "\"target\":[" + String.join(",", targets) + "]},{\"verb\":\"pause\",\"length\":1}]")
                .placed();
    }

    private static Script screened(String... targets) {
        return dial("\"confirmHook\":\"/confirm\",", targets);
    }

    private static String lastUrl(Script call) {
        return call.commands(ControlCommand.CallHook.class).getLast().spec().url();
    }

    @Test
    void shouldAskTheHookOfTheCalleeBeforeAnybodyIsConnected() {
        Script call = screened(ONE).rings(1).answers(1);

        call.expectSent();
        assertThat(lastUrl(call)).isEqualTo("/confirm");
        assertThat(call.asked().getLast())
                .containsEntry("call_sid", call.sid(1))
                .containsEntry("parent_call_sid", call.asked().getFirst().get("call_sid"))
                .containsEntry("direction", "outbound")
                .containsEntry("sip_status", 200L)
                .containsEntry("call_status", "in-progress");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "ringing 180", "in-progress 200");
        assertThat(call.statuses("A")).containsExactly("trying 100");
    }

    @Test // fact 8
    void shouldConnectAtOnceWhenTheHookHasNothingToSay() {
        for (String nothing : List.of("[]", "{}", "")) {
            screened(ONE).answers(1).replies(nothing).expectSent("DISARM", "JOIN A B1", "ANSWER A like B1");
        }
    }

    @Test // fact 8
    void shouldEndThatLegAndGoOnWithTheOthersWhenTheHookFails() {
        Script call = screened(ONE, TWO).answers(1).replies(new HookOutcome.Refused(500, ""));

        call.expectSent("END B1 200");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "in-progress 200", "completed 200");
        call.answers(2).replies("[]").expectSent("DISARM", "JOIN A B2", "ANSWER A like B2");
        call.hangsUp(2).expectDialEnded("completed", 200, call.sid(2));
    }

    @Test
    void shouldConnectAllTheSameWhenTheHookFailsAndTheDialSaysSo() {
        dial("\"confirmHook\":\"/confirm\",\"confirmFailure\":\"bridge\",", ONE)
                .answers(1)
                .replies(new HookOutcome.TimedOut(10_000))
                .expectSent("DISARM", "JOIN A B1", "ANSWER A like B1");
    }

    @Test
    void shouldDeclineWhenTheApplicationHasAVerbThatNoCalleeMayRun() {
        Script call = screened(ONE).answers(1).replies("[{\"verb\":\"dial\",\"target\":[" + TWO + "]}]");

        call.expectDialEnded("failed", 200, call.sid(1));
        assertThat(call.sent()).contains("END B1 200").doesNotContain("DIAL B2");
    }

    @Test // dial.md section 5
    void shouldConnectTheFirstWhoseApplicationIsThroughAndDropTheOther() {
        Script call = screened(ONE, TWO).answers(1).answers(2);
        call.replies("[{\"verb\":\"pause\",\"length\":5}]").replies("[{\"verb\":\"play\",\"url\":\"/press.wav\"}]");
        call.expectSent("PLAY B2 /press.wav");

        call.played(PlayResult.COMPLETED).expectSent("DISARM", "DISARM", "END B1 200", "JOIN A B2", "ANSWER A like B2");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "in-progress 200", "completed 200");
        call.hangsUp(2).expectDialEnded("completed", 200, call.sid(2));
    }

    @Test // fact 9: press 1 to decline
    void shouldDropTheCalleeWhenAHookInsideItsApplicationHangsUp() {
        Script call = screened(ONE)
                .answers(1)
                .replies("[{\"verb\":\"gather\",\"numDigits\":1,\"actionHook\":\"/pressed\","
                        + "\"play\":{\"url\":\"/press-one.wav\"}}]")
                .presses(Script.leg(1), "1");
        assertThat(call.asked().getLast())
                .containsEntry("digits", "1")
                .containsEntry("reason", "dtmfDetected")
                .containsEntry("call_sid", call.sid(1));

        call.replies("[{\"verb\":\"hangup\",\"headers\":{\"X-Why\":\"declined\"}}]");

        assertThat(call.commands(ControlCommand.End.class).getFirst().headers())
                .extracting("name")
                .contains("X-Why");
        call.expectDialEnded("failed", 200, call.sid(1));
        assertThat(call.commands(ControlCommand.Join.class)).isEmpty();
        assertThat(call.commands(ControlCommand.Answer.class)).isEmpty();
    }

    @Test
    void shouldDeclineWhenTheCalleeHangsUpWhileItIsAsked() {
        Script call = screened(ONE)
                .answers(1)
                .replies("[{\"verb\":\"pause\",\"length\":5}]")
                .hangsUp(1);

        call.expectDialEnded("failed", 200, call.sid(1));
        assertThat(call.statuses("B1")).last().isEqualTo("completed 200");
        assertThat(call.sent()).contains("DISARM").doesNotContain("JOIN A B1");
    }

    @Test
    void shouldDropTheCalleeWhenTheCallerHangsUpWhileItIsAsked() {
        Script call = screened(ONE).answers(1).callerCancels();

        call.expectDialEnded("no-answer", 487, call.sid(1));
        assertThat(call.sent()).contains("END B1 200");
        assertThat(call.statuses("B1")).last().isEqualTo("completed 200");
        call.replies("[]").expectSent();
        call.replies("").expectNothingLeft();
    }

    @Test
    void shouldCountADeclineAmongRejectionsByItsTime() {
        Script call = screened(ONE, TWO)
                .answers(1)
                .replies(new HookOutcome.Refused(500, ""))
                .rejects(2, 486);
        call.expectDialEnded("busy", 486, call.sid(2));
    }

    @Test // 3.8
    void shouldLetTheOneWhoIsAskedDecideWhenTheOthersHaveRungOut() {
        Script call = screened(ONE, TWO).rings(1).rings(2).answers(1).timerExpires();

        call.expectSent("END B2 487");
        assertThat(call.statuses("B2")).last().isEqualTo("no-answer 487");
        call.replies("[]").expectSent("JOIN A B1", "ANSWER A like B1");
    }

    @Test // 3.8
    void shouldEndUnansweredWhenTheOneWhoIsAskedDeclinesBehindTheTimeout() {
        Script call = screened(ONE, TWO).answers(1).timerExpires().replies(new HookOutcome.Refused(500, ""));
        call.expectDialEnded("no-answer", 487, call.sid(2));
    }

    @Test // 3.4
    void shouldPartTheCallerFromEarlyMediaWhileTheCalleeIsAsked() {
        Script call = screened(ONE).progresses(1, 183, true);
        call.expectSent("JOIN A B1", "PROGRESS A 183 like B1");

        call.answers(1).expectSent("PART A");
        call.replies("[]").expectSent("DISARM", "JOIN A B1", "ANSWER A like B1");
    }

    @Test // 1.2: a target's own hook wins, url is another name of it
    void shouldPreferTheTargetsOwnHook() {
        Script call = screened(
                "{\"type\":\"phone\",\"number\":\"+1\",\"url\":\"/own\",\"method\":\"GET\"}",
                "{\"type\":\"phone\",\"number\":\"+2\",\"url\":\"/alias\",\"confirmHook\":\"/named\"}");

        assertThat(lastUrl(call.answers(1))).isEqualTo("/own");
        assertThat(call.commands(ControlCommand.CallHook.class).getLast().spec().method())
                .isEqualTo("GET");
        assertThat(lastUrl(call.answers(2))).isEqualTo("/named");
    }

    @Test
    void shouldSendTheTargetItsKeysBeforeItIsConnected() {
        Script call = dial("", "{\"type\":\"phone\",\"number\":\"+1\",\"sendDigits\":\"w12\"}")
                .answers(1);

        call.expectSent("KEYS B1 w12 250 250");
        call.keysSent(true).expectSent("DISARM", "JOIN A B1", "ANSWER A like B1");
    }

    @Test
    void shouldTellLosersOnlyThatTheCallWasCompletedElsewhere() {
        Script call = dial("", ONE, TWO).rings(1).rings(2).answers(2);
        assertThat(call.commands(ControlCommand.End.class).getFirst().headers())
                .extracting("value")
                .containsExactly("SIP;cause=200;text=\"Call completed elsewhere\"");

        Script cancelled = dial("", ONE).rings(1).callerCancels();
        assertThat(cancelled.commands(ControlCommand.End.class).getFirst().headers())
                .isEmpty();
    }
}
