package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.node.Hookswitch;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.KeyHeard;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookServer;
import io.hookswitch.systemtests.process.Child;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys through the whole engine: sent by an application, told by INFO, told twice. */
class KeysTest {
    private static final String SECRET = "wh_secret_keys";
    private static final String SETTINGS = """
            sip: { listen: ["udp:127.0.0.1:0"] }
            media: { address: 127.0.0.1, ports: 31300-31399 }
            http: { listen: off }
            engine: { cores: 1, legs: 64 }
            hooks: { allow: ["127.0.0.0/8"] }
            accounts:
              - name: demo
                sip_realm: demo.test
                webhook_secret: "%2$s"
                applications:
                  - { name: main, call_hook: { url: "http://127.0.0.1:%1$d/call" } }
                carriers:
                  - { name: trunk, application: main, gateways: [ { host: 127.0.0.1, inbound: true } ] }
            """;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660).script(Script.answering(0));
    private HookServer hooks;
    private Hookswitch node;

    @BeforeEach
    void start() throws Exception {
        hooks = new HookServer(0, SECRET);
        node = Hookswitch.start(SettingsReader.read(SETTINGS.formatted(hooks.port(), SECRET)), null);
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
        node.close();
        hooks.close();
    }

    private FarCall call(String verbs) {
        hooks.reply("/call", HookReply.verbs(verbs));
        return caller.call(Invite.to("100", node.sip()));
    }

    private String dialBob() {
        return "[{\"verb\":\"dial\",\"target\":[{\"type\":\"sip\",\"sipUri\":\"" + bob.uri("bob") + "\"}]}]";
    }

    private long digits() {
        return node.counters().get("core_digits_total");
    }

    private void awaitDigits(long count) {
        long endNs = System.nanoTime() + 5_000_000_000L;
        while (digits() < count) {
            assertThat(System.nanoTime()).as("key " + count).isLessThan(endNs);
            Child.pause(5);
        }
    }

    @Test // verbs.md dtmf and fact 10
    void shouldHearEachKeyAsOneEventAndTheNextVerbAfterThemWhenTheApplicationSendsKeys() {
        FarCall out = call("""
                [{"verb":"answer"},{"verb":"dtmf","dtmf":"12"},{"verb":"dtmf","dtmf":"D#","duration":100},
                 {"verb":"hangup"}]""");
        out.awaitKeys("12D#");
        out.awaitReceived("BYE");
        List<KeyHeard> keys = out.media().keysHeard();
        assertThat(keys).allMatch(KeyHeard::marked).extracting(KeyHeard::ends).containsOnly(3);
        assertThat(keys).extracting(KeyHeard::durationTicks).containsExactly(4000, 4000, 800, 800);
        // A machine with other work holds the core up now and then; what it missed it leaves out.
        assertThat(keys.getFirst().packets()).isBetween(20, 27);
        assertThat(keys.getLast().packets()).isBetween(5, 7);
        long firstNs = keys.getFirst().atNs();
        double[] afterS = {0, 0.75, 2.25, 2.6};
        for (int i = 0; i < 4; i++) {
            assertThat((keys.get(i).atNs() - firstNs) / 1e9).isBetween(afterS[i] - 0.1, afterS[i] + 0.5);
        }
        long byeNs = out.awaitReceived("BYE").timeNs();
        assertThat((byeNs - firstNs) / 1e9).isBetween(3.6, 4.7);
        assertThat(out.media().heard().lost()).isZero();
        assertThat(out.media().heard().sources()).isOne();
    }

    @Test
    void shouldGoOnWithTheNextVerbWhenTheCallerTakesNoTelephoneEvents() {
        hooks.reply(
                "/call",
                HookReply.verbs("[{\"verb\":\"answer\"},{\"verb\":\"dtmf\",\"dtmf\":\"12\"},{\"verb\":\"hangup\"}]"));
        FarCall out = caller.call(Invite.to("100", node.sip()).withoutEvents());
        out.awaitReceived("BYE");
        assertThat(out.media().keysHeard()).isEmpty();
    }

    @Test
    void shouldHearAnEventWhenTheOtherTellsItsKeyByInfo() {
        hooks.reply("/call", HookReply.verbs(dialBob()));
        FarCall out = caller.call(Invite.to("100", node.sip()).withoutEvents());
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        for (char key : "4*7".toCharArray()) {
            out.info(key, 120);
            Child.pause(300);
        }
        in.awaitKeys("4*7");
        Child.pause(100);
        assertThat(in.media().keysHeard())
                .allMatch(KeyHeard::marked)
                .allMatch(key -> key.ends() == 3)
                .allMatch(key -> key.durationTicks() == 960);
        assertThat(digits()).isEqualTo(3);
        assertThat(in.media().heard().lost()).isZero();
        assertThat(in.media().heard().disordered()).isZero();
        assertThat(in.media().heard().timestampFaults()).isZero();
        assertThat(in.media().heard().sources()).isOne();
    }

    @Test
    void shouldCountAPressOnceWhenItIsToldAsEventAndByInfo() {
        FarCall out = call(dialBob());
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        for (int press = 1; press <= 3; press++) {
            out.media().press("5");
            out.info('5', 120);
            awaitDigits(press);
            Child.pause(300);
        }
        in.awaitKeys("555");
        assertThat(digits()).isEqualTo(3);
        out.info('6', 120);
        awaitDigits(4);
        assertThat(node.counters().get("unexpected_errors_total")).isZero();
    }
}
