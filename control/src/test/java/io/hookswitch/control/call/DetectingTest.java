package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.AnswerSign;
import io.hookswitch.control.ControlEvent.TapEnd;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** dial.md 4.4: what is told of who has answered, when, and what the hook's answer does. */
class DetectingTest {
    private static final long B = Script.leg(1);
    private static final String AMD = "\"amd\":{\"actionHook\":\"/amd\"}";

    private static Script dials() {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/done\",\"target\":[{\"type\":\"phone\","
                        + "\"number\":\"15550001\"}]," + AMD + "},{\"verb\":\"pause\",\"length\":9}]")
                .placed();
    }

    private static Script bridged() {
        return dials().answers(1);
    }

    private static StartTap tap(Script call) {
        return call.commands(StartTap.class).getFirst();
    }

    private static Script hears(Script call, AnswerSign sign) {
        return call.event(new ControlEvent.AnswerHeard(tap(call).tap(), sign, 3));
    }

    /** The newest timer that was armed for so long expires. */
    private static Script expires(Script call, long ms) {
        ControlCommand.ArmTimer timer = call.commands(ControlCommand.ArmTimer.class).stream()
                .filter(armed -> armed.delayNs() == ms * 1_000_000)
                .toList()
                .getLast();
        return call.passes(ms).event(new ControlEvent.TimerExpired(timer.timer()));
    }

    private static List<Object> told(Script call) {
        List<ControlCommand.CallHook> hooks = call.commands(ControlCommand.CallHook.class);
        return hooks.stream()
                .filter(hook -> hook.spec().url().equals("/amd"))
                .map(hook -> hook.payload().get("type"))
                .toList();
    }

    private static Map<String, Object> lastTold(Script call) {
        return call.commands(ControlCommand.CallHook.class).stream()
                .filter(hook -> hook.spec().url().equals("/amd"))
                .toList()
                .getLast()
                .payload();
    }

    @Test
    void shouldListenToTheWinnerFromTheBridgeAndTellOfAPersonOnce() {
        assertThat(dials().commands(StartTap.class)).isEmpty();
        Script call = bridged();
        assertThat(tap(call).leg()).isEqualTo(B);
        assertThat(tap(call).spec()).isEqualTo(new TapSpec.AnswerDetector(9, 2_000));
        assertThat(call.sent()).containsSequence("TAP B1", "HEAR B1", "ARM 5000", "ARM 15000");

        assertThat(hears(call, AnswerSign.SPEECH).sent()).containsExactly("DISARM");
        assertThat(hears(call, AnswerSign.PERSON).sent()).containsExactly("DISARM", "DEAF");
        assertThat(lastTold(call))
                .containsEntry("type", "amd_human_detected")
                .containsEntry("reason", "short greeting")
                .containsEntry("direction", "inbound")
                .containsEntry("call_status", "in-progress");
        call.replies("");
        call.event(new ControlEvent.TapEnded(tap(call).tap(), TapEnd.DONE, "")).expectSent("UNTAP B1");
        call.hangsUp(1);
        assertThat(told(call)).containsExactly("amd_human_detected");
    }

    @Test
    void shouldTellOfAMachineThenThatItStoppedThenOfItsBeep() {
        Script call = bridged();
        hears(call, AnswerSign.SPEECH);
        assertThat(hears(call, AnswerSign.MACHINE).sent()).contains("ARM 20000");
        assertThat(lastTold(call)).containsEntry("reason", "long greeting");
        call.replies("");
        hears(call, AnswerSign.STOPPED_SPEAKING);
        call.replies("");
        assertThat(hears(call, AnswerSign.BEEP).sent()).contains("DISARM", "DEAF");
        assertThat(told(call))
                .containsExactly("amd_machine_detected", "amd_machine_stopped_speaking", "amd_tone_detected");
    }

    @Test
    void shouldTakeABeepBeforeAnyWordForAMachine() {
        Script call = bridged();
        hears(call, AnswerSign.BEEP);
        assertThat(lastTold(call)).containsEntry("type", "amd_machine_detected").containsEntry("reason", "tone");
        call.replies("");
        assertThat(told(call)).containsExactly("amd_machine_detected", "amd_tone_detected");
    }

    @Test
    void shouldTellOneAtATimeAndInOrderWhenTheHookIsSlow() {
        Script call = bridged();
        hears(call, AnswerSign.MACHINE);
        hears(call, AnswerSign.STOPPED_SPEAKING);
        hears(call, AnswerSign.BEEP);
        assertThat(told(call)).containsExactly("amd_machine_detected");
        call.replies("").replies("").replies("");
        assertThat(told(call))
                .containsExactly("amd_machine_detected", "amd_machine_stopped_speaking", "amd_tone_detected");
    }

    @Test
    void shouldTellThatNobodySpoke() {
        Script call = expires(bridged(), 5_000);
        assertThat(told(call)).containsExactly("amd_no_speech_detected");
        assertThat(call.sent()).contains("DISARM", "DEAF");
        call.replies("");
        hears(call, AnswerSign.MACHINE).expectSent();
        assertThat(told(call)).hasSize(1);
    }

    @Test
    void shouldTellThatItCouldNotDecideWhenSomebodySpokeOnly() {
        Script call = bridged();
        hears(call, AnswerSign.SPEECH);
        expires(call, 15_000);
        assertThat(told(call)).containsExactly("amd_decision_timeout");
        assertThat(call.sent()).contains("DEAF");
    }

    @Test
    void shouldTellThatNoToneCameBehindTheMachine() {
        Script call = bridged();
        hears(call, AnswerSign.MACHINE);
        call.replies("");
        expires(call, 20_000);
        assertThat(told(call)).containsExactly("amd_machine_detected", "amd_tone_timeout");
        assertThat(call.sent()).contains("DEAF");
    }

    @Test
    void shouldTellOfAnErrorWhenTheAudioIsNotUnderstood() {
        Script call = bridged();
        call.event(new ControlEvent.TapEnded(tap(call).tap(), TapEnd.FAILED, "strange codec"));
        assertThat(lastTold(call)).containsEntry("type", "amd_error").containsEntry("reason", "strange codec");
    }

    @Test
    void shouldTellThatItWasStoppedWhenTheCallEndsFirst() {
        Script call = bridged().hangsUp(1);
        assertThat(told(call)).containsExactly("amd_stopped");
        assertThat(call.sent()).contains("DEAF");
    }

    @Test
    void shouldReplaceTheApplicationAndDropTheCalleeWhenTheHookGivesVerbs() {
        Script call = bridged();
        hears(call, AnswerSign.MACHINE);
        call.replies("[{\"verb\":\"play\",\"url\":\"/sorry.wav\"}]");
        assertThat(call.sent()).contains("END B1 200", "PLAY A /sorry.wav", "DEAF");
        assertThat(told(call)).containsExactly("amd_machine_detected");
    }

    @Test
    void shouldIgnoreVerbsThatComeBehindTheEndOfTheDial() {
        Script call = bridged();
        hears(call, AnswerSign.PERSON);
        call.hangsUp(1).replies("[{\"verb\":\"hangup\"}]").expectSent();
    }

    @Test
    void shouldTellTheOwnerAndGoOnWhenTheHookFails() {
        Script call = bridged();
        hears(call, AnswerSign.PERSON);
        call.replies(new ControlEvent.HookOutcome.Refused(500, ""));
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("webhook-failure");
        assertThat(call.sent()).isEmpty();
    }

    @Test // verbs.md, config
    void shouldAnswerAndListenToTheCallerWhenAConfigSaysSoAndGoOnBesides() {
        Script call =
                new Script().callsAndRuns("[{\"verb\":\"config\"," + AMD + "},{\"verb\":\"pause\",\"length\":60}]");
        assertThat(call.sent()).startsWith("ANSWER A").contains("TAP A", "HEAR A", "ARM 60000");
        hears(call, AnswerSign.MACHINE);
        call.replies("[{\"verb\":\"pause\",\"length\":30}]");
        assertThat(call.sent()).contains("ARM 30000").doesNotContain("DEAF");
        hears(call, AnswerSign.STOPPED_SPEAKING);
        call.replies("[{\"verb\":\"hangup\"}]");
        assertThat(call.sent()).contains("END A 200", "DEAF");
        assertThat(told(call)).containsExactly("amd_machine_detected", "amd_machine_stopped_speaking", "amd_stopped");
        call.replies("");
        call.event(new ControlEvent.TapEnded(tap(call).tap(), TapEnd.DONE, ""));
        assertThat(call.control().pending()).isZero();
    }

    @Test // rest.md 2.3
    void shouldStopWhenARequestRedirectsTheCallAndNotBeSteered() {
        Script call = bridged();
        String sid = (String) call.asked().getFirst().get("call_sid");
        call.event(new ControlEvent.UpdateCall(
                1, "demo", sid, new CallUpdate.Steer(false, ControlCommand.TapMode.PAUSED)));
        assertThat(call.commands(ControlCommand.SteerTap.class)).isEmpty();
        call.event(new ControlEvent.UpdateCall(
                2, "demo", sid, new CallUpdate.Redirect(new HookSpec("/other", "POST", null, null), null, null)));
        call.replies("[{\"verb\":\"hangup\"}]");
        assertThat(told(call)).containsExactly("amd_stopped");
    }
}
