package io.hookswitch.control.journal;

/**
 * The byte in front of each value. Numbers are little-endian; a text is its length in bytes (int) and UTF-8.
 *
 * <pre>
 *   NULL, FALSE, TRUE, EMPTY                nothing follows
 *   INT int32   LONG int64   DOUBLE int64   CHAR int16
 *   STRING text   DECIMAL text   INTEGER text
 *   LIST count int32, values                MAP count int32, pairs of text and value, in order
 *   RECORD name text, count int16, members  ENUM name text, constant text
 *   PRESENT value
 * </pre>
 */
final class ValueTag {
    static final byte NULL = 0;
    static final byte FALSE = 1;
    static final byte TRUE = 2;
    static final byte INT = 3;
    static final byte LONG = 4;
    static final byte DOUBLE = 5;
    static final byte CHAR = 6;
    static final byte STRING = 7;
    /** {@code java.math.BigDecimal}. */
    static final byte DECIMAL = 8;
    /** {@code java.math.BigInteger}. */
    static final byte INTEGER = 9;

    static final byte LIST = 10;
    static final byte MAP = 11;
    static final byte RECORD = 12;
    static final byte ENUM = 13;
    /** An Optional with a value. */
    static final byte PRESENT = 14;
    /** An Optional without. */
    static final byte EMPTY = 15;

    /** Deepest nesting; documents of applications have at most 100 levels. */
    static final int MAX_DEPTH = 160;

    private ValueTag() {}
}
