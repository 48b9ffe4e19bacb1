package io.hookswitch.rtp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The two laws of ITU-T G.711: mu-law (PCMU) and A-law (PCMA), 16-bit linear samples, and the direct conversion from
 * one law to the other by tables 3 and 4 of the recommendation. Negative samples are mirrored by one's complement as
 * in ITU-T G.191, so that both signs have the same decision values.
 */
public final class G711 {
    /** What silence is in mu-law. */
    public static final byte MU_LAW_SILENCE = (byte) 0xFF;
    /** What silence is in A-law. */
    public static final byte A_LAW_SILENCE = (byte) 0xD5;

    /** A-law transmits with the even bits inverted. */
    private static final int A_LAW_INVERSION = 0x55;

    private static final int MU_LAW_BIAS = 33;
    private static final int MU_LAW_CLIP = 0x1FFF;
    private static final int TABLE_LENGTH = 256;

    private static final short[] MU_LAW_TO_LINEAR = new short[TABLE_LENGTH];
    private static final short[] A_LAW_TO_LINEAR = new short[TABLE_LENGTH];
    private static final byte[] MU_LAW_TO_A_LAW = new byte[TABLE_LENGTH];
    private static final byte[] A_LAW_TO_MU_LAW = new byte[TABLE_LENGTH];

    static {
        for (int code = 0; code < TABLE_LENGTH; code++) {
            MU_LAW_TO_LINEAR[code] = (short) expandMuLaw(code);
            A_LAW_TO_LINEAR[code] = (short) expandALaw(code);
            int sign = code & 0x80;
            int muMagnitude = ~code & 0x7F;
            MU_LAW_TO_A_LAW[code] = (byte) ((sign | aMagnitude(muMagnitude)) ^ A_LAW_INVERSION);
            int aMagnitude = (code ^ A_LAW_INVERSION) & 0x7F;
            A_LAW_TO_MU_LAW[code] = (byte) (sign | ~muMagnitude(aMagnitude) & 0x7F);
        }
    }

    private G711() {}

    /** @return mu-law code of a linear sample. */
    public static byte encodeMuLaw(int linear) {
        int magnitude = Math.min(((linear < 0 ? ~linear : linear) >> 2) + MU_LAW_BIAS, MU_LAW_CLIP);
        int segment = 26 - Integer.numberOfLeadingZeros(magnitude);
        int code = segment << 4 | (magnitude >> segment + 1) & 0x0F;
        return (byte) (~code & 0x7F | (linear < 0 ? 0 : 0x80));
    }

    /** @return A-law code of a linear sample. */
    public static byte encodeALaw(int linear) {
        int magnitude = (linear < 0 ? ~linear : linear) >> 4;
        int code = magnitude;
        if (magnitude > 15) {
            int segment = 28 - Integer.numberOfLeadingZeros(magnitude);
            code = segment << 4 | magnitude >> segment - 1 & 0x0F;
        }
        return (byte) ((code | (linear < 0 ? 0 : 0x80)) ^ A_LAW_INVERSION);
    }

    /** @return linear sample of a mu-law code, -32124..32124. */
    public static short decodeMuLaw(int code) {
        return MU_LAW_TO_LINEAR[code & 0xFF];
    }

    /** @return linear sample of an A-law code, -32256..32256. */
    public static short decodeALaw(int code) {
        return A_LAW_TO_LINEAR[code & 0xFF];
    }

    /** @return the A-law code of a mu-law code, G.711 table 3. */
    public static byte muLawToALaw(int code) {
        return MU_LAW_TO_A_LAW[code & 0xFF];
    }

    /** @return the mu-law code of an A-law code, G.711 table 4. */
    public static byte aLawToMuLaw(int code) {
        return A_LAW_TO_MU_LAW[code & 0xFF];
    }

    /** Converts mu-law samples to A-law in place. */
    public static void muLawToALaw(MutableDirectBuffer buffer, int offset, int length) {
        convert(MU_LAW_TO_A_LAW, buffer, offset, length);
    }

    /** Converts A-law samples to mu-law in place. */
    public static void aLawToMuLaw(MutableDirectBuffer buffer, int offset, int length) {
        convert(A_LAW_TO_MU_LAW, buffer, offset, length);
    }

