package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.Track;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.verb.Verb;
import java.util.List;
import org.junit.jupiter.api.Test;

/** verbs.md, {@code dub}: what a leg hears beside those it is connected to. */
class DubTest {
    private static final String MUSIC =
            "{\"action\":\"addTrack\",\"track\":\"music\",\"play\":\"/m.mp3\",\"loop\":true,\"gain\":-6}";

    private static Script dial(String dub) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"dub\":[" + dub
                        + "],\"target\":[{\"type\":\"phone\",\"number\":\"+1\"}]},"
                        + "{\"verb\":\"pause\",\"length\":1}]")
                .placed();
    }

    private static Script update(Script call, String sid, Verb.DubAction action, String track, String play) {
        Verb.Dub dub = new Verb.Dub("", action, track, play, null, false, 0);
        return call.event(new ControlEvent.UpdateCall(1, "demo", sid, new CallUpdate.Dub(dub)));
    }

    private static ControlCommand.UpdateAnswered answered(Script call) {
        return call.commands(ControlCommand.UpdateAnswered.class).getLast();
    }

    @Test
    void shouldMixTheTrackIntoWhatTheCalleeHearsOnceBothAreJoined() {
        Script call = dial(MUSIC);
        assertThat(call.commands(ControlCommand.Play.class)).isEmpty();
        call.answers(1);
        assertThat(call.sent()).containsSubsequence("JOIN A B1", "PLAY B1 /m.mp3 for ever");
        assertThat(call.commands(ControlCommand.Play.class).getFirst().track()).isEqualTo(new Track(1, -6));
    }

    @Test
    void shouldSpeakOnTheSecondTrackAndLeaveOutTheThird() {
        Script call = dial(MUSIC + ",{\"action\":\"addTrack\",\"track\":\"words\",\"say\":\"hello\"},"
                        + "{\"action\":\"addTrack\",\"track\":\"more\",\"play\":\"/x.wav\"}")
                .answers(1);
        assertThat(call.commands(ControlCommand.Speak.class).getFirst().track()).isEqualTo(new Track(2, 0));
        assertThat(call.commands(ControlCommand.Speak.class).getFirst().texts()).isEqualTo(List.of("hello"));
        assertThat(call.commands(ControlCommand.Play.class)).hasSize(1);
        assertThat(call.commands(ControlCommand.Explain.class))
                .extracting(ControlCommand.Explain::text)
                .contains("dub skipped: the leg has 2 tracks already");
    }

    @Test
    void shouldChangeTracksWhenARequestSaysSo() {
        Script call = dial(MUSIC).answers(1);
        update(call, call.sid(1), Verb.DubAction.PLAY, "music", "/other.wav")
                .expectSent("STOP B1", "PLAY B1 /other.wav");
        assertThat(answered(call).httpStatus()).isEqualTo(202);
        update(call, call.sid(1), Verb.DubAction.SILENCE, "music", null).expectSent("STOP B1");
        update(call, call.sid(1), Verb.DubAction.SILENCE, "music", null).expectSent();
        update(call, call.sid(1), Verb.DubAction.REMOVE, "music", null).expectSent();
        update(call, call.sid(1), Verb.DubAction.PLAY, "music", "/a.wav").expectSent();
        assertThat(answered(call).httpStatus()).isEqualTo(422);
        assertThat(answered(call).text()).isEqualTo("the leg has no such track");
        update(call, call.sid(1), Verb.DubAction.ADD, "again", "/a.wav").expectSent("PLAY B1 /a.wav");
        assertThat(call.commands(ControlCommand.Play.class).getLast().track()).isEqualTo(new Track(1, 0));
    }

    @Test
    void shouldTellTheAccountWhenAFileCannotBePlayedAndGoOn() {
        Script call = dial(MUSIC).answers(1).played(PlayResult.FAILED);
        assertThat(call.commands(ControlCommand.Alert.class)).extracting("type").containsExactly("play-url-notfound");
        update(call, call.sid(1), Verb.DubAction.SILENCE, "music", null).expectSent();
    }

    @Test
    void shouldGoOnAtOnceWhenItIsAVerbOfItsOwn() {
        Script call = new Script().callsAndRuns("[{\"dub\":" + MUSIC + "},{\"verb\":\"pause\",\"length\":1}]");
        assertThat(call.sent()).containsExactly("ANSWER A", "PLAY A /m.mp3 for ever", "ARM 1000");
        assertThat(call.commands(ControlCommand.Play.class).getFirst().track()).isEqualTo(new Track(1, -6));
    }
}
