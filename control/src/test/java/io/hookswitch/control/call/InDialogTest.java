package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** dial.md 4.5 and 4.7: requests inside the dialogs of a call, both ways. */
class InDialogTest {
    private static final String HEEDS = "{\"verb\":\"config\",\"sipRequestWithinDialogHook\":\"/inside\"},";
    private static final String DIAL = "{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\",\"number\":\"+1\"}]}";
    private static final List<Header> HEADERS =
            List.of(new Header("X-One", "a"), new Header("Accept", "b"), new Header("accept", "c"));

    private static Script connected(String before) {
        return new Script().callsAndRuns("[" + before + DIAL + "]").placed().answers(1);
    }

    private static Script requests(Script call, long leg, String method) {
        return call.event(new ControlEvent.Requested(leg, method, HEADERS, "the body"));
    }

    private static long reference(Script call) {
        return call.commands(ControlCommand.Request.class).getLast().reference();
    }

    @Test
    void shouldTellTheHookOfWhatEitherFarEndSends() {
        Script call = connected(HEEDS);
        String sid = (String) call.asked().getFirst().get("call_sid");
        requests(call, Script.CALLER, "INFO").expectSent();
        assertThat(call.asked().getLast())
                .containsEntry("call_sid", sid)
                .containsEntry("sip_method", "INFO")
                .containsEntry("sip_body", "the body")
                .containsEntry("sip_headers", Map.of("x-one", "a", "accept", "b, c"));
        requests(call, Script.leg(1), "MESSAGE").expectSent("MESSAGE B1 202");
        assertThat(call.asked().getLast())
                .containsEntry("sip_method", "MESSAGE")
                .containsEntry("call_sid", sid);
        call.replies("").expectSent();
    }

    @Test
    void shouldRefuseAMessageAndAskNobodyWhenNoHookIsSet() {
        Script call = connected("");
        int asked = call.asked().size();
        requests(call, Script.CALLER, "MESSAGE").expectSent("MESSAGE A 405");
        requests(call, Script.leg(1), "INFO").expectSent();
        assertThat(call.asked()).hasSize(asked);
    }

    @Test
    void shouldRunTheVerbsOfTheReplyInPlaceOfTheApplication() {
        Script call = connected(HEEDS);
        requests(call, Script.CALLER, "INFO");
        call.replies("[{\"verb\":\"pause\",\"length\":7}]").expectSent("END B1 200", "ARM 7000");
        requests(call, Script.CALLER, "INFO").replies(new HookOutcome.Refused(500, ""));
        assertThat(call.commands(ControlCommand.Alert.class)).hasSize(1);
    }

    @Test // verbs.md sip:request
    void shouldTellTheActionHookWhatTheRequestCameTo() {
        Script call = new Script()
                .callsAndRuns("[{\"verb\":\"answer\"},{\"verb\":\"sip:request\",\"id\":\"r\",\"method\":\"info\","
                        + "\"body\":\"{}\",\"headers\":{\"Content-Type\":\"application/json\",\"X-A\":\"b\"},"
                        + "\"actionHook\":\"/sent\"},{\"verb\":\"pause\",\"length\":1}]");
        ControlCommand.Request request =
                call.commands(ControlCommand.Request.class).getFirst();
        assertThat(List.of(request.method(), request.contentType(), request.body()))
                .containsExactly("INFO", "application/json", "{}");
        assertThat(request.headers()).containsExactly(new Header("X-A", "b"));
        call.event(new ControlEvent.RequestAnswered(reference(call), 488, "No"));
        assertThat(call.asked().getLast())
                .containsEntry("result", "failed")
                .containsEntry("sip_status", 488)
                .containsEntry("err", "No")
                .containsEntry("verb_id", "r");
        call.replies("").expectSent("ARM 1000");
    }

    @Test // verbs.md 1: stable
    void shouldSkipTheVerbWhenTheCallIsNotAnswered() {
        Script call = new Script()
                .callsAndRuns(
                        "[{\"verb\":\"sip:request\",\"method\":\"INFO\"},{\"verb\":\"sip:decline\",\"status\":486}]");
        assertThat(call.sent()).containsExactly("END A 486");
    }

    @Test // rest.md 2.3 and fact 7
    void shouldTellWhoAskedWhatTheRequestCameTo() {
        Script call = connected("");
        CallUpdate update = new CallUpdate.SipRequest("INFO", "text/plain", "hello", List.of());
        call.event(new ControlEvent.UpdateCall(5, "demo", call.sid(1), update)).expectSent("REQUEST B1 INFO");
        assertThat(call.commands(ControlCommand.RequestTold.class)).isEmpty();
        call.event(new ControlEvent.RequestAnswered(reference(call), 200, "OK"));
        assertThat(call.commands(ControlCommand.RequestTold.class))
                .containsExactly(new ControlCommand.RequestTold(5, 200, "OK"));
    }

    @Test
    void shouldSayThatItCannotBeDoneWhenTheLegIsNotConnected() {
        Script call = new Script().callsAndRuns("[" + DIAL + "]").placed();
        CallUpdate update = new CallUpdate.SipRequest("INFO", "text/plain", "hello", List.of());
        call.event(new ControlEvent.UpdateCall(5, "demo", call.sid(1), update)).expectSent();
        assertThat(call.commands(ControlCommand.UpdateAnswered.class).getLast().httpStatus())
                .isEqualTo(422);
    }
}
