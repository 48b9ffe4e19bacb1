package io.hookswitch.control.journal;

/**
 * A file of a journal: frames, one behind the other, of all calls as they came. Little-endian.
 *
 * <pre>
 *   frame   length int32 (of what follows), kind int8, body
 *   HEADER  magic int64, version int16, run text, build text, startedEpochMs int64, count int32 of records,
 *           each: name text, count int16, member texts; settings value.  The first frame, once.
 *   EVENT   call int64, index int32, flags int8 (1: keys are open), nowNs int64, numbers int64, entropy int64 x 2,
 *           event value, failure value, answers value (list of name, value, name, value ...),
 *           count int32 of commands, each: length int32, value
 *   END     call int64, events int32: the call is over, and all of it is here
 *   CUT     call int64, events int32, reason text: the rest of the call was not written
 * </pre>
 *
 * <p>Values are described in {@code ValueTag}. They name their records, and the header names the members: a file
 * tells by itself what it holds, there is no schema to be changed beside the records.
 */
public final class JournalLayout {
    /** Version of this layout; a reader refuses others. */
    public static final int VERSION = 1;
    /** How a file's name ends. */
    public static final String FILE_SUFFIX = ".journal";
    /** Longest frame. */
    public static final int MAX_FRAME_BYTES = 4 << 20;

    static final long MAGIC = 0x4C4E_524A_4B4F_4F48L;
    static final byte HEADER = 1;
    static final byte EVENT = 2;
    static final byte END = 3;
    static final byte CUT = 4;
    static final int KEYS_OPEN = 1;

    private JournalLayout() {}
}
