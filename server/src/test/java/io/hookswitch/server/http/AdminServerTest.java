package io.hookswitch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdminServerTest {
    @Test
    void shouldTellHealthAndCountersWhenAsked() throws Exception {
        try (AdminServer server = new AdminServer(
                        new InetSocketAddress("127.0.0.1", 0),
                        () -> Map.of("core_legs", 2L, "sip_messages_total", 5L));
                HttpClient client = HttpClient.newHttpClient()) {
            assertThat(get(client, server, "/health").statusCode()).isEqualTo(200);
            HttpResponse<String> metrics = get(client, server, "/metrics");
            assertThat(metrics.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(metrics.body())
                    .contains("# TYPE hookswitch_core_legs gauge\nhookswitch_core_legs 2\n")
                    .contains("# TYPE hookswitch_sip_messages_total counter\nhookswitch_sip_messages_total 5\n");
            assertThat(get(client, server, "/healthy").statusCode()).isEqualTo(404);
            assertThat(get(client, server, "/").statusCode()).isEqualTo(404);
        }
    }

    private static HttpResponse<String> get(HttpClient client, AdminServer server, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
