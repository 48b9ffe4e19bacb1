package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.PlayResult;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** verbs.md: what a caller hears, presses, and who is asked next. */
class VerbsTest {
    private static final long A = Script.CALLER;

    private static Script runs(String verbs) {
        return new Script().callsAndRuns("[" + verbs + "]");
    }

    private static Script gathers(String members) {
        return runs("{\"verb\":\"gather\",\"actionHook\":\"/got\"" + members + "}");
    }

    private static Map<String, Object> told(Script call) {
        return call.asked().getLast();
    }

    @Test
    void shouldAnswerAndPlayAndAskTheHookWithWhatWasHeard() {
        Script call = runs("{\"verb\":\"play\",\"id\":\"p\",\"url\":[\"/a.wav\",\"/b.mp3\"],\"loop\":\"forever\","
                + "\"actionHook\":\"/played\"}");
        call.expectSent("ANSWER A", "PLAY A /a.wav /b.mp3 for ever");

        call.played(PlayResult.COMPLETED);
        assertThat(told(call))
                .containsEntry("reason", "playCompleted")
                .containsEntry("playback_seconds", 2L)
                .containsEntry("playback_milliseconds", 2_500L)
                .containsEntry("playback_last_offset_pos", "20000")
                .containsEntry("verb_id", "p")
                .doesNotContainKey("status");
    }

    @Test // fact 2
    void shouldPlayBeforeTheAnswerWhenTheVerbSaysSo() {
        runs("{\"verb\":\"play\",\"url\":\"/a.wav\",\"earlyMedia\":true}")
                .expectSent("PROGRESS A 183 like A", "PLAY A /a.wav")
                .played(PlayResult.COMPLETED)
                .expectSent("END A 603");
    }

    @Test
    void shouldTellTheHookAndTheOwnerWhenAFileCannotBePlayed() {
        Script call = runs("{\"verb\":\"play\",\"url\":\"/a.wav\",\"actionHook\":\"/played\"}");
        call.played(PlayResult.FAILED);

        assertThat(told(call)).containsEntry("reason", "playFailed").containsEntry("status", "fail");
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("play-url-notfound");
    }

    @Test
    void shouldStopThePlayingWhenItsTimeIsUp() {
        Script call = runs("{\"verb\":\"play\",\"url\":\"/a.wav\",\"timeoutSecs\":3}");
        call.expectSent("ANSWER A", "PLAY A /a.wav", "ARM 3000");
        call.timerExpires().expectSent("STOP A");
        call.played(PlayResult.STOPPED).expectSent("END A 200");
    }

    @Test
    void shouldStopThePlayingWhenTheCallerHangsUp() {
        Script call = runs("{\"verb\":\"play\",\"url\":\"/a.wav\"},{\"verb\":\"answer\"}");
        call.callerHangsUp().expectSent("STOP A");
        call.played(PlayResult.STOPPED).expectSent().expectNothingLeft();
    }

    @Test // fact 3
    void shouldStopThePromptAtAKeyAndAskWithTheKey() {
        Script call = gathers(",\"numDigits\":1,\"play\":{\"url\":\"/menu.wav\"}");
        call.expectSent("ANSWER A", "PLAY A /menu.wav");

        call.presses(A, "5");
        assertThat(told(call)).containsEntry("digits", "5").containsEntry("reason", "dtmfDetected");
        assertThat(call.commands(ControlCommand.StopPlay.class)).hasSize(1);
    }

    @Test // fact 4
    void shouldEndAtTheFinishingKeyWhichDoesNotCount() {
        assertThat(told(gathers(",\"finishOnKey\":\"#\"").presses(A, "12#"))).containsEntry("digits", "12");
        assertThat(told(gathers(",\"finishOnKey\":\"#\"").presses(A, "#"))).containsEntry("digits", "");
    }

    @Test // fact 5
    void shouldTimeOutBehindThePromptWhenNoKeyIsPressed() {
        Script call = gathers(",\"timeout\":2,\"play\":{\"url\":\"/menu.wav\"}");
        call.played(PlayResult.COMPLETED).expectSent("ARM 2000");
        call.timerExpires();
        assertThat(told(call)).containsEntry("reason", "timeout").doesNotContainKey("digits");
    }

