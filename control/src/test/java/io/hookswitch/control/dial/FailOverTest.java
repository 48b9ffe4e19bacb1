package io.hookswitch.control.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.DialTarget;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which failures lead to the next way, and which of several failures counts. */
class FailOverTest {
    private static final DialTarget PHONE = new DialTarget.Phone("+1", null, "1");
    private static final DialTarget SIP = new DialTarget.Sip("sip:x@h", null, null);
    private static final DialTarget USER = new DialTarget.User("x@h");

    @Test // dial.md 3.7 and 3.17
    void shouldTryTheNextGatewayWhenTheFailureIsTheGateways() {
        for (int sipStatus : new int[] {403, 404, 408, 480, 488, 500, 502, 503, 504}) {
            assertThat(FailOver.goesOn(PHONE, sipStatus, false))
                    .as("" + sipStatus)
                    .isTrue();
            assertThat(FailOver.goesOn(PHONE, sipStatus, true))
                    .as("" + sipStatus)
                    .isFalse();
        }
    }

    @Test // dial.md 3.17
    void shouldStopWhenTheCalleeHasSpoken() {
        for (int sipStatus : new int[] {486, 487, 600, 603, 604, 606}) {
            assertThat(FailOver.goesOn(PHONE, sipStatus, false))
                    .as("" + sipStatus)
                    .isFalse();
        }
    }

    @Test // RFC 3263 section 4.3
    void shouldTryTheNextServerOnlyWhenOneIsUnavailableOrSilent() {
        assertThat(FailOver.goesOn(SIP, 503, false)).isTrue();
        assertThat(FailOver.goesOn(SIP, 408, false)).isTrue();
        assertThat(FailOver.goesOn(SIP, 500, false)).isFalse();
        assertThat(FailOver.goesOn(SIP, 404, false)).isFalse();
        assertThat(FailOver.goesOn(SIP, 503, true)).isFalse();
        assertThat(FailOver.goesOn(USER, 503, false)).isFalse();
    }

    @Test // RFC 3261 section 16.7 step 6
    void shouldChooseAsAForkingProxyWhenAllContactsFailed() {
        assertThat(FailOver.best(List.of(404, 503, 603))).isEqualTo(2);
        assertThat(FailOver.best(List.of(503, 486))).isEqualTo(1);
        assertThat(FailOver.best(List.of(486, 404))).isZero();
        assertThat(FailOver.best(List.of(486, 407))).isEqualTo(1);
        assertThat(FailOver.best(List.of(408, 486))).isEqualTo(1);
        assertThat(FailOver.best(List.of(302, 404))).isZero();
        assertThat(FailOver.best(List.of(480))).isZero();
    }

    @Test // dial.md section 2
    void shouldKeepTheLastFailureButAFirstNoAnswerWhenFailuresAreFolded() {
        DialResult busy = DialResult.failed(486, "1", "c1");
        DialResult silent = DialResult.failed(487, "2", "c2");
        DialResult failed = DialResult.failed(603, "3", "c3");
        assertThat(DialResult.after(DialResult.after(null, busy), failed)).isEqualTo(failed);
        assertThat(DialResult.after(DialResult.after(busy, silent), failed)).isEqualTo(silent);
        assertThat(busy.status()).isEqualTo(LegStatus.BUSY);
        assertThat(LegStatus.ofFailure(600)).isEqualTo(LegStatus.BUSY);
        assertThat(failed.status()).isEqualTo(LegStatus.FAILED);
    }
}
