package io.hookswitch.server.hooks;

import io.hookswitch.server.json.JavaScriptJson;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * A hook's address, resolved: absolute, without the fragment, with the retry policy that the fragment held.
 *
 * @param uri absolute http or https URI
 * @param retries further attempts after the first, 0..5
 * @param retryOn what is worth another attempt
 */
record HookUrl(URI uri, int retries, RetryOn retryOn) {
    private static final int MAX_RETRIES = 5;

    /**
     * Failures that another attempt may follow. {@code connect} is the default, {@code response} a timeout after
     * connecting.
     */
    record RetryOn(boolean connect, boolean response, boolean status4xx, boolean status5xx) {
        static final RetryOn CONNECT = new RetryOn(true, false, false, false);
        static final RetryOn ALL = new RetryOn(true, true, true, true);

        boolean status(int httpStatus) {
            return httpStatus / 100 == 4 && status4xx || httpStatus / 100 == 5 && status5xx;
        }
    }

    /** Why a URL cannot be used, in one line. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    /**
     * Resolves what a verb or the settings say. A value that starts with {@code /} takes scheme, host and port of the
     * base and drops its path;
     * anything else must be absolute.
     *
     * @param base absolute URL of the application's call_hook
     */
    static HookUrl resolve(String base, String url) throws Unusable {
        URI uri = parse(url.startsWith("/") ? origin(parse(base)) + url : url);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new Unusable("not an absolute http or https URL: " + url);
        }
        if (uri.getHost() == null || uri.getUserInfo() != null) {
            throw new Unusable("no host, or credentials inside the URL: " + origin(uri));
        }
        String fragment = uri.getRawFragment();
        String whole = uri.toString();
        URI plain = fragment == null ? uri : parse(whole.substring(0, whole.indexOf('#')));
        return policy(plain, fragment == null ? "" : fragment);
    }

    private static HookUrl policy(URI plain, String fragment) {
        int retries = 0;
        RetryOn on = RetryOn.CONNECT;
        for (String part : fragment.split("&")) {
            if (part.matches("rc=[0-9]{1,9}")) {
                retries = Math.min(MAX_RETRIES, Integer.parseInt(part.substring(3)));
            } else if (part.startsWith("rp=")) {
                String[] words = part.substring(3).split(",");
                on = new RetryOn(has(words, "ct"), has(words, "rt"), has(words, "4xx"), has(words, "5xx"));
                on = has(words, "all") ? RetryOn.ALL : on;
            }
        }
        return new HookUrl(plain, retries, on);
    }

    private static boolean has(String[] words, String word) {
        for (String each : words) {
            if (each.equalsIgnoreCase(word)) {
                return true;
            }
        }
        return false;
    }

    /** @return this address with the payload's members as query parameters behind its own; {@code sip} is left out. */
    HookUrl withQuery(Map<String, Object> payload) throws Unusable {
        StringBuilder query = new StringBuilder(uri.getRawQuery() == null ? "" : uri.getRawQuery());
        for (Map.Entry<String, Object> member : payload.entrySet()) {
            if (member.getKey().equals("sip") || member.getValue() == null) {
                continue;
            }
            Object value = member.getValue();
            String text = value instanceof String string ? string : JavaScriptJson.text(value);
            query.append(query.isEmpty() ? "" : "&")
                    .append(URLEncoder.encode(member.getKey(), StandardCharsets.UTF_8))
                    .append('=')
                    .append(URLEncoder.encode(text, StandardCharsets.UTF_8));
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new HookUrl(parse(origin(uri) + path + (query.isEmpty() ? "" : "?" + query)), retries, retryOn);
    }

    /** @return whether another URL has the same scheme, host and port. */
    static boolean sameOrigin(URI one, URI other) {
        return origin(one).equalsIgnoreCase(origin(other)) && port(one) == port(other);
    }

    /** @return the port, the scheme's default when none is written. */
    static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getHost() + ":" + port(uri);
    }

    private static URI parse(String url) throws Unusable {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new Unusable("not a URL: " + e.getReason());
        }
    }
}
