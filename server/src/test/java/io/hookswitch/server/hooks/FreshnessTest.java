package io.hookswitch.server.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a server's headers allow (RFC 9111). */
class FreshnessTest {
    private static Freshness of(String... headers) {
        return Freshness.of(headers(headers));
    }

    private static HttpHeaders headers(String... headers) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], List.of(headers[i + 1]));
        }
        return HttpHeaders.of(all, (_, _) -> true);
    }

    @Test
    void shouldBeFreshForAsLongAsMaxAgeWhenItIsNotOldAlready() {
        assertThat(of("Cache-Control", "public, Max-Age=60").freshMs()).isEqualTo(60_000);
        assertThat(of("Cache-Control", "max-age=\"60\"", "Age", "45").freshMs()).isEqualTo(15_000);
        assertThat(of("Cache-Control", "max-age=60", "Age", "90").freshMs()).isZero();
        assertThat(of("Cache-Control", "max-age=9999999999").freshMs()).isEqualTo(365L * 86_400_000);
        assertThat(of("Cache-Control", "max-age=soon").freshMs()).isZero();
        assertThat(of().freshMs()).isZero();
    }

    @Test
    void shouldCountFromDateToExpiresWhenThereIsNoMaxAge() {
        String date = "Mon, 23 Nov 2026 08:00:00 GMT";
        assertThat(of("Date", date, "Expires", "Mon, 23 Nov 2026 08:01:00 GMT").freshMs())
                .isEqualTo(60_000);
        assertThat(of("Date", date, "Expires", "0").freshMs()).isZero();
        assertThat(of("Date", date, "Expires", "Mon, 23 Nov 2026 08:01:00 GMT", "Cache-Control", "max-age=5")
                        .freshMs())
                .isEqualTo(5000);
    }

    @Test
    void shouldNotBeKeptOrNotBeFreshWhenItSaysSo() {
        assertThat(of("Cache-Control", "no-store, max-age=60").stored()).isFalse();
        assertThat(of("Cache-Control", "no-store, max-age=60").freshMs()).isZero();
        assertThat(of("Cache-Control", "no-cache, max-age=60").freshMs()).isZero();
        assertThat(of("Cache-Control", "no-cache").stored()).isTrue();
        assertThat(of("Cache-Control", "no-cache").staleAllowed()).isFalse();
        assertThat(of("Cache-Control", "max-age=60, must-revalidate").staleAllowed())
                .isFalse();
        assertThat(of("Cache-Control", "max-age=60").staleAllowed()).isTrue();
    }

    @Test
    void shouldKeepTheValidatorsWhenAnAnswerDoesNotRepeatThem() {
        Freshness known = of("ETag", "W/\"a\"", "Last-Modified", "yesterday", "Cache-Control", "max-age=60");
        Freshness renewed = known.renewed(headers("ETag", "W/\"b\""));

        assertThat(renewed.etag()).isEqualTo("W/\"b\"");
        assertThat(renewed.lastModified()).isEqualTo("yesterday");
        assertThat(renewed.freshMs()).isZero();
    }
}
