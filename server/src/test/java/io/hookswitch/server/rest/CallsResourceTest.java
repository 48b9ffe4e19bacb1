package io.hookswitch.server.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.server.http.AdminServer;
import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.SettingsReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** rest.md over HTTP; control is a list of what it was asked. */
class CallsResourceTest {
    private final List<ControlEvent> asked = new ArrayList<>();
    private final CallRequests requests = new CallRequests();
    private final HttpClient client = HttpClient.newHttpClient();
    private AdminServer server;
    private int status = 202;

    @BeforeEach
    void start() throws Exception {
        List<AccountSettings> accounts = SettingsReader.read("""
                accounts:
                  - { name: a, sid: acc-a, api_key: key-a }
                  - { name: b, sid: acc-b, api_key: key-b }
                  - { name: closed, sid: acc-c }
                """).accounts();
        requests.goTo(event -> {
            asked.add(event);
            switch (event) {
                case ControlEvent.UpdateCall update ->
                    requests.answered(new ControlCommand.UpdateAnswered(update.request(), status, "why"));
                case ControlEvent.AskCalls ask ->
                    requests.told(new ControlCommand.CallsTold(
                            ask.request(),
                            "gone".equals(ask.callSid())
                                    ? List.of()
                                    : List.of(Map.of("call_sid", "c1", "direction", "inbound", "sip_status", 200L))));
                default -> throw new AssertionError(event);
            }
        });
        server = new AdminServer(new InetSocketAddress("127.0.0.1", 0), Map::of);
        server.serve(CallsResource.PATH, new CallsResource(accounts, requests));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private HttpResponse<String> ask(String method, String path, String key, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + "/v1" + path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> put(String body) throws Exception {
        return ask("PUT", "/Accounts/acc-a/Calls/c1", "key-a", body);
    }

    private CallUpdate update() {
        return ((ControlEvent.UpdateCall) asked.getLast()).update();
    }

    @Test
    void shouldLetNobodyInWithoutTheAccountsKey() throws Exception {
        assertThat(ask("GET", "/Accounts/acc-a/Calls", null, null).statusCode()).isEqualTo(401);
        assertThat(ask("GET", "/Accounts/acc-a/Calls", "wrong", null).statusCode())
                .isEqualTo(401);
        assertThat(ask("GET", "/Accounts/acc-c/Calls", "", null).statusCode()).isEqualTo(401);
        assertThat(ask("GET", "/Accounts/acc-a/Calls", "key-b", null).statusCode())
                .isEqualTo(403);
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldListAndShowCalls() throws Exception {
        assertThat(ask("GET", "/Accounts/acc-a/Calls/", "key-a", null).body())
                .contains("\"call_sid\":\"c1\"")
                .startsWith("[");
        assertThat(ask("GET", "/Accounts/acc-a/Calls?direction=outbound", "key-a", null)
                        .body())
                .isEqualTo("[]");
        assertThat(ask("GET", "/Accounts/acc-a/Calls/c1", "key-a", null).body()).startsWith("{");
        assertThat(ask("GET", "/Accounts/acc-a/Calls/gone", "key-a", null).statusCode())
                .isEqualTo(404);
        assertThat(ask("GET", "/Accounts/acc-a/Nothing", "key-a", null).statusCode())
                .isEqualTo(404);
    }

    @Test
    void shouldTurnEveryKeyIntoAnUpdate() throws Exception {
        assertThat(put("{\"call_hook\":{\"url\":\"/x\",\"method\":\"GET\"}}").statusCode())
                .isEqualTo(202);
        assertThat(update()).isInstanceOf(CallUpdate.Redirect.class);
        put("{\"call_status\":\"completed\"}");
        assertThat(update()).isEqualTo(new CallUpdate.HangUp());
        put("{\"mute_status\":\"mute\"}");
        assertThat(update()).isEqualTo(new CallUpdate.Mute(true));
        put("{\"dtmf\":{\"digit\":\"12\"}}");
        assertThat(update()).isEqualTo(new CallUpdate.Keys("12", 250_000_000L));
        put("{\"tag\":{\"aB\":1}}");
        assertThat(update()).isEqualTo(new CallUpdate.Tag(Map.of("aB", 1L)));
        put("{\"boostAudioSignal\":\"-6 dB\"}");
        assertThat(update()).isEqualTo(new CallUpdate.Loudness(-6));
        put("{\"whisper\":{\"verb\":\"play\",\"url\":\"/x\"}}");
        assertThat(update()).isInstanceOf(CallUpdate.Whisper.class);
        put("{\"media_path\":\"no-media\"}");
        assertThat(update()).isEqualTo(new CallUpdate.Nothing());
    }

    @Test // rest.md fact 5
    void shouldNameWhatIsWrongAndAskNobody() throws Exception {
        for (String[] each : new String[][] {
            {"{\"mute_status\":\"mute\",\"tag\":{}}", "body: must have one key only"},
            {"{\"x\":1}", "body: has no key that is known"},
            {"[]", "body: must be an object"},
            {"{", "body: "},
            {"{\"mute_status\":\"loud\"}", "body.mute_status: must be mute or unmute"},
            {"{\"call_status\":7}", "body.call_status: must be a string"},
            {"{\"dtmf\":{\"digit\":\"x\"}}", "body.dtmf.digit: must be of"},
            {"{\"whisper\":{\"verb\":\"hangup\"}}", "body.whisper: must be of play and say"},
            {"{\"record\":{}}", "body.record.action: required"},
            {"{\"call_hook\":{\"method\":\"PUT\"}}", "body.call_hook.url: required"}
        }) {
            HttpResponse<String> response = put(each[0]);
            assertThat(response.statusCode()).as(each[0]).isEqualTo(400);
            assertThat(response.body()).as(each[0]).contains(each[1]);
        }
        assertThat(put(" ".repeat(70_000)).statusCode()).isEqualTo(413);
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldPassOnWhatControlSays() throws Exception {
        status = 422;
        HttpResponse<String> refused = put("{\"call_status\":\"completed\"}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).isEqualTo("{\"msg\":\"why\"}");
    }

    @Test
    void shouldHangUpWhenACallIsDeleted() throws Exception {
        assertThat(ask("DELETE", "/Accounts/acc-a/Calls/c1", "key-a", null).statusCode())
                .isEqualTo(204);
        assertThat(update()).isEqualTo(new CallUpdate.HangUp());
    }
}
