package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.FollowTap;
import io.hookswitch.control.ControlCommand.Participant;
import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.SteerTap;
import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlCommand.UpdateAnswered;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.control.verb.Verb;
import java.util.List;
import org.junit.jupiter.api.Test;

/** rest.md 2.3 and verbs.md config: a recording from its start to its end, whoever is connected meanwhile. */
class CallRecordingTest {
    private static final RecordingServer SERVER = new RecordingServer("sip:srs@192.0.2.9", null, null);
    private static final String DIAL =
            "{\"verb\":\"dial\",\"target\":[{\"type\":\"sip\"," + "\"sipUri\":\"sip:bob@192.0.2.1;transport=tcp\"}]}";
    private static final String RECORD = "{\"verb\":\"config\",\"record\":{\"action\":\"startCallRecording\","
            + "\"siprecServerURL\":\"sip:srs@192.0.2.9\",\"recordingID\":\"r-1\",\"headers\":{\"X-A\":\"b\"}}}";

    private int requests;

    private Script asks(Script call, String sid, Verb.RecordingAction action) {
        Verb.Recording change = new Verb.Recording(action, List.of(SERVER), null, List.of());
        return call.event(new ControlEvent.UpdateCall(++requests, "demo", sid, new CallUpdate.Recording(change)));
    }

    private static String sid(Script call) {
        return (String) call.asked().getFirst().get("call_sid");
    }

    private static int answered(Script call) {
        return call.commands(UpdateAnswered.class).getLast().httpStatus();
    }

    private static StartTap started(Script call) {
        return call.commands(StartTap.class).getLast();
    }

    private static Script bridged() {
        return new Script().callsAndRuns("[" + DIAL + "," + DIAL + "]").placed().answers(1);
    }

    @Test
    void shouldRecordBothPartiesOfABridgedDialWhenARequestSaysSo() {
        Script call = asks(bridged(), "nobody", Verb.RecordingAction.START);
        assertThat(answered(call)).isEqualTo(404);
        asks(call, sid(call), Verb.RecordingAction.START).expectSent("TAP A", "TAP B1", "HEAR A B1");
        assertThat(answered(call)).isEqualTo(202);
        TapSpec.Recorder spec = (TapSpec.Recorder) started(call).spec();
        assertThat(spec.servers()).containsExactly(SERVER);
        assertThat(spec.participant()).isEqualTo(new Participant(sid(call), "sip:+16173331212@far.example", "Jane"));
        assertThat(spec.other()).isEqualTo(new Participant(call.sid(1), "sip:bob@192.0.2.1", ""));
        assertThat(spec.told())
                .containsEntry("call_sid", sid(call))
                .containsEntry("account_sid", "acc-demo")
                .containsEntry("application_sid", "app-1")
                .doesNotContainKey("recording_id");
    }

    @Test
    void shouldRecordTheCallOfAConnectedCalleesSid() {
        Script call = bridged();
        asks(call, call.sid(1), Verb.RecordingAction.START).expectSent("TAP A", "TAP B1", "HEAR A B1");
        assertThat(asks(call, sid(call), Verb.RecordingAction.START).sent()).isEmpty();
        assertThat(answered(call)).isEqualTo(422);
    }

