package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Many calls, ended in every way: nothing stays behind. */
class LeakTest {
    private static final int CALLS = 300;

    @Test
    void shouldLeaveEveryTableEmptyWhenManyCallsHaveEnded() throws IOException {
        try (AgentFixture fixture = new AgentFixture()) {
            for (int i = 0; i < CALLS; i++) {
                switch (i % 6) {
                    case 0 -> byCaller(fixture, i);
                    case 1 -> byUs(fixture, i);
                    case 2 -> dialled(fixture, i);
                    case 3 -> rejected(fixture, i);
                    case 4 -> cancelled(fixture, i);
                    default -> hungUpByCallee(fixture, i);
                }
                fixture.clock.stepMs(10);
            }
            fixture.expectNothing();
            assertThat(fixture.agent.tables().stack().dialogs())
                    .as("the check can see")
                    .isPositive();
            fixture.assertRests();
            assertThat(fixture.errors).isEmpty();
        }
    }

    private static void byCaller(AgentFixture fixture, int i) throws IOException {
        String ok = fixture.confirmed(i + 1, "call-" + i);
        fixture.farEnd.send(fixture.farEnd.inDialog("BYE", 2, ok, "", ""));
        fixture.farEnd.expect("SIP/2.0 200");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
    }

    private static void byUs(AgentFixture fixture, int i) throws IOException {
        fixture.confirmed(i + 1, "call-" + i);
        fixture.end(i + 1, 0);
        String bye = fixture.farEnd.expect("BYE ");
        fixture.farEnd.send(fixture.farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
    }

    private static void dialled(AgentFixture fixture, int i) throws IOException {
        fixture.confirmedOut(i + 1);
        fixture.end(i + 1, 0);
        String bye = fixture.farEnd.expect("BYE ");
        fixture.farEnd.send(fixture.farEnd.answer(bye, "200 OK", "", "", ""));
        fixture.expect("TERMINATED");
    }

    private static void rejected(AgentFixture fixture, int i) throws IOException {
        fixture.invite(i + 1, fixture.farEnd);
        fixture.expect("INVITED");
        String invite = fixture.farEnd.expect("INVITE ");
        fixture.farEnd.send(fixture.farEnd.answer(invite, "180 Ringing", "b" + i, "", ""));
        fixture.expect("PROGRESSED");
        fixture.farEnd.send(fixture.farEnd.answer(invite, "180 Ringing", "c" + i, "", ""));
        fixture.expect("PROGRESSED");
        fixture.farEnd.send(fixture.farEnd.answer(invite, "486 Busy Here", "b" + i, "", ""));
        fixture.farEnd.expect("ACK ");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
    }

    private static void cancelled(AgentFixture fixture, int i) throws IOException {
        fixture.invite(i + 1, fixture.farEnd);
        fixture.expect("INVITED");
        String invite = fixture.farEnd.expect("INVITE ");
        fixture.farEnd.send(fixture.farEnd.answer(invite, "180 Ringing", "b" + i, "", ""));
        fixture.expect("PROGRESSED");
        fixture.end(i + 1, 487);
        String cancel = fixture.farEnd.expect("CANCEL ");
        fixture.farEnd.send(fixture.farEnd.answer(cancel, "200 OK", "b" + i, "", ""));
        fixture.farEnd.send(fixture.farEnd.answer(invite, "487 Terminated", "b" + i, "", ""));
        fixture.farEnd.expect("ACK ");
        fixture.expect("TERMINATED");
    }

    private static void hungUpByCallee(AgentFixture fixture, int i) throws IOException {
        String invite = fixture.confirmedOut(i + 1);
        fixture.farEnd.send(fixture.farEnd.back("BYE", 1, invite, "b1", "", ""));
        fixture.farEnd.expect("SIP/2.0 200");
        fixture.expect("ENDED");
        fixture.expect("TERMINATED");
    }
}
