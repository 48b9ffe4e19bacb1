package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import java.net.Inet6Address;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls whose signalling and media are IPv6 on both legs, from INVITE to BYE. */
class IpV6Test {
    private static final String NUMBER = "15083728299";
    private static Site site;
    private FarEnd caller;
    private FarEnd bob;

    @BeforeAll
    static void start() {
        site = new Site(config ->
                config.address("::1").user("alice", "secret", "main").inboundCarrier("six", "main", "\"::1\""));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private void open(String transport) {
        caller = FarEnd.open("caller", transport, "::1", 0, 440);
        bob = FarEnd.open("bob", transport, "::1", 0, 660);
        bob.script(Script.answering(50));
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
    }

    private static void assertWhole(FarCall call) {
        Heard heard = call.media().heard();
        assertThat(heard.lost()).as(heard.toString()).isZero();
        assertThat(heard.disordered()).as(heard.toString()).isZero();
        assertThat(heard.sources()).as(heard.toString()).isOne();
        assertThat(call.media().peer().getAddress()).isInstanceOf(Inet6Address.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void shouldHearEachOtherAndTheKeysWhenBothLegsAreIpV6(String transport) {
        open(transport);
        site.dials("\"answerOnBridge\":true", sipTarget(bob.uri("bob")));
        FarCall out = caller.call(Invite.to(NUMBER, site.sip()));
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        in.awaitTone(440);
        out.media().press("1*");
        in.awaitKeys("1*");
        out.awaitPackets(50);
        assertWhole(out);
        assertWhole(in);
        out.bye();
        in.awaitEnded();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test
    void shouldRingTheUserWhenSheIsRegisteredOverIpV6() {
        open("udp");
        bob.register(site.sip(), "alice", "demo.test", "secret", 60);
        site.dials("", "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
        FarCall out = caller.call(Invite.to(NUMBER, site.sip()));
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        in.bye();
        out.awaitEnded();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }
}
