package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** dial.md 4.7 and rest.md 2.3: what a request does to a running call. */
class LiveUpdateTest {
    private static final HookSpec OTHER = new HookSpec("/other", "POST", null, null);

    private static Script dial(String options) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/end\"" + options
                        + ",\"target\":[{\"type\":\"phone\",\"number\":\"+1\"},"
                        + "{\"type\":\"phone\",\"number\":\"+2\"}]},"
                        + "{\"verb\":\"pause\",\"length\":1}]")
                .placed();
    }

    private static String caller(Script call) {
        return (String) call.asked().getFirst().get("call_sid");
    }

    private static Script update(Script call, String sid, CallUpdate update) {
        return call.event(new ControlEvent.UpdateCall(1, "demo", sid, update));
    }

    private static int answered(Script call) {
        return call.commands(ControlCommand.UpdateAnswered.class).getLast().httpStatus();
    }

    @Test
    void shouldRunTheOtherApplicationAndDropTheCalleeWhenACallIsRedirected() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.Redirect(OTHER, null, null));
        assertThat(answered(call)).isEqualTo(202);
        assertThat(call.asked().getLast()).containsEntry("call_sid", caller(call));

        call.replies("[{\"verb\":\"pause\",\"length\":9}]").expectSent("END B1 200", "ARM 9000");
        call.expectDialEnded("completed", 200, call.sid(1));
        assertThat(call.statuses("B1")).last().isEqualTo("completed 200");
        call.replies("[{\"verb\":\"hangup\"}]").expectSent();
    }

    @Test // dial.md section 2: application replaced while ringing
    void shouldCancelAllRingingLegsWhenACallIsRedirectedMeanwhile() {
        Script call = dial(",\"answerOnBridge\":true").rings(1).rings(2);
        update(call, caller(call), new CallUpdate.Redirect(OTHER, null, null));
        call.replies("[{\"verb\":\"sip:decline\",\"status\":486}]")
                .expectSent("END B1 487", "END B2 487", "DISARM", "END A 486");
        call.expectDialEnded("no-answer", 487, call.sid(2));
    }

    @Test
    void shouldGoOnAsBeforeWhenTheOtherHookFails() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.Redirect(OTHER, null, null));
        call.replies(new HookOutcome.Refused(500, "")).expectSent();
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("error-updating-call");
    }

    @Test
    void shouldCancelTheRingingLegAloneWhenItIsHungUp() {
        Script call = dial("").rings(1).rings(2);
        update(call, call.sid(1), new CallUpdate.HangUp()).expectSent("END B1 487");
        assertThat(call.statuses("B1")).last().isEqualTo("no-answer 487");
        call.answers(2).hangsUp(2).expectDialEnded("completed", 200, call.sid(2));
    }

    @Test // RULE of dial.md 4.7
    void shouldEndTheDialAndKeepTheCallerWhenTheConnectedCalleeIsHungUp() {
        Script call = dial("").answers(1);
        update(call, call.sid(1), new CallUpdate.HangUp()).expectSent("END B1 200");
        call.expectDialEnded("completed", 200, call.sid(1));
        call.replies("").expectSent("ARM 1000");
    }

    @Test // rest.md fact 6
    void shouldHangUpAnAnsweredCallerAndRefuseToWhenItIsNot() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.HangUp()).expectSent("END A 200", "END B1 200");

        Script ringing = dial(",\"answerOnBridge\":true");
        update(ringing, caller(ringing), new CallUpdate.HangUp()).expectSent();
        assertThat(answered(ringing)).isEqualTo(422);
        update(ringing, caller(ringing), new CallUpdate.Cancel());
        assertThat(ringing.sent()).startsWith("END A 503");
    }

    @Test // rest.md fact 8
    void shouldTellUnknownCallsFromThoseThatAreOver() {
        Script call = dial("").answers(1);
        String sid = caller(call);
        update(call, "nobody", new CallUpdate.HangUp());
        assertThat(answered(call)).isEqualTo(404);
        call.event(new ControlEvent.UpdateCall(1, "another", sid, new CallUpdate.HangUp()));
        assertThat(answered(call)).isEqualTo(404);
        call.callerHangsUp();
        update(call, sid, new CallUpdate.HangUp());
        assertThat(answered(call)).isEqualTo(422);
    }

    @Test // rest.md fact 9
    void shouldMuteTheNamedLegOnly() {
        Script call = dial("").answers(1);
        update(call, call.sid(1), new CallUpdate.Mute(true)).expectSent("GAIN B1 -128");
        update(call, call.sid(1), new CallUpdate.Loudness(6)).expectSent("GAIN B1 -128");
        update(call, call.sid(1), new CallUpdate.Mute(false)).expectSent("GAIN B1 6");
        update(call, caller(call), new CallUpdate.Mute(true)).expectSent("GAIN A -128");
    }

    @Test
    void shouldSendKeysTowardTheNamedLeg() {
        Script call = dial("").answers(1);
        update(call, call.sid(1), new CallUpdate.Keys("12", 250_000_000L)).expectSent("KEYS B1 12 250 250");
        update(call, call.sid(2), new CallUpdate.Keys("1", 250_000_000L));
        assertThat(answered(call)).isEqualTo(422);
    }

    @Test // rest.md fact 10
    void shouldWhisperToOneLegWhileTheOtherHearsSilence() {
        Script call = dial("").answers(1);
        List<?> verbs =
                (List<?>) Json.parse("[{\"verb\":\"say\",\"text\":\"psst\"},{\"verb\":\"play\",\"url\":\"/x\"}]");
        update(call, call.sid(1), new CallUpdate.Whisper(verbs)).expectSent("GAIN B1 -128", "SAY B1 psst");
        call.played(PlayResult.COMPLETED).expectSent("PLAY B1 /x");
        call.played(PlayResult.COMPLETED).expectSent("GAIN B1 0");
    }

    @Test
    void shouldTagTheNamedLeg() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.Tag(Map.of("x", 1L)));
        call.hangsUp(1);
        assertThat(call.asked().getLast()).containsEntry("customerData", Map.of("x", 1L));
    }

    @Test // rest.md 2.2
    void shouldTellOfCallsThatRunAndOfThoseThatAreOver() {
        Script call = dial("").answers(1);
        call.event(new ControlEvent.AskCalls(7, "demo", null));
        List<Map<String, Object>> calls =
                call.commands(ControlCommand.CallsTold.class).getLast().calls();
        assertThat(calls)
                .extracting("call_status")
                .containsExactlyInAnyOrder("no-answer", "in-progress", "in-progress");
        call.event(new ControlEvent.AskCalls(8, "another", null));
        assertThat(call.commands(ControlCommand.CallsTold.class).getLast().calls())
                .isEmpty();
    }

    @Test // dial.md 4.7
    void shouldSplitTheCalleeOffAndGoOnWithTheCaller() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.Redirect(null, OTHER, null));
        assertThat(call.asked().getLast()).containsEntry("call_sid", call.sid(1));

        call.replies("[{\"verb\":\"pause\",\"length\":5},{\"verb\":\"hangup\"}]")
                .expectSent("PART A", "ARM 5000")
                .expectDialEnded("completed", 200, call.sid(1));
        call.replies("").expectSent("ARM 1000");
        call.callerHangsUp();
        assertThat(call.sent()).doesNotContain("END B1 200");
        assertThat(call.statuses("B1")).last().isEqualTo("in-progress 200");
        call.hangsUp(1).expectNothingLeft();
        assertThat(call.statuses("B1")).last().isEqualTo("completed 200");
        assertThat(call.commands(ControlCommand.CallRecord.class))
                .extracting(record ->
                        record.row().get("direction") + " " + record.row().get("sip_status"))
                .containsExactlyInAnyOrder("outbound 487", "inbound 200", "outbound 200");
    }

    @Test
    void shouldGiveBothPartiesNewApplicationsWhenBothHooksAreNamed() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.Redirect(OTHER, OTHER, null));
        call.replies("[{\"verb\":\"pause\",\"length\":5}]");
        assertThat(call.asked().getLast()).containsEntry("call_sid", caller(call));
        call.replies("").expectSent();
        call.replies("[{\"verb\":\"pause\",\"length\":7}]").expectSent("ARM 7000");
    }

    @Test
    void shouldRefuseToSplitWhenNobodyIsConnected() {
        Script call = dial("").rings(1);
        update(call, caller(call), new CallUpdate.Redirect(null, OTHER, null));
        assertThat(answered(call)).isEqualTo(422);
    }

    @Test
    void shouldKeepTheCallAsItIsWhenTheCalleesHookFails() {
        Script call = dial("").answers(1);
        update(call, caller(call), new CallUpdate.Redirect(null, OTHER, null));
        call.replies(new HookOutcome.Refused(500, "")).expectSent();
        call.hangsUp(1).expectDialEnded("completed", 200, call.sid(1));
    }
}
