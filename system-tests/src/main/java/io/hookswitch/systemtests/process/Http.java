package io.hookswitch.systemtests.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Small HTTP requests of tests to other processes. Not {@code java.net.http}: the engine sets that client up for itself
 * before its first use, which in a JVM shared with tests may not be here.
 */
public final class Http {
    private static final int PATIENCE_MS = 10_000;

    private Http() {}

    /** What came back. */
    public record Reply(int status, String body) {}

    /** Asks and waits; {@code body} "" = none. */
    public static Reply ask(String method, String url, Map<String, String> headers, String body) {
        try {
            HttpURLConnection request =
                    (HttpURLConnection) URI.create(url).toURL().openConnection();
            request.setRequestMethod(method);
            request.setConnectTimeout(PATIENCE_MS);
            request.setReadTimeout(PATIENCE_MS);
            headers.forEach(request::setRequestProperty);
            if (!body.isEmpty()) {
                request.setDoOutput(true);
                request.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            }
            int status = request.getResponseCode();
            try (InputStream in = status < 400 ? request.getInputStream() : request.getErrorStream()) {
                return new Reply(status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + url, e);
        }
    }
}
