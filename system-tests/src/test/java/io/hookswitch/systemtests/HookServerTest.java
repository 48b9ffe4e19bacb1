package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.hook.HookProcess;
import io.hookswitch.systemtests.hook.HookReply;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** The customer's application is tested before it judges the engine. */
class HookServerTest {
    @Test
    void shouldAnswerByScriptAndWriteDownWhatItWasAsked() throws Exception {
        try (HookProcess hooks = new HookProcess("wh");
                HttpClient client = HttpClient.newHttpClient()) {
            hooks.reply("/call", HookReply.status(500)).reply("/call", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
            HttpRequest request = HttpRequest.newBuilder(URI.create(hooks.url("/call?x=1")))
                    .header("Jambonz-Signature", "t=1,v1=" + "0".repeat(64))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"call_sid\":\"1\"}"))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(500);
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("hangup");
            assertThat(hooks.record("/call")).hasSize(2).allSatisfy(asked -> {
                assertThat(asked.text("call_sid")).isEqualTo("1");
                assertThat(asked.query()).isEqualTo("x=1");
                assertThat(asked.signature()).startsWith("too old");
            });
            hooks.kill();
            hooks.restart();
            assertThat(hooks.record()).isEmpty();
        }
    }
}