    @Test // verbs.md config: needs media
    void shouldAnswerTheCallerAndFollowWhomItIsConnectedToWhenAConfigStartsIt() {
        Script call = new Script().callsAndRuns("[" + RECORD + "," + DIAL + "," + DIAL + "]");
        assertThat(call.sent()).startsWith("ANSWER A", "TAP A", "HEAR A");
        TapSpec.Recorder spec = (TapSpec.Recorder) started(call).spec();
        assertThat(spec.other()).isNull();
        assertThat(spec.headers()).containsExactly(new Header("X-A", "b"));
        assertThat(spec.told()).containsEntry("recording_id", "r-1");

        assertThat(call.placed().answers(1).sent()).containsSubsequence("JOIN A B1", "TAP B1", "FOLLOW B1");
        assertThat(call.commands(FollowTap.class).getLast().other())
                .isEqualTo(new Participant(call.sid(1), "sip:bob@192.0.2.1", ""));
        assertThat(call.hangsUp(1).sent()).containsSubsequence("FOLLOW nobody", "UNTAP B1");
        assertThat(call.placed().answers(2).sent()).containsSubsequence("TAP B2", "FOLLOW B2");
        assertThat(call.commands(StartTap.class)).hasSize(1);

        assertThat(call.callerHangsUp().sent()).contains("DEAF");
        call.event(new ControlEvent.TapEnded(started(call).tap(), TapEnd.DONE, ""));
        call.expectSent("UNTAP A", "UNTAP B2").expectNothingLeft();
    }

    @Test
    void shouldPauseResumeAndStopOnceEachAndSayWhenItCannot() {
        Script call = bridged();
        String sid = sid(call);
        asks(call, sid, Verb.RecordingAction.PAUSE);
        asks(call, sid, Verb.RecordingAction.STOP);
        asks(call, sid, Verb.RecordingAction.START);
        asks(call, sid, Verb.RecordingAction.RESUME);
        asks(call, sid, Verb.RecordingAction.PAUSE);
        asks(call, sid, Verb.RecordingAction.PAUSE);
        asks(call, sid, Verb.RecordingAction.RESUME);
        long tap = started(call).tap();
        assertThat(call.commands(SteerTap.class))
                .containsExactly(new SteerTap(tap, TapMode.PAUSED), new SteerTap(tap, TapMode.LIVE));
        asks(call, sid, Verb.RecordingAction.STOP).expectSent("DEAF");
        assertThat(call.commands(UpdateAnswered.class))
                .extracting("httpStatus")
                .containsExactly(422, 422, 202, 422, 202, 422, 202, 202);
        // The next one does not wait for the end of the last.
        asks(call, sid, Verb.RecordingAction.START).expectSent("TAP A", "TAP B1", "HEAR A B1");
        call.event(new ControlEvent.TapEnded(tap, TapEnd.DONE, "")).expectSent("UNTAP A", "UNTAP B1");
        asks(call, sid, Verb.RecordingAction.STOP).expectSent("DEAF");
    }

    @Test
    void shouldTellTheOwnerAndLeaveTheCallAloneWhenNoServerRecords() {
        Script call = asks(bridged(), "", Verb.RecordingAction.START);
        asks(call, sid(call), Verb.RecordingAction.START);
        call.event(new ControlEvent.TapEnded(started(call).tap(), TapEnd.FAILED, "503"))
                .expectSent("UNTAP A", "UNTAP B1");
        assertThat(call.commands(ControlCommand.Alert.class))
                .extracting("type", "message")
                .containsExactly(org.assertj.core.groups.Tuple.tuple("webhook-connection-failure", "record: 503"));
        asks(call, sid(call), Verb.RecordingAction.START);
        assertThat(answered(call)).isEqualTo(202);
    }

    @Test // listen_status is for those who listen
    void shouldNotBeSteeredAsAListenerIs() {
        Script call = bridged();
        asks(call, sid(call), Verb.RecordingAction.START);
        call.event(new ControlEvent.UpdateCall(9, "demo", sid(call), new CallUpdate.Steer(false, TapMode.PAUSED)));
        assertThat(answered(call)).isEqualTo(422);
        assertThat(call.commands(SteerTap.class)).isEmpty();
    }

    @Test
    void shouldSayThatAnUnansweredCallCannotBeRecorded() {
        Script call = new Script().callsAndRuns("[{\"verb\":\"pause\",\"length\":9}]");
        asks(call, sid(call), Verb.RecordingAction.START);
        assertThat(answered(call)).isEqualTo(422);
        assertThat(call.commands(StartTap.class)).isEmpty();
    }
}
