package io.hookswitch.server.audio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in a file's bytes, the lowest byte first. */
record LittleEndian(byte[] bytes) {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    int length() {
        return bytes.length;
    }

    int unsigned8(int at) {
        return bytes[at] & 0xFF;
    }

    int signed16(int at) {
        return (short) SHORT.get(bytes, at);
    }

    int unsigned16(int at) {
        return signed16(at) & 0xFFFF;
    }

    int signed24(int at) {
        return unsigned16(at) | bytes[at + 2] << 16;
    }

    int signed32(int at) {
        return (int) INT.get(bytes, at);
    }

    long signed64(int at) {
        return (long) LONG.get(bytes, at);
    }

    /** @return whether these ASCII characters stand there. */
    boolean has(int at, String text) {
        if (at < 0 || at + text.length() > bytes.length) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
