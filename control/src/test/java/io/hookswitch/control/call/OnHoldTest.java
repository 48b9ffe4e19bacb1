package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.PlayResult;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hold of one of two connected far ends: dial.md 4.5, seen from control. */
class OnHoldTest {
    private static final String PLAY = "[{\"verb\":\"play\",\"url\":\"wait.wav\"}]";

    private static Script bridged(String before, String options) {
        return new Script()
                .callsAndRuns("[" + before + "{\"verb\":\"dial\",\"actionHook\":\"/end\"" + options
                        + ",\"target\":[{\"type\":\"phone\",\"number\":\"+1\"}]},{\"verb\":\"pause\",\"length\":1}]")
                .placed()
                .answers(1);
    }

    private static Script hooked() {
        return bridged("", ",\"onHoldHook\":\"/hold\"");
    }

    private static Script holds(Script call, long leg, boolean holds) {
        return call.event(new ControlEvent.Held(leg, holds));
    }

    @Test
    void shouldPlayToTheOtherOneAgainAndAgainUntilTheHoldIsOver() {
        Script call = holds(hooked(), Script.leg(1), true);
        assertThat(call.asked().getLast())
                .containsEntry("call_sid", call.asked().getFirst().get("call_sid"))
                .containsEntry("hold_detail", Map.of("from", "+1", "to", "+16173331212"));
        call.replies(PLAY).expectSent("PLAY A wait.wav");
        call.passes(2_500).played(PlayResult.COMPLETED).expectSent();
        assertThat(call.commands(ControlCommand.CallHook.class)).hasSize(3);
        call.replies(PLAY).expectSent("PLAY A wait.wav");
        holds(call, Script.leg(1), false).expectSent("STOP A");
        call.played(PlayResult.STOPPED).expectSent();
        call.callerHangsUp().replies("").expectNothingLeft();
    }

    @Test
    void shouldPlayToTheCalleeWhenTheCallerHolds() {
        Script call = holds(hooked(), Script.CALLER, true);
        assertThat(call.asked().getLast())
                .containsEntry("hold_detail", Map.of("from", "+16173331212", "to", Script.TO));
        call.replies(PLAY).expectSent("PLAY B1 wait.wav");
        call.callerHangsUp();
        assertThat(call.sent()).contains("STOP B1", "END B1 200");
        call.replies("").played(PlayResult.STOPPED).expectNothingLeft();
    }

    @Test
    void shouldNotAskMoreThanOnceASecondWhenTheHookHasNothingThatLasts() {
        Script call = holds(hooked(), Script.leg(1), true);
        call.replies("[{\"verb\":\"play\",\"url\":\"none.wav\"}]").played(PlayResult.FAILED);
        assertThat(call.sent()).contains("ARM 1000");
        call.timerExpires().replies("[]").expectSent();
        holds(call, Script.leg(1), false).expectSent();
        call.hangsUp(1).replies("").timerExpires();
        call.expectNothingLeft();
    }

    @Test
    void shouldLeaveSilenceAndSayWhyWhenTheHookGivesAnythingElse() {
        Script call = holds(hooked(), Script.leg(1), true);
        call.replies("[{\"verb\":\"hangup\"}]").expectSent();
        assertThat(call.commands(ControlCommand.Alert.class).getLast().message())
                .contains("only play, say and pause");
        call.callerHangsUp().replies("").expectNothingLeft();
    }

    @Test
    void shouldIgnoreTheHooksAnswerWhenTheHoldIsOver() {
        Script call = holds(holds(hooked(), Script.leg(1), true), Script.leg(1), false);
        call.replies(PLAY).expectSent();
        call.callerHangsUp().replies("").expectNothingLeft();
    }

    @Test
    void shouldPlayMusicForEverWhenTheApplicationHasNamedSome() {
        String config = "{\"verb\":\"config\",\"onHoldMusic\":\"music.mp3\"},";
        Script call = holds(bridged(config, ""), Script.leg(1), true).expectSent("PLAY A music.mp3 for ever");
        holds(call, Script.leg(1), false).expectSent("STOP A");
        call.played(PlayResult.STOPPED);
        holds(call, Script.CALLER, true).expectSent("PLAY B1 music.mp3 for ever");
        call.hangsUp(1);
        assertThat(call.sent()).contains("STOP B1");
        call.played(PlayResult.STOPPED).replies("").timerExpires().expectNothingLeft();
    }

    @Test
    void shouldDoNothingWhenNobodyIsConnectedOrNothingIsNamed() {
        holds(bridged("", ""), Script.leg(1), true).expectSent();
        Script ringing = new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"onHoldHook\":\"/hold\","
                        + "\"target\":[{\"type\":\"phone\",\"number\":\"+1\"}]}]")
                .placed();
        holds(ringing, Script.CALLER, true).expectSent();
    }
}