    @Test // fact 6
    void shouldEndAfterAPauseBetweenKeysWhenOneIsSet() {
        Script call = gathers(",\"interDigitTimeout\":1").presses(A, "12");
        call.expectSent("DISARM", "ARM 1000");
        call.timerExpires();
        assertThat(told(call)).containsEntry("digits", "12");
    }

    @Test
    void shouldGiveTheKeysThatAreInWhenTheTimeIsUp() {
        Script call = gathers(",\"numDigits\":4").presses(A, "12").timerExpires();
        assertThat(told(call)).containsEntry("digits", "12").containsEntry("reason", "dtmfDetected");

        Script few = gathers(",\"minDigits\":3").presses(A, "12").timerExpires();
        assertThat(told(few)).containsEntry("reason", "timeout");
    }

    @Test
    void shouldNotHearKeysDuringThePromptWhenToldNotTo() {
        Script call = gathers(",\"listenDuringPrompt\":false,\"numDigits\":1,\"play\":{\"url\":\"/menu.wav\"}");
        call.presses(A, "1").expectSent();
        call.played(PlayResult.COMPLETED).presses(A, "2");
        assertThat(told(call)).containsEntry("digits", "2");
    }

    @Test
    void shouldLetThePromptEndWhenKeysShallNotStopIt() {
        Script call = gathers(",\"dtmfBargein\":false,\"numDigits\":2,\"play\":{\"url\":\"/menu.wav\"}");
        call.presses(A, "1").expectSent("ARM 15000");
        call.played(PlayResult.COMPLETED).expectSent();
        call.presses(A, "2");
        assertThat(told(call)).containsEntry("digits", "12");
    }

    @Test
    void shouldGoOnWithTheNextVerbWhenAGatherHasNoHook() {
        runs("{\"verb\":\"gather\",\"numDigits\":1},{\"verb\":\"pause\",\"length\":2}")
                .presses(A, "1")
                .expectSent("DISARM", "ARM 2000");
    }

    @Test // there is no recogniser
    void shouldTellTheHookWhenOnlySpeechIsWanted() {
        Script call = gathers(",\"input\":[\"speech\"]");
        assertThat(told(call)).containsEntry("reason", "error").containsKey("details");
    }

    @Test // fact 8
    void shouldSendTheTagUntouchedInEveryLaterPayload() {
        Script call = runs("{\"verb\":\"tag\",\"data\":{\"fooBar\":{\"x\":1}}},{\"verb\":\"answer\"},"
                + "{\"verb\":\"redirect\",\"actionHook\":\"/next\"}");
        assertThat(told(call)).containsEntry("customerData", Map.of("fooBar", Map.of("x", 1L)));
        assertThat(call.status("A", "in-progress")).containsEntry("customerData", Map.of("fooBar", Map.of("x", 1L)));
    }

    @Test // fact 9
    void shouldResolveAgainstTheNewHostBehindARedirect() {
        Script call = runs("{\"verb\":\"redirect\",\"actionHook\":\"http://other:3000/a/b\"}");
        call.replies("[{\"verb\":\"play\",\"url\":\"/x.wav\",\"actionHook\":\"/x\"}]")
                .played(PlayResult.COMPLETED);

        ControlCommand.CallHook asked =
                call.commands(ControlCommand.CallHook.class).getLast();
        assertThat(asked.base()).isEqualTo("http://other:3000/a/b");
        assertThat(asked.spec().url()).isEqualTo("/x");
        assertThat(call.commands(ControlCommand.Play.class).getLast().base()).isEqualTo("http://other:3000/a/b");
    }

    @Test
    void shouldEndTheCallWhenARedirectGivesNothing() {
        runs("{\"verb\":\"answer\"},{\"verb\":\"redirect\",\"actionHook\":\"/n\"},{\"verb\":\"pause\",\"length\":1}")
                .replies(new HookOutcome.Refused(500, ""))
                .expectSent("END A 200");
    }

    @Test
    void shouldSendStatusesToTheNewHookBehindARedirect() {
        Script call = runs("{\"verb\":\"redirect\",\"actionHook\":\"/n\",\"statusHook\":\"/s2\"}")
                .replies("[{\"verb\":\"answer\"},{\"verb\":\"pause\",\"length\":1}]");
        assertThat(call.commands(ControlCommand.NotifyStatus.class)
                        .getLast()
                        .spec()
                        .url())
                .isEqualTo("/s2");
    }

