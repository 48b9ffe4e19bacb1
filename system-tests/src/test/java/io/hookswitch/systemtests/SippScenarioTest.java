package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each SIPp scenario is played against a far end of ours first: a scenario that is wrong cannot blame the engine. */
class SippScenarioTest {
    private final FarEnd far = FarEnd.udp("far", 440);
    private final int port = EngineConfig.freePort();

    @AfterEach
    void close() {
        far.close();
    }

    private FarCall call() {
        return far.call(Invite.to("target", new InetSocketAddress("127.0.0.1", port))
                .credentials("carol", "right")
                .mute());
    }

    @Test
    void shouldFollowWhenTheCarrierHangsUp() {
        far.script(Script.answering(100));
        try (Sipp carrier = Sipp.carrier("uac-bye", far.address(), port, "100", "-d", "100")) {
            far.awaitCall().awaitEnded();
            carrier.awaitSuccess();
            assertThat(carrier.count(message -> message.isResponse(180, "INVITE")))
                    .isOne();
            assertThat(carrier.first(message -> message.isRequest("BYE")).micros())
                    .isGreaterThan(carrier.first(message -> message.isResponse(200, "INVITE"))
                            .micros());
        }
    }

    @Test
    void shouldFollowWhenTheFarSideHangsUp() {
        far.script(Script.answering(100).byeAfter(100));
        try (Sipp carrier = Sipp.carrier("uac-far-bye", far.address(), port, "100")) {
            carrier.awaitSuccess();
        }
    }

    @Test
    void shouldFollowWhenTheCarrierGivesUp() {
        far.script(Script.ringing());
        try (Sipp carrier = Sipp.carrier("uac-cancel", far.address(), port, "100", "-d", "100")) {
            far.awaitCall().awaitReceived("CANCEL");
            carrier.awaitSuccess();
        }
    }

    @Test
    void shouldFollowWhenTheCarrierIsRefused() {
        far.script(Script.rejecting(603));
        try (Sipp carrier = Sipp.carrier("uac-refused", far.address(), port, "100", "status=603")) {
            carrier.awaitSuccess();
        }
    }

    @ParameterizedTest
    @CsvSource({"uas-answer, 200", "uas-answer-bye, 200", "uas-challenge, 200", "uas-refuse, 486"})
    void shouldFollowWhenTheTargetDecides(String scenario, int status) {
        try (Sipp target = Sipp.target(
                "target", scenario, port, "-d", "100", scenario.equals("uas-refuse") ? "status=486" : "-nr")) {
            FarCall call = call();
            assertThat(call.awaitFinal()).isEqualTo(status);
            if (scenario.equals("uas-answer-bye")) {
                call.awaitReceived("BYE");
            }
            call.bye();
            call.awaitEnded();
            target.awaitSuccess();
        }
    }

    @ParameterizedTest
    @CsvSource({"uas-cancelled, 487", "uas-cross, 200"})
    void shouldFollowWhenTheTargetIsCancelled(String scenario, int status) {
        try (Sipp target = Sipp.target("target", scenario, port)) {
            FarCall call = call();
            call.awaitStatus(180);
            call.cancel();
            assertThat(call.awaitFinal()).isEqualTo(status);
            call.bye();
            call.awaitEnded();
            target.awaitSuccess();
        }
    }

    @Test
    void shouldFollowWhenTheChallengeIsNotAnswered() {
        try (Sipp target = Sipp.target("target", "uas-challenge-only", port)) {
            FarCall call = far.call(Invite.to("target", new InetSocketAddress("127.0.0.1", port)));
            assertThat(call.awaitFinal()).isEqualTo(407);
            target.awaitSuccess();
        }
    }
}
