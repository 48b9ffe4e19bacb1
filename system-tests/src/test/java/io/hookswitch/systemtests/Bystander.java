package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;

/** A call that has nothing to do with what goes wrong beside it, and must not notice. */
final class Bystander implements AutoCloseable {
    private static final double LONGEST_GAP_MS = 250;
    private final FarEnd caller = FarEnd.udp("bystander", 500);
    private final FarEnd callee = FarEnd.udp("friend", 700);
    private final FarCall out;
    private final FarCall in;

    /** Connects it. The application's next calls must be scripted after this. */
    Bystander(Site site) {
        callee.script(Script.answering(20));
        site.dials("\"answerOnBridge\":true", sipTarget(callee.uri("friend")));
        out = caller.call(Invite.to("100", site.sip()));
        in = callee.awaitCall().awaitConnected();
        in.awaitTone(500);
        out.awaitTone(700);
    }

    /** Checks that both still hear each other and never missed a packet. */
    void assertUnharmed() {
        long packets = in.media().heard().packets();
        in.awaitPackets(packets + 10);
        for (FarCall call : new FarCall[] {in, out}) {
            Heard heard = call.media().heard();
            assertThat(call.isConnected()).isTrue();
            assertThat(heard.lost()).as(heard.toString()).isZero();
            assertThat(heard.sources()).as(heard.toString()).isOne();
            assertThat(heard.timestampFaults()).as(heard.toString()).isZero();
            assertThat(heard.largestGapMs()).as(heard.toString()).isLessThan(LONGEST_GAP_MS);
        }
        assertThat(in.media().hears(500)).isTrue();
        assertThat(out.media().hears(700)).isTrue();
    }

    /** Ends it. */
    @Override
    public void close() {
        out.bye();
        caller.close();
        callee.close();
    }
}
