package io.hookswitch.server.simulate;

import io.hookswitch.control.CallUpdate;
import java.util.List;
import java.util.Map;

/**
 * Who is dialled and who is asked in a simulation, and what they do.
 *
 * @param targets by number, SIP URI or user as the document writes it; {@code *} = any other
 * @param hooks by URL as the document writes it; {@code *} = any other. Replies are given in turn, the last for ever
 * @param files length in ms of what is played or said, by URL or text; {@code *} = any other
 * @param updates what somebody asks for over REST meanwhile
 */
public record FarEnds(
        Caller caller,
        Map<String, Target> targets,
        Map<String, List<HookScript>> hooks,
        Map<String, Long> files,
        List<Update> updates) {
    /** Never. */
    public static final long NEVER = -1;

    /** Keeps its own copies. */
    public FarEnds {
        targets = Map.copyOf(targets);
        hooks = Map.copyOf(hooks);
        files = Map.copyOf(files);
        updates = List.copyOf(updates);
    }

    /**
     * Who calls.
     *
     * @param hangUpAfterMs after the call begins: CANCEL or BYE
     */
    public record Caller(String from, String to, long hangUpAfterMs, List<Press> presses) {}

    /**
     * Where a target leads.
     *
     * @param nowhere SIP status instead of any way, 0 = none
     * @param together ways are rung at once, as a user's contacts
     */
    public record Target(int nowhere, boolean together, List<Way> ways) {
        /** Keeps its own copy. */
        public Target {
            ways = List.copyOf(ways);
        }
    }

    /**
     * One far end; times in ms after the INVITE.
     *
     * @param earlyMedia it rings with 183 and media
     * @param reject SIP status
     * @param hangUpAfterMs after the answer
     * @param presses after the answer
     */
    public record Way(
            long ringAfterMs,
            boolean earlyMedia,
            long answerAfterMs,
            long rejectAfterMs,
            int reject,
            long hangUpAfterMs,
            List<Press> presses) {
        /** Keeps its own copy. */
        public Way {
            presses = List.copyOf(presses);
        }
    }

    /** A key, so long after the answer. */
    public record Press(long afterMs, char key) {}

    /**
     * What a hook replies.
     *
     * @param reply verbs, null = none
     * @param status of the reply
     * @param silent no reply: the hook times out after that time
     */
    public record HookScript(long afterMs, Object reply, int status, boolean silent) {}

    /**
     * An update of the call.
     *
     * @param afterMs after the call begins
     * @param leg a target as the document writes it, "" = the caller's
     * @param update as the REST API takes it
     */
    public record Update(long afterMs, String leg, CallUpdate update) {}
}
