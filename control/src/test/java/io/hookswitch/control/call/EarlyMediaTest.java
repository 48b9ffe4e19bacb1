package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** dial.md 3.1, 3.3 and 3.4: what the caller hears before anybody answers. */
class EarlyMediaTest {
    private static Script dial(boolean answerOnBridge, String... targets) {
        return new Script()
                .callsAndRuns("[{\"verb\":\"dial\",\"actionHook\":\"/end\",\"answerOnBridge\":" + answerOnBridge
                        + ",\"target\":[" + String.join(",", targets) + "]}]");
    }

    private static String phone(int number) {
        return "{\"type\":\"phone\",\"number\":\"" + number + "\"}";
    }

    @Test
    void shouldPassEarlyMediaWhenThereIsOneTarget() {
        Script call = dial(true, phone(1)).placed();
        call.progresses(1, 183, true).expectSent("JOIN A B1", "PROGRESS A 183 like B1");
        call.progresses(1, 183, true).expectSent();
        call.progresses(1, 180, true).expectSent();
        call.rings(1).expectSent();
        call.answers(1).expectSent("DISARM", "ANSWER A like B1");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "early-media 183", "in-progress 200");
    }

    @Test
    void shouldPassEarlyMediaAfterA180WhenItComesLater() {
        Script call = dial(true, phone(1)).placed();
        call.rings(1).expectSent("PROGRESS A 180");
        call.progresses(1, 183, true).expectSent("JOIN A B1", "PROGRESS A 183 like B1");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "ringing 180", "early-media 183");
    }

    @Test
    void shouldOnlyJoinWhenTheCallerIsAnsweredAlready() {
        Script call = dial(false, phone(1)).placed();
        call.progresses(1, 183, true).expectSent("JOIN A B1");
        call.answers(1).expectSent("DISARM");
    }

    @Test
    void shouldSend180AndPassNothingWhenThereAreSeveralTargets() {
        Script call = dial(true, phone(1), phone(2)).placed();
        call.progresses(2, 183, true).expectSent("PROGRESS A 180");
        call.progresses(1, 183, true).expectSent();
        call.rejects(1, 404).progresses(2, 183, true).expectSent();
        assertThat(call.statuses("B2")).containsExactly("trying 100", "early-media 183");
    }

    @Test
    void shouldSend180AndPassNothingWhenAUserHasSeveralContacts() {
        Script call = dial(true, "{\"type\":\"user\",\"name\":\"a@r\"}")
                .found("192.0.2.1:5060", "192.0.2.2:5060")
                .invited(1)
                .invited(2);
        call.progresses(1, 183, true).expectSent("PROGRESS A 180");
    }

    @Test
    void shouldSend180WhenA183CarriesNoMedia() {
        Script call = dial(true, phone(1)).placed();
        call.progresses(1, 183, false).expectSent("PROGRESS A 180");
        assertThat(call.statuses("B1")).containsExactly("trying 100", "ringing 183");
    }

    @Test
    void shouldSayRingingAgainOnlyWhenTheCodeChanges() {
        Script call = dial(true, phone(1)).placed().rings(1).rings(1).progresses(1, 183, false);
        call.progresses(1, 199, false);
        assertThat(call.statuses("B1")).containsExactly("trying 100", "ringing 180", "ringing 183");
    }

    @Test
    void shouldRingTheCallerAgainWhenASecondDialRings() {
        Script call = dial(true, phone(1)).placed().rings(1).rejects(1, 486);
        call.replies("[{\"verb\":\"dial\",\"answerOnBridge\":true,\"target\":[" + phone(2) + "]}]");
        call.found("192.0.2.2:5060").invited(2);
        call.rings(2).expectSent("PROGRESS A 180");
    }
}
