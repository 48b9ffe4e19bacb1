package io.hookswitch.server.taps;

import io.hookswitch.server.json.JavaScriptJson;
import java.util.Map;

/** Text frames as JSON objects. Stateless. */
final class TapMessages {
    private TapMessages() {}

    /** @return the object, null when it is none. */
    @SuppressWarnings("unchecked") // JSON objects are maps with string keys
    static Map<String, Object> read(byte[] utf8) {
        try {
            return JavaScriptJson.read(utf8) instanceof Map<?, ?> object ? (Map<String, Object>) object : null;
        } catch (JavaScriptJson.NotJson e) {
            return null;
        }
    }

    /** @return what kind of message it says it is, "" = it does not say. */
    static String type(Map<String, Object> message) {
        return message.get("type") instanceof String type ? type : "";
    }
}
