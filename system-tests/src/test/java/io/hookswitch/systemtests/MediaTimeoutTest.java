package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** dial.md 3.12: a far end that has fallen silent, where the node allows two seconds of it. */
class MediaTimeoutTest {
    private static Site site;
    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660);

    @BeforeAll
    static void start() {
        site = new Site(config -> config.media("timeout: 2"));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
    }

    /** A bridged call; behind the dial there is a pause of 20 s. */
    private FarCall call() {
        bob.script(Script.answering(50));
        site.forget();
        site.answers("[{\"verb\":\"dial\",\"actionHook\":\"" + site.done() + "\",\"target\":["
                + sipTarget(bob.uri("bob")) + "]},{\"verb\":\"pause\",\"length\":20}]");
        return caller.call(Invite.to("100", site.sip()));
    }

    @Test
    void shouldHangUpOnTheCalleeWhoFallsSilentAndGoOnWithTheCaller() {
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitPackets(100);
        assertThat(in.received("BYE")).as("while both talk").isZero();
        in.media().fallSilent();
        long silentNs = System.nanoTime();
        SipEntry bye = in.awaitReceived("BYE");
        assertThat((bye.timeNs() - silentNs) / 1e9).isBetween(1.9, 3.5);
        assertThat(bye.message().header("X-Reason")).isEqualTo("Media Timeout");
        HookRequest done = site.awaitDone();
        assertThat(done.text("dial_status")).isEqualTo("completed");
        assertThat(done.number("dial_sip_status")).isEqualTo(200);
        assertThat(site.awaitStatus(bob.uri("bob"), "completed").number("duration"))
                .isPositive();
        assertThat(out.isConnected()).isTrue();
        out.bye();
        assertThat(site.awaitStatus("100", "completed").text("call_termination_by"))
                .isEqualTo("caller");
    }

    @Test
    void shouldHangUpOnTheCallerWhoFallsSilentAndOnTheCallee() {
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        out.media().fallSilent();
        assertThat(out.awaitReceived("BYE").message().header("X-Reason")).isEqualTo("Media Timeout");
        assertThat(in.awaitReceived("BYE").message().header("X-Reason")).isEmpty();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        assertThat(site.awaitStatus("100", "completed").text("call_termination_by"))
                .isEqualTo("jambonz");
    }

    @Test // RFC 3264 section 8.4
    void shouldNotHangUpOnSomebodyWhoHolds() {
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        assertThat(in.reinvite("inactive").status()).isEqualTo(200);
        in.media().fallSilent();
        long heard = in.media().heard().packets();
        // The caller talks on for more than twice as long as is allowed.
        Child.pause(5000);
        assertThat(in.received("BYE")).isZero();
        assertThat(in.media().heard().packets() - heard).isLessThan(10);
        assertThat(List.of(in.isConnected(), out.isConnected())).containsOnly(true);
        out.bye();
        in.awaitEnded();
    }
}
