package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.CoreCommand;
import org.junit.jupiter.api.Test;

/** Two things at once: dial.md 3.5, 3.6, 3.8 and what rings between threads allow. */
class DialRaceTest {
    private static final String TWO = """
            [{"verb":"dial","actionHook":"/end","answerOnBridge":true,"target":[
              {"type":"phone","number":"1"},{"type":"phone","number":"2"}]}]""";

    @Test
    void shouldHoldTheEndUntilTheLegExistsWhenTheCallerIsGoneFirst() {
        Script call = new Script().callsAndRuns(TWO).found("192.0.2.1:5060").found("192.0.2.2:5060");
        call.callerCancels().expectSent("DISARM");
        call.replies("");
        call.invited(1).expectSent("END B1 487");
        call.dialRefused(2, 503).expectSent();
        call.expectNothingLeft();
        assertThat(call.statuses("B1")).containsExactly("no-answer 487");
        assertThat(call.statuses("B2")).containsExactly("no-answer 487");
    }

    @Test
    void shouldHoldTheEndOfALoserUntilItsLegExistsWhenAnotherWins() {
        Script call = new Script()
                .callsAndRuns(TWO)
                .found("192.0.2.1:5060")
                .found("192.0.2.2:5060")
                .invited(1);
        call.answers(1).expectSent("DISARM", "JOIN A B1", "ANSWER A like B1");
        call.invited(2).expectSent("END B2 487");
        call.answers(2).expectSent("END B2 487");
    }

    @Test // 3.6
    void shouldTakeTheFirstAndEndTheSecondWhenTwoAnswerInTheSameInstant() {
        Script call = new Script().callsAndRuns(TWO).placed();
        call.answers(2).expectSent("DISARM", "END B1 487", "JOIN A B2", "ANSWER A like B2");
        call.answers(1).expectSent("END B1 487");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "no-answer 487");
        assertThat(call.commands(ControlCommand.Join.class)).hasSize(1);
    }

    @Test
    void shouldIgnoreAnExpiryThatWasOnItsWayWhenATargetAnswered() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1);
        call.timerExpires().expectSent();
    }

    @Test
    void shouldIgnoreWhatALoserStillSaysWhenItWasEnded() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1);
        call.rings(2).expectSent();
        call.rejects(2, 486).expectSent();
        assertThat(call.statuses("B2")).containsExactly("trying 100", "no-answer 487");
    }

    @Test
    void shouldIgnoreAProvisionalWhenItComesBehindTheAnswer() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1);
        call.rings(1).expectSent();
        call.answers(1).expectSent();
        assertThat(call.statuses("B1")).containsExactly("trying 100", "in-progress 200");
    }

    @Test
    void shouldTellNoAnswerAndByeTheWinnerWhenTheCallersCancelCrossesOurAnswer() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1);
        call.callerCancels().expectSent("END B1 200");
        assertThat(call.statuses("A")).containsExactly("trying 100", "in-progress 200", "no-answer 487");
        call.expectDialEnded("completed", 200, call.sid(1));
    }

    @Test
    void shouldEndTheCallWhenThe200NeverGetsItsAck() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1);
        call.callerEnds(408, Cause.NO_ACK).expectSent("END B1 200");
        assertThat(call.statuses("A")).endsWith("completed 200");
        assertThat(call.status("A", "completed").get("call_termination_by")).isEqualTo("jambonz");
    }

    @Test
    void shouldEndTheCallerWith500WhenTheCoreCannotAnswerIt() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1);
        call.coreRefuses(Script.CALLER, CoreCommand.ANSWER).expectSent("END A 500", "END B1 200");
        assertThat(call.statuses("A")).endsWith("failed 500");
        call.replies("");
        call.expectNothingLeft();
    }

    @Test
    void shouldEndALegWhenNobodyKnowsIt() {
        Script call = new Script();
        call.event(new ControlEvent.Invited(Script.leg(9), 4711, "x")).expectSent("END B9 487");
        call.event(new ControlEvent.Answered(Script.leg(9), 200, "")).expectSent("END B9 487");
        call.event(new ControlEvent.Progressed(Script.leg(9), 180, "", false)).expectSent();
        call.event(new ControlEvent.TimerExpired(99)).expectSent();
        call.expectNothingLeft();
    }

    @Test
    void shouldIgnoreTheVerbsWhenTheHookAnswersAfterTheCallerHungUp() {
        Script call = new Script().callsAndRuns(TWO).placed().answers(1).hangsUp(1);
        call.callerHangsUp().expectSent();
        call.replies(TWO).expectSent();
        call.expectNothingLeft();
    }
}
