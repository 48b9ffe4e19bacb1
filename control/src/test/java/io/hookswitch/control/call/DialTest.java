package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Life of a dial: dial.md sections 3.2, 3.3, 3.5, 3.6, 3.8, 3.10, 3.12 and 8, seen from control. */
class DialTest {
    private static final String ONE = """
            [{"verb":"dial","actionHook":"/end","target":[{"type":"phone","number":"+15083084809"}]}]""";
    private static final String ONE_RINGING = """
            [{"verb":"dial","actionHook":"/end","answerOnBridge":true,
              "target":[{"type":"phone","number":"+15083084809"}]}]""";
    private static final String THREE_RINGING = """
            [{"verb":"dial","actionHook":"/end","answerOnBridge":true,"timeout":20,"target":[
              {"type":"phone","number":"+15083084809"},
              {"type":"sip","sipUri":"sip:x@192.0.2.2"},
              {"type":"user","name":"alice@demo.test"}]}]""";

    @Test // dial.md 3.2 and fact 1
    void shouldAnswerTheCallerBeforeTheFirstInviteWhenNotAnswerOnBridge() {
        Script call = new Script().callsAndRuns(ONE);
        call.expectSent("ANSWER A", "ARM 60000");
        call.found("192.0.2.1:5060").expectSent("DIAL B1 udp:192.0.2.1:5060");
        call.invited(1).rings(1).expectSent();
        call.answers(1).expectSent("DISARM", "JOIN A B1");
        assertThat(call.statuses())
                .containsExactly(
                        "A trying 100", "A in-progress 200", "B1 trying 100", "B1 ringing 180", "B1 in-progress 200");
    }

    @Test // dial.md 3.3 and fact 2
    void shouldAnswerTheCallerOnlyWhenTheTargetAnswersAndAnswerOnBridge() {
        Script call = new Script().callsAndRuns(ONE_RINGING).placed();
        call.rings(1).expectSent("PROGRESS A 180");
        call.rings(1).expectSent();
        call.answers(1).expectSent("DISARM", "JOIN A B1", "ANSWER A like B1");
        assertThat(call.statuses())
                .containsExactly(
                        "A trying 100", "B1 trying 100", "B1 ringing 180", "B1 in-progress 200", "A in-progress 200");
    }

