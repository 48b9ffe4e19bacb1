package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** dial.md section 2, row by row, and section 6: what the actionHook is told and what follows. */
class DialOutcomeTest {
    private static Script dial(int targets, String options) {
        StringBuilder json = new StringBuilder("[{\"verb\":\"dial\",\"id\":\"d1\",\"actionHook\":\"/end\"" + options)
                .append(",\"target\":[");
        for (int i = 1; i <= targets; i++) {
            json.append(i == 1 ? "" : ",")
                    .append("{\"type\":\"phone\",\"number\":\"+1500000000")
                    .append(i)
                    .append("\"}");
        }
        return new Script().callsAndRuns(json.append("]}]").toString());
    }

    private static Script ringing(int targets) {
        return dial(targets, ",\"answerOnBridge\":true");
    }

    @ParameterizedTest
    @CsvSource({
        "486,busy",
        "600,busy",
        "487,no-answer",
        "603,failed",
        "404,failed",
        "408,failed",
        "302,failed",
        "401,failed",
        "480,failed",
        "503,failed"
    })
    void shouldTellTheStatusOfTheOnlyTargetWhenItIsRejected(int sipStatus, String status) {
        Script call = ringing(1).placed().rings(1).rejects(1, sipStatus);
        call.expectDialEnded(status, sipStatus, call.sid(1));
        assertThat(call.asked().getLast().get("dial_sbc_callid")).isEqualTo(Script.callId(1));
        assertThat(call.asked().getLast().get("verb_id")).isEqualTo("d1");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "ringing 180", status + " " + sipStatus);
    }

    @Test
    void shouldFailWith408WhenTheTargetNeverAnswers() {
        Script call = ringing(1).placed().neverAnswers(1);
        call.expectDialEnded("failed", 408, call.sid(1));
    }

    @Test // fact 15
    void shouldTellTryingThen404AndSendNothingWhenTheUserIsNotRegistered() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"dial","actionHook":"/end","target":[{"type":"user","name":"bob@r"}]}]""").nowhere(404);
        assertThat(call.statuses("B1")).containsExactly("trying 100", "failed 404");
        assertThat(call.commands(ControlCommand.Dial.class)).isEmpty();
        assertThat(call.asked().getLast())
                .containsEntry("dial_status", "failed")
                .containsEntry("dial_sip_status", 404L)
                .doesNotContainKey("dial_sbc_callid");
    }

    @Test
    void shouldAlertAndFailWith603WhenThereIsNoCarrier() {
        Script call = ringing(1).nowhere(603);
        assertThat(call.statuses("B1")).containsExactly("trying 100", "failed 603");
        assertThat(call.commands(ControlCommand.Alert.class))
                .extracting(ControlCommand.Alert::type)
                .containsExactly("no-carrier");
    }

    @Test
    void shouldFailWith500AndNeverTryWhenTheLegCannotBeMade() {
        assertThat(ringing(1).nowhere(500).statuses("B1")).containsExactly("failed 500");
        Script refused = ringing(1).found("192.0.2.1:5060").dialRefused(1, 0);
        assertThat(refused.statuses("B1")).containsExactly("failed 500");
        refused.expectDialEnded("failed", 500, refused.sid(1));
    }

    @Test
    void shouldTellTheLastFailureWhenAllOfSeveralAreRejected() {
        Script call = ringing(3).placed().rejects(2, 486).rejects(3, 404).rejects(1, 603);
        call.expectDialEnded("failed", 603, call.sid(1));
    }

    @Test
    void shouldKeepAFirstNoAnswerWhenOthersFailLater() {
        Script call = ringing(3).placed().rejects(2, 487).rejects(3, 404).rejects(1, 603);
        call.expectDialEnded("no-answer", 487, call.sid(2));
    }

    @Test // dial.md 3.7
    void shouldLetOthersRingWhenOneTargetSays6xx() {
        Script call = ringing(2).placed().rings(2);
        call.rejects(1, 603).expectSent();
        call.answers(2).expectSent("DISARM", "JOIN A B2", "ANSWER A like B2");
    }

    @Test
    void shouldNameTheLastLegThatReportedWhenTheTimeoutExpires() {
        Script call = ringing(3).placed().rings(2).rings(1).rejects(3, 404);
        call.timerExpires().expectDialEnded("no-answer", 487, call.sid(3));
    }

    @Test
    void shouldTellNoAnswerOfEveryTargetWhenTheTimeoutExpiresBeforeAnythingIsFound() {
        Script call = ringing(2).timerExpires();
        assertThat(call.asked().getLast()).containsEntry("dial_status", "no-answer");
        assertThat(call.statuses("B1")).containsExactly("no-answer 487");
        assertThat(call.statuses("B2")).containsExactly("no-answer 487");
        call.found("192.0.2.1:5060").expectSent();
        call.nowhere(404).expectSent();
        call.replies("");
        call.expectNothingLeft();
    }

    @Test
    void shouldStayCompletedWhenTheCallerEndsTheBridge() {
        Script call = ringing(2).placed().answers(2).callerHangsUp();
        call.expectDialEnded("completed", 200, call.sid(2));
    }

    @Test // section 6
    void shouldReplaceEverythingLeftWhenTheHookGivesVerbs() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"dial","actionHook":"/end","target":[{"type":"phone","number":"1"}]},
                 {"verb":"pause","length":9}]""").placed().rejects(1, 486);
        call.replies("[{\"verb\":\"pause\",\"length\":2}]").expectSent("ARM 2000");
        call.timerExpires().expectSent("END A 200");
    }

    @Test // section 6
    void shouldGoOnAndAlertWhenTheHookGivesNoUsableAnswer() {
        for (HookOutcome bad : new HookOutcome[] {
            new HookOutcome.Refused(500, ""), new HookOutcome.TimedOut(10_000), new HookOutcome.Failed("refused")
        }) {
            Script call = new Script().callsAndRuns("""
                    [{"verb":"dial","actionHook":"/end","target":[{"type":"phone","number":"1"}]},
                     {"verb":"pause","length":9}]""").placed().rejects(1, 486);
            call.replies(bad).expectSent("ARM 9000");
            assertThat(call.commands(ControlCommand.Alert.class)).hasSize(1);
        }
    }

    @Test // webhooks.md 1.7
    void shouldDropTheWholeReplyWhenItHasAnInvalidVerb() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"dial","actionHook":"/end","target":[{"type":"phone","number":"1"}]},
                 {"verb":"pause","length":9}]""").placed().rejects(1, 486);
        call.replies("[{\"verb\":\"answer\"},{\"verb\":\"nonsense\"}]").expectSent("ARM 9000");
        assertThat(call.commands(ControlCommand.Alert.class).getLast().type()).isEqualTo("invalid-app-payload");
    }

    @Test // section 6: the way to relay busy
    void shouldRelayBusyWhenDeclineFollowsAndTheCallerIsUnanswered() {
        Script call = ringing(1).placed().rejects(1, 486);
        call.replies("[{\"verb\":\"sip:decline\",\"status\":486}]").expectSent("END A 486");
        assertThat(call.statuses("A")).containsExactly("trying 100", "failed 486");
        call.expectNothingLeft();
    }

    @Test // section 6
    void shouldSkipHangupAndDeclineWith603WhenTheCallerIsUnanswered() {
        Script call = ringing(1).placed().rejects(1, 486);
        call.replies("[{\"verb\":\"hangup\"}]").expectSent("END A 603");
    }

    @Test
    void shouldAskNobodyWhenTheDialHasNoHook() {
        Script call = new Script()
                .callsAndRuns("[{\"dial\":{\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]}}]")
                .placed();
        call.rejects(1, 486).expectSent("DISARM", "END A 200");
        assertThat(call.asked()).hasSize(1);
        call.expectNothingLeft();
    }

    @Test // 3.3 point 3
    void shouldNotAnswerTwiceWhenASecondDialFollows() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"answer"},
                 {"verb":"dial","answerOnBridge":true,"target":[{"type":"phone","number":"1"}]}]""").placed();
        call.rings(1).expectSent();
        call.answers(1).expectSent("DISARM", "JOIN A B1");
        assertThat(call.commands(ControlCommand.Answer.class)).hasSize(1);
    }

    @Test // 3.12, webhooks.md 3.2
    void shouldPassTheByesHeadersWhenTheTargetHangsUp() {
        Script call = ringing(1)
                .placed()
                .answers(1)
                .hangsUp(1, new Header("X-Why", "bored"), new Header("Reason", "Q.850;cause=16"));
        assertThat(call.status("B1", "completed"))
                .containsEntry("headers", Map.of("x_why", "bored"))
                .containsEntry("sip_reason_header", "Q.850;cause=16");
    }

    @Test
    void shouldGiveTheSidsOfBothWhenAChildReports() {
        Script call = ringing(1).placed().answers(1);
        assertThat(call.status("B1", "in-progress"))
                .containsEntry("parent_call_sid", call.asked().getFirst().get("call_sid"))
                .containsEntry("direction", "outbound")
                .containsEntry("to", "+15000000001")
                .containsEntry("from", "+16173331212")
                .containsEntry("caller_id", "+16173331212")
                .containsEntry("call_id", Script.callId(1))
                .doesNotContainKey("call_termination_by");
    }
}
