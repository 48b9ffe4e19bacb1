package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** dial.md 4.6 on the wire: a connected far end sends REFER, and sees with NOTIFY what came of it. */
class ReferTest {
    private static final SipMessage.Field TO_CAROL = new SipMessage.Field("Refer-To", "<sip:carol@example.test>");
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660).script(Script.answering(0));

    @BeforeAll
    static void start() {
        site = new Site(config -> config);
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

    private FarCall call(String options) {
        site.dials(options, sipTarget(bob.uri("bob")));
        return caller.call(Invite.to("100", site.sip()));
    }

    private static List<String> fragments(FarCall call) {
        return call.log().stream()
                .filter(entry -> entry.isReceived("NOTIFY"))
                .map(SipEntry::message)
                .map(SipMessage::body)
                .toList();
    }

    @Test
    void shouldRunTheVerbsForTheCallerAndTellTheCalleeWhenTheCalleeRefers() {
        FarCall a = call("\"referHook\":\"/refer\"");
        site.hooks.reply("/refer", HookReply.verbs("[{\"verb\":\"dtmf\",\"dtmf\":\"7\"}]"));
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitTone(bob.toneHz());
        assertThat(b.ask("REFER", TO_CAROL).status()).isEqualTo(202);
        b.awaitReceived("BYE");
        assertThat(fragments(b)).containsExactly("SIP/2.0 100 Trying\r\n", "SIP/2.0 200 OK\r\n");
        HookRequest asked = site.hooks.await("/refer");
        assertThat(asked.json().path("refer_details").path("refer_to_user").asString())
                .isEqualTo("carol");
        assertThat(asked.text("call_sid"))
                .isEqualTo(site.awaitStatus(bob.uri("bob"), "in-progress").text("call_sid"));
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        a.awaitKeys("7");
        a.awaitReceived("BYE");
    }

    @Test
    void shouldLetTheCalleeRunTheVerbsWhenTheCallerRefers() {
        FarCall a = call("\"referHook\":\"/refer\"");
        site.hooks.reply("/refer", HookReply.verbs("[{\"verb\":\"dtmf\",\"dtmf\":\"5\"}]"));
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitTone(bob.toneHz());
        assertThat(a.ask("REFER", TO_CAROL).status()).isEqualTo(202);
        b.awaitKeys("5");
        b.awaitReceived("BYE");
        a.awaitReceived("BYE");
        assertThat(fragments(a)).containsExactly("SIP/2.0 100 Trying\r\n", "SIP/2.0 200 OK\r\n");
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test
    void shouldRefuseWhenNobodyIsToBeAskedOrTheHookRefuses() {
        FarCall a = call("");
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitTone(bob.toneHz());
        assertThat(b.ask("REFER", TO_CAROL).status()).isEqualTo(501);
        a.bye();
        FarCall again = call("\"referHook\":\"/refer\"");
        site.hooks.reply("/refer", HookReply.status(403));
        again.awaitTone(bob.toneHz());
        assertThat(again.ask("REFER", TO_CAROL).status()).isEqualTo(403);
        assertThat(again.isEnded()).isFalse();
        again.bye();
    }
}
