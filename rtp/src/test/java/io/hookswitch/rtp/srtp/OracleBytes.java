package io.hookswitch.rtp.srtp;

import java.util.Arrays;
import org.jitsi.utils.ByteArrayBuffer;

/** A packet as the other implementation wants it. */
final class OracleBytes implements ByteArrayBuffer {
    private final byte[] bytes = new byte[4096];
    private int offset;
    private int length;

    OracleBytes(byte[] content) {
        System.arraycopy(content, 0, bytes, 0, content.length);
        length = content.length;
    }

    byte[] content() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    @Override
    public byte[] getBuffer() {
        return bytes;
    }

    @Override
    public int getOffset() {
        return offset;
    }

    @Override
    public int getLength() {
        return length;
    }

    @Override
    public void setLength(int newLength) {
        length = newLength;
    }

    @Override
    public void setOffset(int newOffset) {
        offset = newOffset;
    }

    @Override
    public boolean isInvalid() {
        return false;
    }

    @Override
    public void readRegionToBuff(int from, int count, byte[] target) {
        System.arraycopy(bytes, offset + from, target, 0, count);
    }

    @Override
    public void grow(int more) {
        // There is room enough.
    }

    @Override
    public void append(byte[] more, int count) {
        System.arraycopy(more, 0, bytes, offset + length, count);
        length += count;
    }

    @Override
    public void shrink(int less) {
        length -= less;
    }
}
