package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import org.junit.jupiter.api.Test;

/** Several ways to one target: dial.md 3.7, 3.13, 3.14, 3.17. */
class WaysTest {
    private static final String GATE_1 = "192.0.2.1:5060";
    private static final String GATE_2 = "192.0.2.2:5060";
    private static final String GATE_3 = "192.0.2.3:5060";

    private static Script dial(String target) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/end\",\"answerOnBridge\":true,\"target\":["
                        + target + "]}]");
    }

    private static Script phone() {
        return dial("{\"type\":\"phone\",\"number\":\"+1\"}");
    }

    private static Script user() {
        return dial("{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
    }

    @Test // 3.17
    void shouldTryTheNextGatewayUnderTheSameSidWhenOneFails() {
        Script call = phone().found(GATE_1, GATE_2, GATE_3).invited(1);
        call.rejects(1, 503).expectSent("DIAL B2 udp:" + GATE_2);
        call.invited(2).neverAnswers(2).expectSent("DIAL B3 udp:" + GATE_3);
        call.invited(3).rings(3).rejects(3, 404);
        assertThat(call.statuses()).containsExactly("A trying 100", "B1 trying 100", "B1 ringing 180", "B1 failed 404");
        assertThat(call.sid(2)).isEqualTo(call.sid(1));
        call.expectDialEnded("failed", 404, call.sid(1));
        assertThat(call.asked().getLast().get("dial_sbc_callid")).isEqualTo(Script.callId(3));
        assertThat(call.commands(ControlCommand.CallRecord.class))
                .extracting(record -> record.row().get("sip_status"))
                .containsExactly(503L, 408L, 404L);
    }

    @Test // 3.17: the callee is not rung twice
    void shouldStopWhenAGatewaySaysBusy() {
        Script call = phone().found(GATE_1, GATE_2).invited(1).rejects(1, 486);
        call.expectDialEnded("busy", 486, call.sid(1));
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(1);
    }

    @Test // 3.17
    void shouldStopWhenEarlyMediaWasPassed() {
        Script call = phone().found(GATE_1, GATE_2)
                .invited(1)
                .progresses(1, 183, true)
                .rejects(1, 503);
        call.expectDialEnded("failed", 503, call.sid(1));
    }

    @Test
    void shouldTryTheNextGatewayWhenTheCoreRefusesTheFirst() {
        Script call = phone().found(GATE_1, GATE_2);
        call.dialRefused(1, 503).expectSent("DIAL B2 udp:" + GATE_2);
        call.invited(2).answers(2).expectSent("DISARM", "JOIN A B2", "ANSWER A like B2");
    }

    @Test
    void shouldNotTryTheNextGatewayWhenTheCallerIsGone() {
        Script call = phone().found(GATE_1, GATE_2).invited(1).callerCancels();
        call.rejects(1, 503).expectSent();
        assertThat(call.commands(ControlCommand.Dial.class)).hasSize(1);
    }

    @Test // RFC 3263 section 4.3
    void shouldTryTheNextServerOfAHostOnlyWhenTheFirstIsUnavailable() {
        String target = "{\"type\":\"sip\",\"sipUri\":\"sip:x@host.example\"}";
        Script call = dial(target).found(GATE_1, GATE_2).invited(1);
        call.rejects(1, 503).expectSent("DIAL B2 udp:" + GATE_2);
        Script other = dial(target).found(GATE_1, GATE_2).invited(1).rejects(1, 404);
        other.expectDialEnded("failed", 404, other.sid(1));
    }

    @Test // 3.13: a URI of our own realm is a user
    void shouldRingAllContactsWhenASipTargetIsOneOfOurUsers() {
        dial("{\"type\":\"sip\",\"sipUri\":\"sip:alice@demo.test\"}")
                .foundContacts(GATE_1, GATE_2)
                .expectSent("DIAL B1 udp:" + GATE_1, "DIAL B2 udp:" + GATE_2);
    }

    @Test // 3.14
    void shouldRingAllContactsUnderOneSidAndCancelTheOthersWhenOneAnswers() {
        Script call = user();
        call.found(GATE_1, GATE_2, GATE_3)
                .expectSent("DIAL B1 udp:" + GATE_1, "DIAL B2 udp:" + GATE_2, "DIAL B3 udp:" + GATE_3);
        call.invited(1).invited(2).invited(3).rings(2).progresses(1, 183, false).rings(3);
        call.answers(1).expectSent("END B2 487", "END B3 487", "DISARM", "JOIN A B1", "ANSWER A like B1");
        assertThat(call.statuses())
                .containsExactly(
                        "A trying 100", "B1 trying 100", "B1 ringing 180", "B1 in-progress 200", "A in-progress 200");
        assertThat(call.sid(1)).isEqualTo(call.sid(2)).isEqualTo(call.sid(3));
        call.hangsUp(1).expectDialEnded("completed", 200, call.sid(1));
        assertThat(call.asked().getLast().get("dial_sbc_callid")).isEqualTo(Script.callId(1));
    }

    @Test // 3.14, RFC 3261 section 16.7
    void shouldFailWithTheBestCodeOnlyWhenEveryContactFailed() {
        Script call = user().found(GATE_1, GATE_2, GATE_3).invited(1).invited(2).invited(3);
        call.rejects(1, 503).rejects(2, 486);
        assertThat(call.asked()).hasSize(1);
        call.rejects(3, 480).expectDialEnded("busy", 486, call.sid(1));
        assertThat(call.asked().getLast().get("dial_sbc_callid")).isEqualTo(Script.callId(2));
        assertThat(call.statuses("B1")).containsExactly("trying 100", "busy 486");
    }

    @Test
    void shouldDialNumbersThroughTheRouteAskedForWhenPlacing() {
        Script call = phone().found(GATE_1);
        ControlCommand.Resolve asked =
                call.commands(ControlCommand.Resolve.class).getFirst();
        assertThat(asked.inboundTrunk()).isEqualTo("trunk");
        assertThat(asked.account()).isEqualTo("demo");
        assertThat(asked.target()).hasToString("Phone[number=+1, trunk=null, callingNumber=+16173331212]");
        assertThat(call.dial(1).requestUri()).isEqualTo("sip:x@" + GATE_1);
        assertThat(call.dial(1).like()).isEqualTo(Script.CALLER);
    }
}
