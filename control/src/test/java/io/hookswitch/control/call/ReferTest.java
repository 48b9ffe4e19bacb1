package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** REFER of one of two connected far ends: dial.md 4.6, seen from control. */
class ReferTest {
    private static final String PAUSE = "[{\"verb\":\"pause\",\"length\":7}]";

    private static Script bridged(String options) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/end\"" + options
                        + ",\"target\":[{\"type\":\"phone\",\"number\":\"+1\"}]},{\"verb\":\"pause\",\"length\":1}]")
                .placed()
                .answers(1);
    }

    private static Script refers(Script call, long leg) {
        return call.event(new ControlEvent.Referred(
                leg,
                List.of(
                        new Header("Refer-To", "<sip:carol@example.test;transport=tcp>"),
                        new Header("Referred-By", "<sip:bob@example.test>"),
                        new Header("X-Why-Not", "because"))));
    }

    private static Script asked(long leg) {
        return refers(bridged(",\"referHook\":\"/refer\""), leg);
    }

    @Test
    void shouldSayThatNobodyDoesItWhenThereIsNoReferHook() {
        refers(bridged(""), Script.leg(1)).expectSent("REFER B1 501");
        refers(bridged(""), Script.CALLER).expectSent("REFER A 501");
    }

    @Test // dial.md 4.6: the session-level hook is the caller's alone
    void shouldAskTheSessionsHookWhenTheCallerRefersAndTheDialHasNone() {
        String config = "{\"verb\":\"config\",\"referHook\":\"/session\"},";
        Script call = new Script()
                .callsAndRuns("[" + config + "{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\",\"number\":\"+1\"}]}]")
                .placed()
                .answers(1);
        refers(call, Script.leg(1)).expectSent("REFER B1 501");
        refers(call, Script.CALLER).replies("").expectSent("REFER A 202", "REFER A 503");
    }

    @Test
    void shouldRunTheVerbsForTheCallerAndDropTheCalleeWhenTheCalleeRefers() {
        Script call = asked(Script.leg(1));
        assertThat(call.asked().getLast()).containsEntry("call_sid", call.sid(1));
        assertThat(call.asked().getLast().get("refer_details"))
                .isEqualTo(Map.of(
                        "sip_refer_to",
                        "<sip:carol@example.test;transport=tcp>",
                        "refer_to_user",
                        "carol",
                        "sip_referred_by",
                        "<sip:bob@example.test>",
                        "referred_by_user",
                        "bob",
                        "x_why_not",
                        "because",
                        "referring_call_sid",
                        call.sid(1),
                        "referred_call_sid",
                        call.asked().getFirst().get("call_sid")));
        call.replies(PAUSE).expectSent("REFER B1 202", "REFER B1 200", "END B1 200", "ARM 7000");
        call.expectDialEnded("completed", 200, call.sid(1));
        call.replies("").callerHangsUp().expectNothingLeft();
    }

    @Test
    void shouldMakeTheCalleeACallOfItsOwnWhenTheCallerRefers() {
        Script call = asked(Script.CALLER);
        call.replies(PAUSE).expectSent("REFER A 202", "REFER A 200", "PART A", "ARM 7000");
        call.expectDialEnded("completed", 200, call.sid(1));
        call.callerHangsUp();
        assertThat(call.statuses("B1")).last().isEqualTo("in-progress 200");
        call.hangsUp(1).replies("").expectNothingLeft();
    }

    @Test
    void shouldChangeNothingWhenTheHookGivesNoVerbs() {
        asked(Script.leg(1)).replies("").expectSent("REFER B1 202", "REFER B1 503");
        asked(Script.CALLER).replies("[{\"verb\":\"no\"}]").expectSent("REFER A 202", "REFER A 503");
    }

    @ParameterizedTest
    @CsvSource({"404, 404", "603, 603", "302, 501"})
    void shouldAnswerWithTheHooksStatusWhenItRefuses(int http, int sip) {
        asked(Script.leg(1)).replies(new HookOutcome.Refused(http, "")).expectSent("REFER B1 " + sip);
    }

    @Test
    void shouldLeaveItToTheWireWhenWhoReferredIsGone() {
        Script call = asked(Script.leg(1)).hangsUp(1);
        call.replies(PAUSE).expectSent();
    }
}
