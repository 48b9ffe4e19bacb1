package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Http;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests inside the dialogs of a call, both ways: dial.md 4.5 and 4.7, verbs.md {@code sip:request}, rest.md 2.3. */
class InDialogTest {
    private static final String HEEDS = "{\"verb\":\"config\",\"sipRequestWithinDialogHook\":\"/inside\"},";
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660).script(Script.answering(50));
    private FarCall a;
    private FarCall b;

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

    private void bridge(String before) {
        site.forget();
        site.answers("[" + before + "{\"verb\":\"dial\",\"answerOnBridge\":true,\"actionHook\":\"" + site.done()
                + "\",\"target\":[" + sipTarget(bob.uri("bob")) + "]}]");
        a = caller.call(Invite.to("100", site.sip()));
        b = bob.awaitCall().awaitConnected();
        a.awaitConnected();
    }

    private void end() {
        a.bye();
        b.awaitEnded();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test // 4.5
    void shouldTellTheSessionsHookOfInfoAndMessageOfBothFarEnds() {
        bridge(HEEDS);
        assertThat(a.ask("INFO", "application/json", "{\"from\":\"a\"}").status())
                .isEqualTo(200);
        HookRequest told = site.hooks.await(
                "/inside", request -> request.text("sip_method").equals("INFO"));
        assertThat(told.signature()).isEqualTo("good");
        assertThat(told.text("sip_body")).isEqualTo("{\"from\":\"a\"}");
        assertThat(told.body()).contains("\"x-test\":\"yes\"", "\"content-type\":\"application/json\"");
        assertThat(told.text("call_sid")).isEqualTo(site.hooks.await("/call").text("call_sid"));
        assertThat(b.ask("MESSAGE", "text/plain", "from b").status()).isEqualTo(202);
        told = site.hooks.await("/inside", request -> request.text("sip_method").equals("MESSAGE"));
        assertThat(told.text("sip_body")).isEqualTo("from b");
        assertThat(b.received("INFO")).as("not forwarded").isZero();
        end();
    }

    @Test // 4.5: INFO without handler
    void shouldAnswerInfoAndRefuseMessagesWhenThereIsNoHook() {
        bridge("");
        assertThat(a.ask("INFO", "application/json", "{}").status()).isEqualTo(200);
        assertThat(b.ask("MESSAGE", "text/plain", "x").status()).isEqualTo(405);
        assertThat(site.hooks.record("/inside")).isEmpty();
        end();
    }

    @Test // rest.md fact 7
    void shouldSendARequestToTheNamedLegAndTellWhatItCameTo() {
        bridge("");
        String callee = site.awaitStatus(bob.uri("bob"), "in-progress").text("call_sid");
        Http.Reply reply = site.rest(
                "PUT",
                "/" + callee,
                "{\"sip_request\":{\"method\":\"INFO\",\"content_type\":\"application/json\",\"content\":\"{}\","
                        + "\"headers\":{\"X-A\":\"b\"}}}");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.body()).contains("\"status\":200");
        SipMessage info = b.awaitReceived("INFO").message();
        assertThat(info.header("Content-Type")).isEqualTo("application/json");
        assertThat(info.header("X-A")).isEqualTo("b");
        assertThat(info.body()).isEqualTo("{}");
        assertThat(a.received("INFO")).isZero();
        end();
    }

    @Test // verbs.md
    void shouldTellTheActionHookWhatTheVerbsRequestCameTo() {
        site.forget();
        site.answers("[{\"verb\":\"answer\"},{\"verb\":\"pause\",\"length\":0.2},{\"verb\":\"sip:request\","
                + "\"method\":\"INFO\",\"body\":\"hello\",\"actionHook\":\"/sent\"},"
                + "{\"verb\":\"hangup\"}]");
        a = caller.call(Invite.to("100", site.sip()));
        SipMessage info = a.awaitReceived("INFO").message();
        assertThat(info.body()).isEqualTo("hello");
        HookRequest sent = site.hooks.await("/sent");
        assertThat(sent.text("result")).isEqualTo("success");
        assertThat(sent.number("sip_status")).isEqualTo(200);
        a.awaitReceived("BYE");
    }
}
