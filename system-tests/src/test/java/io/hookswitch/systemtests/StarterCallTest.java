package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.node.Hookswitch;
import io.hookswitch.server.settings.HttpSettings;
import io.hookswitch.server.settings.MediaSettings;
import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SipSettings;
import io.hookswitch.server.settings.SipSettings.Listen;
import io.hookswitch.server.starter.StarterApplication;
import io.hookswitch.server.starter.StarterSettings;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code run} without a configuration promises to a softphone. */
class StarterCallTest {
    private static final String REALM = "hookswitch.test";

    private StarterApplication application;
    private Hookswitch node;

    @BeforeEach
    void start() throws Exception {
        application = new StarterApplication(List.of("alice", "bob"));
        Settings embedded = StarterSettings.read(application.port());
        List<Listen> freePorts = embedded.sip().listen().stream()
                .map(listen -> new Listen(listen.transport(), new InetSocketAddress("127.0.0.1", 0)))
                .toList();
        Settings settings = new Settings(
                new SipSettings(freePorts, 30, 3600),
                new MediaSettings(embedded.media().address(), 31_300, 31_399, 0),
                new HttpSettings(Optional.empty()),
                embedded.engine(),
                embedded.hooks(),
                embedded.audio(),
                embedded.journal(),
                embedded.accounts());
        node = Hookswitch.start(settings, null);
    }

    @AfterEach
    void stop() {
        node.close();
        application.close();
    }

    private FarCall callFromAlice(FarEnd phone, String to) {
        return phone.call(Invite.toUri("sip:" + to + "@" + REALM, node.sip())
                .from("alice", REALM)
                .credentials("alice", "alice-secret"));
    }

    @Test
    void shouldRingTheOtherUserWhenBothAreRegistered() {
        try (FarEnd alice = FarEnd.udp("alice", 440);
                FarEnd bob = FarEnd.udp("bob", 880).script(Script.answering(50))) {
            assertThat(alice.register(node.sip(), "alice", REALM, "alice-secret", 300)
                            .status())
                    .isEqualTo(200);
            assertThat(bob.register(node.sip(), "bob", REALM, "bob-secret", 300).status())
                    .isEqualTo(200);
            assertThat(bob.register(node.sip(), "bob", REALM, "wrong", 300).status())
                    .isIn(401, 403);

            FarCall a = callFromAlice(alice, "bob");
            FarCall b = bob.awaitCall();
            a.awaitConnected();
            a.awaitTone(bob.toneHz());
            b.awaitTone(alice.toneHz());
            a.bye();
            b.awaitEnded();
        }
    }

    @Test
    void shouldHearTheStatusWhenTheOtherUserIsAway() {
        try (FarEnd alice = FarEnd.udp("alice", 440)) {
            assertThat(callFromAlice(alice, "bob").awaitFinal()).isEqualTo(404);
        }
    }

    @Test
    void shouldBeAnsweredWhenAnythingElseIsCalled() {
        try (FarEnd alice = FarEnd.udp("alice", 440)) {
            FarCall a = callFromAlice(alice, "4711").awaitConnected();
            a.bye();
            a.awaitEnded();
        }
    }

    @Test
    void shouldBeRefusedWhenTheCallerIsNobodyWeKnow() {
        try (FarEnd stranger = FarEnd.udp("stranger", 440)) {
            FarCall call = stranger.call(Invite.to("bob", node.sip()).from("eve", "elsewhere.test"));

            assertThat(call.awaitFinal()).isEqualTo(403);
        }
    }
}
