package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The referee is tested before it judges. */
class WireTest {
    @Test
    void shouldSeeEveryMessageOnceAndInOrderWhenTwoFarEndsTalk() {
        try (FarEnd alice = FarEnd.udp("alice", 440);
                FarEnd bob = FarEnd.udp("bob", 660);
                Wire wire = new Wire(bob.address().getPort())) {
            bob.script(Script.answering(50));
            FarCall call = alice.call(Invite.to("bob", bob.address()));
            call.awaitConnected();
            bob.awaitCall().awaitConnected();
            call.bye();
            call.awaitEnded();
            List<Wire.Seen> seen = wire.settle().seen();
            assertThat(seen.stream().map(each -> each.message().startLine().replaceAll("sip:\\S+", "…")))
                    .containsExactly(
                            "INVITE … SIP/2.0",
                            "SIP/2.0 100 Trying",
                            "SIP/2.0 180 Ringing",
                            "SIP/2.0 200 OK",
                            "ACK … SIP/2.0",
                            "BYE … SIP/2.0",
                            "SIP/2.0 200 OK");
            assertThat(seen)
                    .allMatch(each -> each.port() == alice.address().getPort())
                    .isSortedAccordingTo((one, other) -> Double.compare(one.seconds(), other.seconds()));
            assertThat(seen.stream().filter(Wire.Seen::fromEngine)).hasSize(4);
        }
    }
}