    /** Eight samples a step: the buffer's bounds are checked once for all of them. */
    private static void convert(byte[] table, MutableDirectBuffer buffer, int offset, int length) {
        int end = offset + length;
        int at = offset;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            long from = buffer.getLong(at, BIG_ENDIAN);
            long to = 0L;
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                to |= (table[(int) (from >>> shift) & 0xFF] & 0xFFL) << shift;
            }
            buffer.putLong(at, to, BIG_ENDIAN);
        }
        for (; at < end; at++) {
            buffer.putByte(at, table[buffer.getByte(at) & 0xFF]);
        }
    }

    /** Decodes mu-law bytes to 16-bit samples of a byte order. */
    public static void decodeMuLaw(
            DirectBuffer from, int fromOffset, int samples, MutableDirectBuffer to, int toOffset, ByteOrder order) {
        for (int i = 0; i < samples; i++) {
            to.putShort(toOffset + (i << 1), MU_LAW_TO_LINEAR[from.getByte(fromOffset + i) & 0xFF], order);
        }
    }

    /** Decodes A-law bytes to 16-bit samples of a byte order. */
    public static void decodeALaw(
            DirectBuffer from, int fromOffset, int samples, MutableDirectBuffer to, int toOffset, ByteOrder order) {
        for (int i = 0; i < samples; i++) {
            to.putShort(toOffset + (i << 1), A_LAW_TO_LINEAR[from.getByte(fromOffset + i) & 0xFF], order);
        }
    }

    /** Encodes 16-bit samples of a byte order to mu-law. */
    public static void encodeMuLaw(
            DirectBuffer from, int fromOffset, int samples, MutableDirectBuffer to, int toOffset, ByteOrder order) {
        for (int i = 0; i < samples; i++) {
            to.putByte(toOffset + i, encodeMuLaw(from.getShort(fromOffset + (i << 1), order)));
        }
    }

    /** Encodes 16-bit samples of a byte order to A-law. */
    public static void encodeALaw(
            DirectBuffer from, int fromOffset, int samples, MutableDirectBuffer to, int toOffset, ByteOrder order) {
        for (int i = 0; i < samples; i++) {
            to.putByte(toOffset + i, encodeALaw(from.getShort(fromOffset + (i << 1), order)));
        }
    }

    private static int expandMuLaw(int code) {
        int magnitude = ~code & 0x7F;
        int linear = (((magnitude & 0x0F) << 1 | 0x21) << (magnitude >> 4)) - MU_LAW_BIAS << 2;
        return (code & 0x80) != 0 ? linear : -linear;
    }

    private static int expandALaw(int code) {
        int magnitude = (code ^ A_LAW_INVERSION) & 0x7F;
        int segment = magnitude >> 4;
        int linear = (magnitude & 0x0F) << 1 | 1;
        if (segment > 0) {
            linear = (linear | 0x20) << segment - 1;
        }
        return (code & 0x80) != 0 ? linear << 3 : -(linear << 3);
    }

    /**
     * G.711 table 3 for one sign. Not the nearest value everywhere: mu-law to A-law and back must change as few codes
     * as possible.
     */
    private static int aMagnitude(int mu) {
        if (mu < 16) {
            return mu >> 1;
        }
        if (mu <= 32) {
            return mu - 8;
        }
        if (mu <= 36) {
            return 2 * mu - 40;
        }
        if (mu < 48) {
            return mu - 4;
        }
        if (mu < 64) {
            return mu == 48 ? 45 : mu - 2;
        }
        return mu <= 80 ? mu - 1 : mu;
    }

    /** G.711 table 4 for one sign. */
    private static int muMagnitude(int a) {
        if (a < 8) {
            return 2 * a + 1;
        }
        if (a < 24) {
            return a + 8;
        }
        if (a < 32) {
            return 32 + (a - 24 >> 1);
        }
        if (a < 44) {
            return a + 4;
        }
        if (a < 48) {
            return 48 + (a - 44 >> 1);
        }
        if (a < 63) {
            return a + 2;
        }
        return a < 80 ? a + 1 : a;
    }
}
