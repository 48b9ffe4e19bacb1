package io.hookswitch.systemtests.hook;

/**
 * What a path of the hook server answers.
 *
 * @param status HTTP status; 0 = closes the stream without an answer
 * @param contentType of the body
 * @param body raw text
 * @param delayMs before the answer
 */
public record HookReply(int status, String contentType, String body, long delayMs) {
    /** No instructions. */
    public static final HookReply NOTHING = new HookReply(200, "application/json", "[]", 0);

    /** @return verbs. */
    public static HookReply verbs(String json) {
        return new HookReply(200, "application/json", json, 0);
    }

    /** @return a bare status. */
    public static HookReply status(int code) {
        return new HookReply(code, "text/plain", "", 0);
    }

    /** @return later by so much. */
    public HookReply after(long ms) {
        return new HookReply(status, contentType, body, ms);
    }
}