    @Test
    void shouldSpeakAndGoOnWithTheNextVerb() {
        runs("{\"verb\":\"say\",\"text\":[\"hello\",\"you\"]},{\"verb\":\"pause\",\"length\":1}")
                .expectSent("ANSWER A", "SAY A hello you")
                .played(PlayResult.COMPLETED)
                .expectSent("ARM 1000");
    }

    @Test
    void shouldSkipWordsAndTellTheOwnerWhenNobodyCanSpeak() {
        Script call = runs("{\"verb\":\"say\",\"text\":\"hello\"},{\"verb\":\"pause\",\"length\":1}")
                .played(PlayResult.FAILED)
                .expectSent("ARM 1000");
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("no-tts");
    }

    @Test
    void shouldStopSpeakingWhenAKeyIsPressedDuringThePrompt() {
        Script call = gathers(",\"numDigits\":2,\"say\":{\"text\":\"press\"}");
        call.expectSent("ANSWER A", "SAY A press");
        call.presses(A, "1").expectSent("STOP A", "ARM 15000");
    }

    @Test // ours: what counts when a hook fails
    void shouldRunTheFallbackVerbsWhenAHookFails() {
        gathers(",\"numDigits\":1").expectSent("ANSWER A", "ARM 15000");
        Script call = runs("{\"verb\":\"gather\",\"numDigits\":1,\"actionHook\":{\"url\":\"/got\","
                + "\"fallback\":[{\"verb\":\"pause\",\"length\":7}]}}");
        call.presses(A, "1").replies(new HookOutcome.Refused(500, "")).expectSent("ARM 7000");
    }

    @Test // ours
    void shouldAskTheFallbackHookWhenTheDeadlineIsOver() {
        Script call = runs("{\"verb\":\"gather\",\"numDigits\":1,\"actionHook\":{\"url\":\"/slow\",\"deadline\":2,"
                + "\"fallback\":\"/other\"}}");
        call.presses(A, "1").expectSent("DISARM", "ARM 2000");

        call.timerExpires();
        assertThat(call.commands(ControlCommand.CallHook.class).getLast().spec().url())
                .isEqualTo("/other");
        call.replies("[{\"verb\":\"pause\",\"length\":9}]").expectSent();
        call.replies("[{\"verb\":\"pause\",\"length\":3}]").expectSent("ARM 3000");
    }

    @Test
    void shouldSpeakWithTheVoiceThatConfigNamedUntilItIsReset() {
        Script call = runs("{\"verb\":\"config\",\"synthesizer\":{\"vendor\":\"v\",\"language\":\"de-DE\"}},"
                        + "{\"verb\":\"say\",\"text\":\"a\"},"
                        + "{\"verb\":\"say\",\"text\":\"b\",\"synthesizer\":{\"vendor\":\"w\",\"voice\":\"x\"}},"
                        + "{\"verb\":\"config\",\"reset\":[\"synthesizer\"]},{\"verb\":\"say\",\"text\":\"c\"}")
                .played(PlayResult.COMPLETED)
                .played(PlayResult.COMPLETED)
                .played(PlayResult.COMPLETED);
        assertThat(call.commands(ControlCommand.Speak.class))
                .extracting(ControlCommand.Speak::voice)
                .containsExactly(
                        new ControlCommand.Voice("v", "de-DE", null), new ControlCommand.Voice("w", null, "x"), null);
    }

    @Test
    void shouldRingTheCallerWithTheMessageAndTellTheOwnerWhenTheApplicationAlerts() {
        Script call = runs("{\"verb\":\"alert\",\"message\":\"bell:3\"},{\"verb\":\"pause\",\"length\":1}");
        call.expectSent("PROGRESS A 180", "ARM 1000");
        assertThat(call.commands(ControlCommand.Progress.class).getFirst().headers())
                .containsExactly(new Header("Alert-Info", "bell:3"));
        assertThat(call.commands(ControlCommand.Alert.class))
                .extracting("message")
                .containsExactly("bell:3");
    }
}
