package io.hookswitch.systemtests.hook;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One request that the hook server got.
 *
 * @param timeNs {@link System#nanoTime()} when its head was read; on one machine comparable between processes
 * @param path without the query
 * @param query raw, "" if none
 * @param headers names in lower case
 * @param body raw text
 * @param signature {@code good}, {@code missing} or what is wrong with it
 */
public record HookRequest(
        long timeNs,
        String method,
        String path,
        String query,
        Map<String, String> headers,
        String body,
        String signature) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Keeps its own copy of the headers. */
    public HookRequest {
        headers = Map.copyOf(headers);
    }

    /** @return the body as JSON. */
    public JsonNode json() {
        return JSON.readTree(body);
    }

    /** @return a member of the body as text, "" when absent. */
    public String text(String member) {
        JsonNode value = json().get(member);
        return value == null || value.isNull() ? "" : value.asString();
    }

    /** @return a member of the body as a number, -1 when absent. */
    public int number(String member) {
        JsonNode value = json().get(member);
        return value == null ? -1 : value.asInt();
    }

    /** @return whether the body has a member. */
    public boolean has(String member) {
        return json().has(member);
    }

    /** @return one line: path, leg's direction, status. */
    public String summary() {
        return method + " " + path + " " + text("direction") + " " + text("to") + " " + text("call_status") + " "
                + number("sip_status");
    }
}
