package io.hookswitch.server.hooks;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What a server says of keeping a file (RFC 9111).
 *
 * @param etag validator, null = none
 * @param lastModified validator, null = none
 * @param freshMs from its arrival on, 0 = it must be asked for again at every use
 * @param stored whether it may be kept at all
 * @param staleAllowed whether it may be used beyond its time when the server cannot be asked
 */
public record Freshness(String etag, String lastModified, long freshMs, boolean stored, boolean staleAllowed) {
    private static final long MAX_FRESH_MS = Duration.ofDays(365).toMillis();
    /** Of what never changes. */
    public static final Freshness LASTING = new Freshness(null, null, MAX_FRESH_MS, true, true);

    static Freshness of(HttpHeaders headers) {
        String control = String.join(",", headers.allValues("Cache-Control")).toLowerCase(Locale.ROOT);
        boolean isStored = true;
        boolean mayBeStale = true;
        boolean isAsked = false;
        long maxAgeMs = -1;
        for (String part : control.split(",")) {
            String directive = part.strip();
            isStored &= !directive.equals("no-store");
            // With names of fields it is about those only; to ask again is safe in any case.
            isAsked |= directive.startsWith("no-cache");
            mayBeStale &= !directive.equals("must-revalidate");
            if (directive.startsWith("max-age=")) {
                maxAgeMs = seconds(directive.substring("max-age=".length()).replace("\"", ""));
            }
        }
        long freshMs =
                maxAgeMs >= 0 ? maxAgeMs - seconds(headers.firstValue("Age").orElse("0")) : expiry(headers);
        return new Freshness(
                headers.firstValue("ETag").orElse(null),
                headers.firstValue("Last-Modified").orElse(null),
                isAsked || !isStored ? 0 : Math.clamp(freshMs, 0, MAX_FRESH_MS),
                isStored,
                isStored && mayBeStale && !isAsked);
    }

    /** @return what a 304 says, with the validators that it does not repeat. */
    Freshness renewed(HttpHeaders headers) {
        Freshness now = of(headers);
        return new Freshness(
                now.etag() == null ? etag : now.etag(),
                now.lastModified() == null ? lastModified : now.lastModified(),
                now.freshMs(),
                now.stored(),
                now.staleAllowed());
    }

    /** @return ms, 0 for what is no number: stale (RFC 9111 section 4.2.1). */
    private static long seconds(String text) {
        return text.strip().matches("[0-9]{1,10}") ? Long.parseLong(text.strip()) * 1000 : 0;
    }

    private static long expiry(HttpHeaders headers) {
        try {
            ZonedDateTime expires = date(headers.firstValue("Expires").orElse(""));
            ZonedDateTime now = date(headers.firstValue("Date").orElse(""));
            return Duration.between(now, expires).toMillis();
        } catch (DateTimeException e) {
            // Absent, or 0: not fresh.
            return 0;
        }
    }

    private static ZonedDateTime date(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }
}
