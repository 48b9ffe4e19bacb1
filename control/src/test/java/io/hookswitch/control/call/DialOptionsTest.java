package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.PlayResult;
import org.junit.jupiter.api.Test;

/** Options of a dial that say what is heard, watched for, and who rings when. */
class DialOptionsTest {
    private static final long A = Script.CALLER;
    private static final long B = Script.leg(1);

    private static String phone(int n, String members) {
        return "{\"type\":\"phone\",\"number\":\"+1500000000" + n + "\"" + members + "}";
    }

    private static Script dial(String options, String... targets) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/end\"" + options + ",\"target\":["
                        + String.join(",", targets) + "]},{\"verb\":\"pause\",\"length\":1}]");
    }

    private static Script bridged(String options) {
        return dial(options, phone(1, "")).placed().answers(1);
    }

    private static Script captures(String capture) {
        return bridged(",\"dtmfHook\":{\"url\":\"/keys\",\"method\":\"GET\"},\"dtmfCapture\":" + capture);
    }

    private static long captured(Script call) {
        return call.asked().stream()
                .filter(payload -> payload.containsKey("dtmf"))
                .count();
    }

    @Test // 4.1, fact 10
    void shouldTellTheHookWhoPressedWhatWhenASequenceIsComplete() {
        Script call = captures("[\"*2\",\"*3\"]").presses(B, "*2");
        assertThat(call.asked().getLast())
                .containsEntry("dtmf", "*2")
                .containsEntry("call_sid", call.sid(1))
                .containsKey("parent_call_sid");

        call.presses(A, "*3");
        assertThat(call.asked().getLast()).containsEntry("dtmf", "*3").doesNotContainKey("parent_call_sid");
    }

    @Test // fact 10
    void shouldTellNothingWhenTheKeysAreThreeSecondsApart() {
        assertThat(captured(captures("[\"*2\"]").presses(B, "*").passes(3_000).presses(B, "2")))
                .isZero();
        assertThat(captured(captures("[\"*2\"]").presses(B, "*").passes(2_999).presses(B, "2")))
                .isOne();
    }

    @Test // 4.1
    void shouldTellTheFirstSequenceInTheDocumentsOrder() {
        assertThat(captures("[\"*2\",\"2\"]").presses(B, "*2").asked().getLast())
                .containsEntry("dtmf", "*2");
        assertThat(captures("[\"2\"]").presses(B, "12").asked().getLast()).containsEntry("dtmf", "2");
        assertThat(captured(captures("[\"2\"]").presses(B, "1D2"))).isOne();
    }

    @Test // 4.1: each leg has its own keys, and in the two-sided form its own sequences
    void shouldWatchEachLegForItself() {
        assertThat(captured(captures("[\"12\"]").presses(A, "1").presses(B, "2")))
                .isZero();
        Script call = captures("{\"childCall\":[\"1\"],\"parentCall\":[\"2\"]}");
        assertThat(captured(call.presses(A, "1").presses(B, "2"))).isZero();
        assertThat(captured(call.presses(A, "2").presses(B, "1"))).isEqualTo(2);
    }

    @Test // 4.1
    void shouldWatchOnlyWhileBridged() {
        Script call = dial(",\"dtmfHook\":\"/keys\",\"dtmfCapture\":[\"1\"]", phone(1, ""))
                .placed()
                .presses(A, "1")
                .answers(1)
                .hangsUp(1)
                .presses(A, "1");
        assertThat(captured(call)).isZero();
    }

    @Test // 4.1: the answer means nothing
    void shouldIgnoreWhatTheKeysHookAnswers() {
        Script call = captures("[\"1\"]").presses(B, "1");
        call.replies("[{\"verb\":\"hangup\"}]").expectSent();
        call.presses(B, "1").replies(new HookOutcome.Refused(500, "")).expectSent();
    }

    @Test // 4.2
    void shouldPlayMusicBeforeTheInvitesAndStopItAtTheBridge() {
        Script call = dial(",\"answerOnBridge\":true,\"dialMusic\":\"http://x/m.mp3\"", phone(1, ""), phone(2, ""));
        call.expectSent("PROGRESS A 183 like A", "PLAY A http://x/m.mp3 for ever", "ARM 60000");
        call.placed().rings(1).expectSent();

        call.answers(1).expectSent("DISARM", "END B2 487", "STOP A", "JOIN A B1", "ANSWER A like B1");
    }

    @Test // 4.2: no early media with music
    void shouldNotPassEarlyMediaBesideMusic() {
        Script call =
                dial(",\"dialMusic\":\"http://x/m.mp3\"", phone(1, "")).placed().progresses(1, 183, true);
        call.expectSent();
    }

    @Test // 4.2
    void shouldGoOnInSilenceWhenTheMusicCannotBePlayed() {
        Script call = dial(",\"dialMusic\":\"http://x/m.mp3\"", phone(1, "")).placed();
        call.played(PlayResult.FAILED).expectSent();
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("play-url-notfound");
        call.answers(1).expectSent("DISARM", "JOIN A B1");
    }

    @Test // 4.2
    void shouldStopTheMusicWhenTheDialEnds() {
        Script call =
                dial(",\"dialMusic\":\"http://x/m.mp3\"", phone(1, "")).placed().rejects(1, 486);
        call.expectSent("DISARM", "STOP A");
    }

    @Test
    void shouldRingOneAfterTheOtherWhenSequential() {
        Script call = dial(",\"strategy\":\"sequential\"", phone(1, ""), phone(2, ",\"timeout\":3"), phone(3, ""))
                .placed();
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(1);

        call.rejects(1, 486).expectSent("DISARM", "ARM 3000");
        call.placed().rings(2).timerExpires().expectSent("END B2 487");
        call.placed().answers(3).hangsUp(3).expectDialEnded("completed", 200, call.sid(3));
        assertThat(call.statuses("B2")).last().isEqualTo("no-answer 487");
    }

    @Test
    void shouldRingGroupAfterGroup() {
        Script call = dial("", phone(1, ",\"group\":2"), phone(2, ",\"group\":1"), phone(3, ",\"group\":1"))
                .placed();
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(2);
        call.rejects(1, 486).rejects(2, 404).placed();
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(3);
        call.rejects(3, 480).expectDialEnded("failed", 480, call.sid(3));
    }

    @Test
    void shouldRingTheNextLaterAndGoOnRingingTheFirstWhenStaggered() {
        Script call = dial(",\"strategy\":\"staggered\"", phone(1, ""), phone(2, ""), phone(3, ",\"delay\":2"));
        call.expectSent("ANSWER A", "ARM 60000", "ARM 5000", "ARM 7000");
        call.placed().rejects(1, 486).placed();
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(2);

        call.timerExpires().placed();
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(3);
        call.answers(3);
        assertThat(call.statuses("B2")).last().isEqualTo("no-answer 487");
    }

    @Test
    void shouldEndTheWholeDialWhenOneTargetSaysWhatIsFinal() {
        Script call = dial(",\"finalOn\":[\"6xx\",486]", phone(1, ""), phone(2, ""))
                .placed()
                .rings(2)
                .rejects(1, 603);
        call.expectDialEnded("failed", 603, call.sid(1));
        assertThat(call.statuses("B2")).last().isEqualTo("no-answer 487");
    }

    @Test
    void shouldHideTheCallerFromAllButTheCarrierWhenItsIdentityIsRestricted() {
        Script call = dial(
                        ",\"callerIdPresentation\":\"restricted\"",
                        phone(1, ""),
                        "{\"type\":\"sip\",\"sipUri\":\"sip:x@h\"}")
                .placed();

        for (int b = 1; b <= 2; b++) {
            assertThat(call.dial(b).fromUser()).isEqualTo("anonymous");
            assertThat(call.dial(b).fromHost()).isEqualTo("anonymous.invalid");
            assertThat(call.dial(b).fromDisplay()).isEqualTo("Anonymous");
            assertThat(Script.header(call.dial(b), "Privacy")).isEqualTo("id");
        }
        assertThat(Script.header(call.dial(1), "P-Asserted-Identity")).contains("+16173331212");
        assertThat(Script.header(call.dial(2), "P-Asserted-Identity")).isNull();
    }

    @Test
    void shouldMakeTheCalleeLouderForTheCallerWhenTheDialSaysSo() {
        dial(",\"boostAudioSignal\":\"6 dB\"", phone(1, ""))
                .placed()
                .answers(1)
                .expectSent("DISARM", "JOIN A B1", "GAIN B1 6");
    }
}
