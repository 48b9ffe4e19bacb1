package io.hookswitch.server.starter;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.settings.Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

class StarterApplicationTest {
    private static String post(StarterApplication application, String path, String json) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + application.port() + path);
            return client.send(
                            HttpRequest.newBuilder(uri)
                                    .POST(HttpRequest.BodyPublishers.ofString(json))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void shouldRingTheUserWhenAUserIsCalledAndAnswerWhenNot() throws Exception {
        try (StarterApplication application = new StarterApplication(List.of("alice", "bob"))) {
            assertThat(post(application, "/call", "{\"to\":\"bob\"}"))
                    .contains("\"verb\":\"dial\"")
                    .contains("\"name\":\"bob\"");
            assertThat(post(application, "/call", "{\"to\":\"4711\"}")).startsWith("[{\"verb\":\"answer\"}");
            assertThat(post(application, "/call", "no json")).startsWith("[{\"verb\":\"answer\"}");
        }
    }

    @Test
    void shouldHandTheStatusOnWhenTheUserCouldNotBeReached() throws Exception {
        try (StarterApplication application = new StarterApplication(List.of())) {
            assertThat(post(application, "/dialled", "{\"dial_call_status\":\"failed\",\"dial_sip_status\":404}"))
                    .contains("sip:decline")
                    .contains("404");
            assertThat(post(application, "/dialled", "{\"dial_call_status\":\"completed\",\"dial_sip_status\":200}"))
                    .contains("hangup");
            assertThat(post(application, "/dialled", "{}")).contains("480");
        }
    }

    @Test
    void shouldBeAFaultlessConfigurationWhenTheEmbeddedFileIsRead() throws Exception {
        Settings settings = StarterSettings.read(1234);

        assertThat(settings.accounts().getFirst().users()).extracting("name").containsExactly("alice", "bob");
        assertThat(settings.accounts()
                        .getFirst()
                        .applications()
                        .getFirst()
                        .callHook()
                        .url())
                .hasToString("http://127.0.0.1:1234/call");
    }
}