    @Test // dial.md 3.5 and fact 3
    void shouldCancelBothOthersAtOnceWhenTheSecondOfThreeAnswers() {
        Script call = new Script().callsAndRuns(THREE_RINGING).placed();
        call.rings(1).rings(2).rings(3);
        call.answers(2).expectSent("DISARM", "END B1 487", "END B3 487", "JOIN A B2", "ANSWER A like B2");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "ringing 180", "no-answer 487");
        assertThat(call.statuses("B3")).containsExactly("trying 100", "ringing 180", "no-answer 487");
        call.hangsUp(2).expectDialEnded("completed", 200, call.sid(2));
        assertThat(call.asked()).hasSize(2);
        call.replies("").expectSent("END A 200");
        call.expectNothingLeft();
    }

    @ParameterizedTest // dial.md 1.3: both words mean keys in SDP, and sip targets only
    @ValueSource(strings = {"sdes", "dtls"})
    void shouldAskForSrtpTowardSipTargetsOnlyWhenTheDialSaysSo(String encryption) {
        String dial = THREE_RINGING.replace("\"timeout\"", "\"srtpEncryption\":\"" + encryption + "\",\"timeout\"");
        Script call = new Script().callsAndRuns(dial).placed();
        assertThat(call.dial(1).srtp()).as("phone").isEqualTo(ControlCommand.Srtp.NONE);
        assertThat(call.dial(2).srtp()).as("sip").isEqualTo(ControlCommand.Srtp.SDES);
        assertThat(call.dial(3).srtp()).as("user").isEqualTo(ControlCommand.Srtp.NONE);
        assertThat(new Script().callsAndRuns(THREE_RINGING).placed().dial(2).srtp())
                .isEqualTo(ControlCommand.Srtp.NONE);
    }

    @Test // dial.md 3.6 and fact 4
    void shouldEndTheSecondAnswerAndNeverJoinItWhenItCrossesTheCancel() {
        Script call = new Script().callsAndRuns(THREE_RINGING).placed().rings(1).answers(1);
        call.answers(2).expectSent("END B2 487");
        assertThat(call.statuses("B2")).containsExactly("trying 100", "no-answer 487");
    }

    @Test // dial.md 3.8 and fact 5
    void shouldCancelAllAndSayNoAnswerWhenTheTimeoutExpires() {
        Script call = new Script().callsAndRuns(THREE_RINGING).placed().rings(3);
        call.timerExpires().expectSent("END B1 487", "END B2 487", "END B3 487");
        call.expectDialEnded("no-answer", 487, call.sid(3));
        assertThat(call.statuses("B1")).endsWith("no-answer 487");
        call.replies("").expectSent("END A 603");
        assertThat(call.statuses("A")).containsExactly("trying 100", "failed 603");
        call.expectNothingLeft();
    }

    @Test // dial.md 3.8 and fact 7
    void shouldCancelAllAndStillAskTheHookWhenTheCallerCancels() {
        Script call = new Script().callsAndRuns(THREE_RINGING).placed().rings(1);
        call.callerCancels().expectSent("END B1 487", "END B2 487", "END B3 487", "DISARM");
        call.expectDialEnded("no-answer", 487, call.sid(1));
        assertThat(call.asked().getLast().get("call_status")).isEqualTo("no-answer");
        assertThat(call.asked().getLast().get("call_termination_by")).isEqualTo("caller");
        assertThat(call.statuses("A")).containsExactly("trying 100", "no-answer 487");
        call.replies(ONE).expectSent();
        call.expectNothingLeft();
    }

    @Test // dial.md 3.12
    void shouldKeepTheCallerAndGoOnWhenTheTargetHangsUp() {
        Script call = new Script().callsAndRuns(ONE).placed().answers(1).passes(3_700);
        call.hangsUp(1).expectSent();
        assertThat(call.status("B1", "completed").get("duration")).isEqualTo(3L);
        assertThat(call.status("B1", "completed").get("call_termination_by")).isEqualTo("caller");
        call.replies("[{\"verb\":\"pause\",\"length\":1}]").expectSent("ARM 1000");
        call.timerExpires().expectSent("END A 200");
        call.expectNothingLeft();
    }

    @Test // dial.md 3.12
    void shouldByeTheTargetAndIgnoreTheReplyWhenTheCallerHangsUp() {
        Script call = new Script().callsAndRuns(ONE).placed().answers(1).passes(2_000);
        call.callerHangsUp().expectSent("END B1 200");
        assertThat(call.statuses()).endsWith("A completed 200", "B1 completed 200");
        assertThat(call.status("A", "completed").get("duration")).isEqualTo(2L);
        call.expectDialEnded("completed", 200, call.sid(1));
        assertThat(call.asked().getLast().get("call_status")).isEqualTo("completed");
        call.replies(ONE).expectSent();
        call.expectNothingLeft();
    }

    @Test // dial.md 3.10 and fact 11
    void shouldByeTheTargetAndKeepTheCallerWhenTheTimeLimitExpires() {
        Script call = new Script().callsAndRuns("""
                        [{"dial":{"timeLimit":3,"target":[{"type":"phone","number":"1"}]}},
                         {"pause":{"length":5}}]""").placed().rings(1);
        call.answers(1).expectSent("DISARM", "JOIN A B1", "ARM 3000");
        call.timerExpires().expectSent("END B1 200", "ARM 5000");
        assertThat(call.status("B1", "completed").get("duration")).isEqualTo(3L);
        assertThat(call.status("B1", "completed").get("call_termination_by")).isEqualTo("jambonz");
    }

    @Test // dial.md fact 14
    void shouldDeclineTheCallerWhenAllTargetsFailAndNoVerbIsLeft() {
        Script call = new Script().callsAndRuns(ONE_RINGING).placed().rejects(1, 486);
        call.expectDialEnded("busy", 486, call.sid(1));
        call.replies("[]").expectSent("END A 603");
        assertThat(call.statuses("A")).containsExactly("trying 100", "failed 603");
        call.expectNothingLeft();
    }
}
