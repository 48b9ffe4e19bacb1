package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.LegHandle;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** webhooks.md 1.7, 3.1 and 4; verbs.md section 2: a call before, without and between dials. */
class FirstHookTest {
    private static void assertRefused(Script call, String reason) {
        call.expectSent("END A 480");
        ControlCommand.End end = call.commands(ControlCommand.End.class).getLast();
        assertThat(end.headers()).singleElement().satisfies(header -> {
            assertThat(header.name()).isEqualTo("X-Reason");
            assertThat(header.value()).contains(reason);
        });
        assertThat(call.statuses()).isEmpty();
        assertThat(call.commands(ControlCommand.CallRecord.class)).hasSize(1);
        call.expectNothingLeft();
    }

    @Test // webhooks.md 3.1
    void shouldTellEverythingOfTheInviteWhenACallComesIn() {
        Script call = new Script()
                .callerHeaders(new Header("X-Foo", "1"), new Header("f", "<sip:a@b>"))
                .calls();
        Map<String, Object> payload = call.asked().getFirst();
        assertThat(payload.keySet())
                .containsExactly(
                        "call_sid",
                        "account_sid",
                        "application_sid",
                        "service_provider_sid",
                        "direction",
                        "from",
                        "to",
                        "caller_name",
                        "call_id",
                        "sbc_callid",
                        "sip_status",
                        "sip_reason",
                        "call_status",
                        "trace_id",
                        "has_recording",
                        "originating_sip_ip",
                        "originating_sip_trunk_name",
                        "local_sip_address",
                        "public_ip",
                        "defaults",
                        "env_vars",
                        "sip");
        assertThat(payload)
                .containsEntry("direction", "inbound")
                .containsEntry("from", "+16173331212")
                .containsEntry("to", Script.TO)
                .containsEntry("caller_name", "Jane")
                .containsEntry("call_id", "a-call-id@far")
                .containsEntry("sip_status", 100L)
                .containsEntry("sip_reason", "Trying")
                .containsEntry("call_status", "trying")
                .containsEntry("originating_sip_ip", "203.0.113.7")
                .containsEntry("originating_sip_trunk_name", "trunk")
                .containsEntry("local_sip_address", "10.0.0.5:5060")
                .containsEntry("account_sid", "acc-demo");
        assertThat((String) payload.get("trace_id")).matches("[0-9a-f]{32}");
        assertThat((String) payload.get("call_sid"))
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f-]{16}");
        assertThat(((Map<?, ?>) payload.get("sip")).get("headers"))
                .isEqualTo(Map.of("x-foo", "1", "from", "<sip:a@b>"));
        assertThat(((Map<?, ?>) payload.get("sip")).get("method")).isEqualTo("INVITE");
    }

    @Test // webhooks.md 3.1: absent for devices
    void shouldLeaveOutTheTrunkWhenAUserCalls() {
        Script call = new Script().calls(new Origin.User("demo", "alice@demo.test"), "bob");
        assertThat(call.asked().getFirst()).doesNotContainKey("originating_sip_trunk_name");
        assertThat(call.commands(ControlCommand.CallHook.class).getFirst().account())
                .isEqualTo("demo");
    }

    @Test
    void shouldRefuseWith480WhenNoApplicationIsConfigured() {
        Script call = new Script().calls(new Origin.Carrier("demo", "trunk"), "999");
        assertRefused(call, "no configured application");
        assertThat(call.asked()).isEmpty();
    }

    @Test // webhooks.md 1.7 and fact 6
    void shouldRefuseWith480WhenTheFirstHookFails() {
        assertRefused(new Script().calls().replies(new HookOutcome.Refused(500, "")), "application answered 500");
        assertRefused(new Script().calls().replies(new HookOutcome.TimedOut(10_000)), "10000 ms");
        assertRefused(new Script().calls().replies(new HookOutcome.Failed("refused")), "not reachable");
        assertRefused(new Script().calls().replies("{}"), "no verbs");
        assertRefused(new Script().calls().replies("[]"), "no verbs");
        assertRefused(new Script().calls().replies(""), "no verbs");
        assertRefused(
                new Script().calls().replies("[{\"verb\":\"dial\",\"target\":[],\"confirmHook\":7}]"),
                "[0].dial.confirmHook: must be a URL or an object with a url");
    }

    @Test
    void shouldNameTheKindOfFailureWhenItAlerts() {
        assertThat(alert(new HookOutcome.Refused(404, ""))).isEqualTo("webhook-url-notfound");
        assertThat(alert(new HookOutcome.Refused(401, ""))).isEqualTo("webhook-auth-failure");
        assertThat(alert(new HookOutcome.Refused(403, ""))).isEqualTo("webhook-auth-failure");
        assertThat(alert(new HookOutcome.Refused(500, ""))).isEqualTo("webhook-failure");
        assertThat(alert(new HookOutcome.Refused(200, "bad JSON"))).isEqualTo("invalid-app-payload");
        assertThat(alert(new HookOutcome.TimedOut(1))).isEqualTo("webhook-connection-failure");
        assertThat(alert(new HookOutcome.Failed("x"))).isEqualTo("webhook-connection-failure");
        assertThat(alert(new HookOutcome.Replied(200, null))).isEqualTo("invalid-app-payload");
        assertThat(alert(new HookOutcome.Replied(200, List.of(1L)))).isEqualTo("invalid-app-payload");
    }

    private static String alert(HookOutcome outcome) {
        return new Script()
                .calls()
                .replies(outcome)
                .commands(ControlCommand.Alert.class)
                .getFirst()
                .type();
    }

    @Test
    void shouldKeepXReasonOneShortLineWhenTheTextIsNot() {
        Script call = new Script().calls().replies(new HookOutcome.Failed("a\r\nVia: x\u00e9" + "y".repeat(2_000)));
        String value = call.commands(ControlCommand.End.class)
                .getLast()
                .headers()
                .getFirst()
                .value();
        assertThat(value).hasSizeLessThanOrEqualTo(900).matches("[ -~]*");
    }

    @Test
    void shouldTellNoAnswerAndIgnoreTheApplicationWhenTheCallerCancelsFirst() {
        Script call = new Script().calls();
        call.callerCancels().expectSent();
        assertThat(call.statuses()).containsExactly("A no-answer 487");
        call.replies("[{\"verb\":\"answer\"}]").expectSent();
        call.expectNothingLeft();
    }

    @Test // verbs.md answer, pause, hangup
    void shouldAnswerWaitAndHangUpWhenToldTo() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"answer"},{"verb":"pause","length":1.5},
                 {"hangup":{"headers":{"X-Bye":"1"}}},{"verb":"answer"}]""");
        call.expectSent("ANSWER A", "ARM 1500");
        call.timerExpires().expectSent("END A 200");
        assertThat(call.commands(ControlCommand.End.class).getLast().headers())
                .containsExactly(new Header("X-Bye", "1"));
        assertThat(call.statuses()).containsExactly("A trying 100", "A in-progress 200", "A completed 200");
        assertThat(call.status("A", "completed"))
                .containsEntry("duration", 1L)
                .containsEntry("call_termination_by", "jambonz")
                .containsEntry("fs_sip_address", "10.0.0.5:5060");
        call.expectNothingLeft();
    }

    @Test // verbs.md dtmf
    void shouldSendTheKeysAndWaitForThemBeforeTheNextVerb() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"answer"},{"verb":"dtmf","dtmf":"1w#D","duration":300},{"verb":"dtmf","dtmf":"2"},
                 {"verb":"hangup"}]""");
        call.expectSent("ANSWER A", "KEYS A 1w#D 300 250");
        call.keysSent(true).expectSent("ARM 750");
        call.timerExpires().expectSent("KEYS A 2 500 250");
        call.keysSent(false).expectSent("END A 200");
        call.expectNothingLeft();
    }

    @Test
    void shouldForgetTheKeysWhenTheCallerHangsUp() {
        Script call = new Script().callsAndRuns("[{\"verb\":\"answer\"},{\"verb\":\"dtmf\",\"dtmf\":\"1\"}]");
        call.callerHangsUp().expectSent();
        call.keysSent(true).expectSent();
        call.expectNothingLeft();
    }

    @Test
    void shouldSkipTheKeysWhenTheCallIsUnanswered() {
        new Script().callsAndRuns("[{\"verb\":\"dtmf\",\"dtmf\":\"1\"}]").expectSent("END A 603");
    }

    @Test // verbs.md fact 1
    void shouldSkipHangupAndDecline603WhenTheCallIsUnanswered() {
        new Script().callsAndRuns("[{\"verb\":\"hangup\"}]").expectSent("END A 603");
    }

    @Test // verbs.md fact 7
    void shouldDeclineWithItsHeadersWhenToldTo() {
        Script call = new Script().callsAndRuns("""
                [{"verb":"sip:decline","status":486,"reason":"Not now","headers":{"X-A":"b"}}]""");
        ControlCommand.End end = call.commands(ControlCommand.End.class).getLast();
        assertThat(end.sipStatus()).isEqualTo(486);
        assertThat(end.reason()).isEqualTo("Not now");
        assertThat(end.headers()).containsExactly(new Header("X-Reason", "SIP Decline Verb"), new Header("X-A", "b"));
        assertThat(call.statuses()).containsExactly("A trying 100", "A failed 486");
        assertThat(call.status("A", "failed")).containsEntry("sip_reason", "Not now");
    }

    @Test
    void shouldSkipDeclineWhenTheCallIsAnswered() {
        new Script()
                .callsAndRuns("[{\"verb\":\"answer\"},{\"verb\":\"sip:decline\",\"status\":486}]")
                .expectSent("ANSWER A", "END A 200");
    }

    @Test
    void shouldDisarmThePauseWhenTheCallerHangsUp() {
        Script call = new Script().callsAndRuns("[{\"verb\":\"pause\",\"length\":5}]");
        call.callerCancels().expectSent("DISARM");
        call.expectNothingLeft();
    }

    @Test
    void shouldFailWithItsStatusWhenTheCallersMediaIsUnusable() {
        Script call = new Script().callsAndRuns("[{\"verb\":\"answer\"},{\"verb\":\"pause\",\"length\":5}]");
        call.callerEnds(488, Cause.NO_COMMON_MEDIA);
        assertThat(call.statuses("A")).containsExactly("trying 100", "in-progress 200", "failed 488");
    }

    @Test
    void shouldTellNoStatusWhenTheApplicationHasNoStatusHook() {
        Script call = new Script(Script.directory(Optional.of(Script.application(false))))
                .callsAndRuns("[{\"verb\":\"answer\"}]");
        assertThat(call.statuses()).isEmpty();
    }

    @Test // rest.md 6.1
    void shouldWriteOneRecordForEachLegWhenTheyAreOver() {
        Script call = new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]}]")
                .placed()
                .passes(1_000)
                .answers(1)
                .passes(2_500)
                .callerHangsUp();
        List<ControlCommand.CallRecord> records = call.commands(ControlCommand.CallRecord.class);
        assertThat(records).hasSize(2);
        assertThat(records.getFirst().row())
                .containsEntry("direction", "inbound")
                .containsEntry("termination_reason", "caller hungup")
                .containsEntry("attempted_at", "1970-01-01T00:00:01Z")
                .containsEntry("terminated_at", "1970-01-01T00:00:04.500Z")
                .containsEntry("duration", 3L)
                .containsEntry("trunk", "trunk")
                .containsEntry("sip_parent_callid", null);
        assertThat(records.getLast().row())
                .containsEntry("direction", "outbound")
                .containsEntry("answered", true)
                .containsEntry("answered_at", "1970-01-01T00:00:02Z")
                .containsEntry("duration", 2L)
                .containsEntry("sip_callid", Script.callId(1))
                .containsEntry("sip_parent_callid", "a-call-id@far")
                .containsEntry("remote_host", "192.0.2.1");
    }

    @Test
    void shouldMarkEveryNumberWithItsCoreWhenCommandsGoThere() {
        World world = new World(1);
        world.offer();
        for (int i = 0; i < 200; i++) {
            world.step(false);
        }
        for (ControlCommand command : world.commands) {
            switch (command) {
                case ControlCommand.Dial dial ->
                    assertThat(LegHandle.core(dial.reference())).isEqualTo(3);
                case ControlCommand.ArmTimer timer ->
                    assertThat(LegHandle.core(timer.timer())).isEqualTo(3);
                default -> assertThat(command).isNotNull();
            }
        }
    }
}
