package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.TapEnd;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** dial.md 4.3, media-sockets.md 1 and 2: who listens to a call, from when to when. */
class TapsTest {
    private static final long A = Script.CALLER;
    private static final long B = Script.leg(1);

    private static Script dials(String members) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\",\"number\":\"15550001\"}]," + members
                        + "},{\"verb\":\"pause\",\"length\":9}]")
                .placed();
    }

    private static Script listens(String members) {
        return dials("\"listen\":{\"url\":\"/audio\"" + members + "}").answers(1);
    }

    private static Script transcribes(String members) {
        return dials("\"transcribe\":{\"transcriptionHook\":\"/said\",\"recognizer\":{\"vendor\":\"custom:x\"" + members
                        + "}}")
                .answers(1);
    }

    private static StartTap started(Script call, int index) {
        return call.commands(StartTap.class).get(index);
    }

    private static ControlEvent ended(Script call, int index, TapEnd why) {
        return new ControlEvent.TapEnded(started(call, index).tap(), why, "because");
    }

    private static Map<String, Object> said(String text, boolean isFinal) {
        return Map.of("is_final", isFinal, "alternatives", List.of(Map.of("transcript", text)));
    }

    private static List<String> paths(Script call) {
        return call.commands(ControlCommand.CallHook.class).stream()
                .map(hook -> hook.spec().url())
                .toList();
    }

    @Test
    void shouldListenFromTheBridgeToTheEndOfTheDial() {
        Script call = dials("\"listen\":{\"url\":\"/audio\",\"metadata\":{\"foo\":\"bar\",\"from\":\"me\"}}");
        assertThat(call.commands(StartTap.class)).isEmpty();

        call.answers(1);
        TapSpec.Listener spec = (TapSpec.Listener) started(call, 0).spec();
        assertThat(started(call, 0).leg()).isEqualTo(A);
        assertThat(started(call, 0).otherLeg()).isZero();
        assertThat(spec.mix()).isEqualTo(Mix.MONO);
        assertThat(spec.sampleRate()).isEqualTo(8000);
        assertThat(spec.greeting())
                .containsEntry("sampleRate", 8000L)
                .containsEntry("mixType", "mono")
                .containsEntry("direction", "outbound")
                .containsEntry("callStatus", "in-progress")
                .containsEntry("accountSid", "acc-demo")
                .containsEntry("publicIp", "198.51.100.4")
                .containsEntry("from", "me")
                .containsEntry("foo", "bar")
                .containsKeys("callSid", "parentCallSid", "sbcCallid", "fsSipAddress", "traceId");

        assertThat(call.hangsUp(1).sent()).contains("DEAF");
        call.event(ended(call, 0, TapEnd.DONE)).expectSent("UNTAP A");
    }

    @Test
    void shouldTapBothLegsWhenBothAreHeard() {
        Script call = listens(",\"mixType\":\"stereo\",\"sampleRate\":16000");
        assertThat(call.sent()).containsSequence("TAP A", "TAP B1", "HEAR A B1");
        assertThat(call.event(ended(call, 0, TapEnd.CLOSED)).sent()).containsExactly("UNTAP A", "UNTAP B1");
    }

    @Test
    void shouldTapTheCalleeWhenTheChannelSaysSo() {
        Script call = listens(",\"channel\":2,\"passDtmf\":true");
        assertThat(call.sent()).containsSequence("TAP B1", "HEAR B1");
        assertThat(call.presses(A, "1").sent()).isEmpty();
        assertThat(call.presses(B, "2").sent()).containsExactly("TELL {event=dtmf, dtmf=2, duration=800}");
    }

    @Test
    void shouldKeepTheBridgeAndAskItsHookOnceWhenTheServerGoes() {
        Script call = listens(",\"actionHook\":\"/listened\",\"id\":\"l\"").passes(3_000);
        call.event(ended(call, 0, TapEnd.CLOSED));
        assertThat(paths(call)).endsWith("/listened");
        assertThat(call.asked().getLast())
                .containsEntry("dial_call_duration", 3L)
                .containsEntry("verb_id", "l")
                .doesNotContainKey("digits");
        call.replies("[{\"verb\":\"hangup\"}]").expectSent();

        call.hangsUp(1);
        assertThat(paths(call).stream().filter("/listened"::equals)).hasSize(1);
        assertThat(call.commands(ControlCommand.Alert.class)).isEmpty();
    }

    @Test
    void shouldTellTheOwnerAndLeaveTheCallAloneWhenTheServerCannotBeReached() {
        Script call = listens("");
        call.event(ended(call, 0, TapEnd.FAILED)).expectSent("UNTAP A");
        assertThat(call.commands(ControlCommand.Alert.class))
                .extracting("type")
                .containsExactly("webhook-connection-failure");
    }

    @Test
    void shouldEndTheListeningAtItsKeyAndTellTheKeyToo() {
        Script call = listens(",\"finishOnKey\":\"#\",\"passDtmf\":true,\"actionHook\":\"/listened\"");
        call.presses(A, "#");
        assertThat(call.sent()).containsExactly("TELL {event=dtmf, dtmf=#, duration=800}", "DEAF");
        assertThat(call.asked().getLast()).containsEntry("digits", "#");
        call.event(ended(call, 0, TapEnd.DONE));
        call.presses(A, "#").expectSent();
    }

    @Test
    void shouldTellTheHookWhoSaidWhat() {
        Script call = transcribes("");
        assertThat(call.commands(StartTap.class)).extracting(StartTap::leg).containsExactly(A, B);
        TapSpec.Recogniser spec = (TapSpec.Recogniser) started(call, 1).spec();
        assertThat(spec.start())
                .containsEntry("type", "start")
                .containsEntry("interimResults", false)
                .containsEntry("sampleRateHz", 8000L)
                .containsKey("options");

        Map<String, Object> result = said("hello", true);
        call.event(new ControlEvent.Transcribed(started(call, 1).tap(), result));
        assertThat(call.asked().getLast().get("speech"))
                .isEqualTo(Map.of(
                        "language_code",
                        "en-US",
                        "channel_tag",
                        2L,
                        "is_final",
                        true,
                        "alternatives",
                        result.get("alternatives"),
                        "vendor",
                        Map.of("name", "custom:x", "evt", result)));
    }

    @Test
    void shouldTellInterimResultsOnlyWhenAsked() {
        Script plain = transcribes("");
        plain.event(new ControlEvent.Transcribed(started(plain, 0).tap(), said("hel", false)));
        assertThat(paths(plain)).doesNotContain("/said");

        Script interim = transcribes(",\"interim\":true");
        interim.event(new ControlEvent.Transcribed(started(interim, 0).tap(), said("hel", false)));
        assertThat(paths(interim)).endsWith("/said");
    }

    @Test
    void shouldAskOneResultAtATimeAndLoseTheNewestWhenTheHookIsTooSlow() {
        Script call = transcribes("");
        long tap = started(call, 0).tap();
        for (int i = 0; i < 110; i++) {
            call.event(new ControlEvent.Transcribed(tap, said("w" + i, true)));
        }
        assertThat(paths(call).stream().filter("/said"::equals)).hasSize(1);
        assertThat(call.commands(ControlCommand.Alert.class)).hasSize(1);
        for (int i = 0; i < 101; i++) {
            call.replies("");
        }
        assertThat(paths(call).stream().filter("/said"::equals)).hasSize(101);
        assertThat(call.asked().getLast().toString()).contains("w100");
    }

    @Test // acceptance fact 13 of media-sockets.md
    void shouldTellWhatIsRecognisedBehindTheEnd() {
        Script call = transcribes(",\"hints\":[\"yes\"]");
        call.hangsUp(1);
        call.event(new ControlEvent.Transcribed(started(call, 0).tap(), said("bye", true)));
        assertThat(paths(call)).endsWith("/said");
    }

    @Test
    void shouldLimitToOneChannelAndTellTheOwnerWhenNobodyRecognises() {
        Script call = dials("\"transcribe\":{\"transcriptionHook\":\"/said\",\"channel\":2,"
                        + "\"recognizer\":{\"vendor\":\"google\"}}")
                .answers(1);
        assertThat(call.commands(StartTap.class)).extracting(StartTap::leg).containsExactly(B);
        call.event(ended(call, 0, TapEnd.FAILED)).expectSent("UNTAP B1");
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("stt-failure");
    }

    @Test
    void shouldListenToTheCallerAloneUntilTheServerGoesThenRunTheNextVerb() {
        Script call = new Script()
                .callsAndRuns("[{\"verb\":\"listen\",\"url\":\"wss://x.test/a\",\"actionHook\":\"/done\"},"
                        + "{\"verb\":\"hangup\"}]");
        assertThat(call.sent()).startsWith("ANSWER A").contains("TAP A", "HEAR A");
        call.event(ended(call, 0, TapEnd.CLOSED));
        assertThat(paths(call)).endsWith("/done");
        call.replies("").expectSent("END A 200");
    }

    @Test // rest.md 2.3
    void shouldSteerWhoListensOnlyAndSayWhenNobodyDoes() {
        Script call = listens("");
        String sid = (String) call.asked().getFirst().get("call_sid");
        call.event(new ControlEvent.UpdateCall(1, "demo", sid, new CallUpdate.Steer(false, TapMode.PAUSED)));
        assertThat(call.commands(ControlCommand.SteerTap.class))
                .containsExactly(new ControlCommand.SteerTap(started(call, 0).tap(), TapMode.PAUSED));
        call.event(new ControlEvent.UpdateCall(2, "demo", sid, new CallUpdate.Steer(true, TapMode.PAUSED)));
        assertThat(call.commands(ControlCommand.UpdateAnswered.class))
                .extracting("httpStatus")
                .containsExactly(202, 422);
    }

    @Test
    void shouldStopTheListeningWhenTheCallerHangsUp() {
        Script call = new Script().callsAndRuns("[{\"verb\":\"stream\",\"url\":\"/a\"}]");
        assertThat(call.callerHangsUp().sent()).containsExactly("DEAF");
        call.event(ended(call, 0, TapEnd.DONE));
        assertThat(call.control().pending()).isZero();
    }

    @Test
    void shouldRunTheVerbsOfATranscriptionHook() {
        Script call = new Script()
                .callsAndRuns("[{\"verb\":\"transcribe\",\"transcriptionHook\":\"/said\","
                        + "\"recognizer\":{\"vendor\":\"custom:x\"}}]");
        call.event(new ControlEvent.Transcribed(started(call, 0).tap(), said("stop", true)));
        assertThat(call.replies("[{\"verb\":\"hangup\"}]").sent()).contains("DEAF", "END A 200");
    }
}
