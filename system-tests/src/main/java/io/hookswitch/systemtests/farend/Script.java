package io.hookswitch.systemtests.farend;

/**
 * What a called far end does. Times are ms after the INVITE came; -1 = never.
 *
 * @param ringStatus provisional to send, 0 = none
 * @param earlyMedia whether the provisional carries SDP
 * @param reliable whether the provisional is sent reliably (RFC 3262) when the caller supports it
 * @param rejectStatus final failure, sent at {@code answerAfterMs} instead of 200
 * @param answersCancel on CANCEL answers the INVITE with 200: the answer that crosses
 * @param byeAfterMs after its answer was acknowledged
 * @param codec the only payload type it takes, -1 = what the caller offers
 * @param user non-null: the INVITE is challenged with 407 and must prove this user's password
 */
public record Script(
        int ringStatus,
        long ringAfterMs,
        boolean earlyMedia,
        boolean reliable,
        long answerAfterMs,
        int rejectStatus,
        boolean answersCancel,
        long byeAfterMs,
        String user,
        String password,
        int codec) {
    /** @return rings at once, never answers. */
    public static Script ringing() {
        return new Script(180, 0, false, false, -1, 0, false, -1, null, null, -1);
    }

    /** @return rings at once, answers after a while. */
    public static Script answering(long afterMs) {
        return new Script(180, 0, false, false, afterMs, 0, false, -1, null, null, -1);
    }

    /** @return refuses without ringing. */
    public static Script rejecting(int status) {
        return new Script(0, 0, false, false, 0, status, false, -1, null, null, -1);
    }

    /** @return sends 100 and nothing else. */
    public static Script silent() {
        return new Script(0, 0, false, false, -1, 0, false, -1, null, null, -1);
    }

    /** @return rings, and answers the moment a CANCEL comes. */
    public static Script crossing() {
        return new Script(180, 0, false, false, -1, 0, true, -1, null, null, -1);
    }

    /** @return with another ring time and status. */
    public Script ring(int status, long afterMs) {
        return new Script(
                status,
                afterMs,
                earlyMedia,
                reliable,
                answerAfterMs,
                rejectStatus,
                answersCancel,
                byeAfterMs,
                user,
                password,
                codec);
    }

    /** @return with SDP in the provisional, and media from then on. */
    public Script earlyMedia(int status) {
        return new Script(
                status,
                ringAfterMs,
                true,
                reliable,
                answerAfterMs,
                rejectStatus,
                answersCancel,
                byeAfterMs,
                user,
                password,
                codec);
    }

    /** @return with a reliable provisional. */
    public Script withReliableRing() {
        return new Script(
                ringStatus,
                ringAfterMs,
                earlyMedia,
                true,
                answerAfterMs,
                rejectStatus,
                answersCancel,
                byeAfterMs,
                user,
                password,
                codec);
    }

    /** @return with a final failure after a while. */
    public Script rejectAfter(int status, long afterMs) {
        return new Script(
                ringStatus,
                ringAfterMs,
                earlyMedia,
                reliable,
                afterMs,
                status,
                answersCancel,
                byeAfterMs,
                user,
                password,
                codec);
    }

    /** @return hangs up a while after it was connected. */
    public Script byeAfter(long ms) {
        return new Script(
                ringStatus,
                ringAfterMs,
                earlyMedia,
                reliable,
                answerAfterMs,
                rejectStatus,
                answersCancel,
                ms,
                user,
                password,
                codec);
    }

    /** @return challenges the caller first. */
    public Script challenging(String name, String secret) {
        return new Script(
                ringStatus,
                ringAfterMs,
                earlyMedia,
                reliable,
                answerAfterMs,
                rejectStatus,
                answersCancel,
                byeAfterMs,
                name,
                secret,
                codec);
    }

    /** @return takes one payload type only. */
    public Script speaking(int payloadType) {
        return new Script(
                ringStatus,
                ringAfterMs,
                earlyMedia,
                reliable,
                answerAfterMs,
                rejectStatus,
                answersCancel,
                byeAfterMs,
                user,
                password,
                payloadType);
    }
}
