package io.hookswitch.rtp.srtp;

import io.hookswitch.rtp.HmacSha1;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.agrona.MutableDirectBuffer;

/**
 * Protects and unprotects RTP and RTCP packets in place (RFC 3711 sections 3.3 and 3.4). One a thread; nothing is
 * allocated per packet. The keystream of a whole packet is made by one call of the JDK's AES over all its counter
 * blocks, the tag by its SHA-1: both run on the processor's own instructions.
 *
 * <p>Answers are the packet's new length, or {@link #BAD_LENGTH}, {@link #NOT_AUTHENTIC}, {@link #REPLAYED}; with one
 * of
 * these nothing was changed, neither bytes nor context.
 */
public final class SrtpTransform {
    /** Too short to be what it must be, or too long to be protected. */
    public static final int BAD_LENGTH = -1;
    /** The tag is wrong: altered, forged, or under another key. */
    public static final int NOT_AUTHENTIC = -2;
    /** It came or went before, or is older than the replay window. */
    public static final int REPLAYED = -3;
    /** Most bytes that protecting appends: SRTCP's index and tag. */
    public static final int MAX_GROWTH = 4 + 10;

    private static final int MAX_PACKET = 65_536;
    private static final int BLOCK = 16;
    private static final int RTP_HEADER = 12;
    private static final int SSRC_OFFSET = 8;
    private static final int SEQUENCE_OFFSET = 2;
    private static final int RTCP_HEADER = 8;
    private static final int RTCP_SSRC_OFFSET = 4;
    private static final int RTCP_TAG = 10;
    private static final int ENCRYPTED = 1 << 31;
    private static final int EXTENSION = 0x10;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final HmacSha1 hmac = new HmacSha1();
    /** The packet as the digest sees it, with the rollover counter behind it. */
    private final byte[] packet;

    private final byte[] counters;
    private final byte[] keystream;
    /** The tag of the packet looked at last. */
    private byte[] hash;

    /** @param maxPacket bytes of the largest packet before it is protected, 12..65536 */
    public SrtpTransform(int maxPacket) {
        if (maxPacket < RTP_HEADER || maxPacket > MAX_PACKET) {
            throw new IllegalArgumentException("maxPacket: " + maxPacket + " is not in 12..65536");
        }
        packet = new byte[maxPacket + MAX_GROWTH];
        counters = new byte[(maxPacket + BLOCK - 1) / BLOCK * BLOCK];
        keystream = new byte[counters.length];
    }

    /**
     * Encrypts the payload of an RTP packet and appends the tag. A number that was used already is refused: two
     * packets under one keystream would tell each other's content (RFC 3711 section 9.1).
     *
     * @param length of the packet; the buffer has room for the tag behind it.
     */
    public int protectRtp(SrtpContext context, MutableDirectBuffer buffer, int offset, int length) {
        int header = rtpHeaderLength(buffer, offset, length);
        if (header < 0 || length + context.tagLength() > packet.length) {
            return BAD_LENGTH;
        }
        int ssrc = buffer.getInt(offset + SSRC_OFFSET, ByteOrder.BIG_ENDIAN);
        long index = context.rtpPackets.estimate(
                ssrc, buffer.getShort(offset + SEQUENCE_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF);
        if (context.rtpPackets.isReplay(ssrc, index)) {
            return REPLAYED;
        }
        cipher(context.rtp, ssrc, index, buffer, offset + header, length - header);
        authenticateRtp(context, buffer, offset, length, index);
        buffer.putBytes(offset + length, hash, 0, context.tagLength());
        context.rtpPackets.accept(ssrc, index);
        return length + context.tagLength();
    }

    /** Checks the tag of an SRTP packet and that it is new, and decrypts its payload. */
    public int unprotectRtp(SrtpContext context, MutableDirectBuffer buffer, int offset, int length) {
        int plain = length - context.tagLength();
        int header = rtpHeaderLength(buffer, offset, plain);
        if (header < 0 || length > packet.length) {
            return BAD_LENGTH;
        }
        int ssrc = buffer.getInt(offset + SSRC_OFFSET, ByteOrder.BIG_ENDIAN);
        long index = context.rtpPackets.estimate(
                ssrc, buffer.getShort(offset + SEQUENCE_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF);
        if (context.rtpPackets.isReplay(ssrc, index)) {
            return REPLAYED;
        }
        authenticateRtp(context, buffer, offset, plain, index);
        if (!isTag(buffer, offset + plain, context.tagLength())) {
            return NOT_AUTHENTIC;
        }
        context.rtpPackets.accept(ssrc, index);
        cipher(context.rtp, ssrc, index, buffer, offset + header, plain - header);
        return plain;
    }

    /**
     * Encrypts an RTCP compound packet behind its first eight bytes and appends index and tag.
     *
     * @param length of the packet; the buffer has room for {@link #MAX_GROWTH} bytes behind it.
     */
    public int protectRtcp(SrtpContext context, MutableDirectBuffer buffer, int offset, int length) {
        if (length < RTCP_HEADER || length + MAX_GROWTH > packet.length) {
            return BAD_LENGTH;
        }
        int ssrc = buffer.getInt(offset + RTCP_SSRC_OFFSET, ByteOrder.BIG_ENDIAN);
        long index = context.rtcpPackets.highest(ssrc) + 1 & Integer.MAX_VALUE;
        cipher(context.rtcp, ssrc, index, buffer, offset + RTCP_HEADER, length - RTCP_HEADER);
        buffer.putInt(offset + length, (int) index | ENCRYPTED, ByteOrder.BIG_ENDIAN);
        authenticate(context.rtcp, buffer, offset, length + Integer.BYTES);
        buffer.putBytes(offset + length + Integer.BYTES, hash, 0, RTCP_TAG);
        context.rtcpPackets.accept(ssrc, index);
        return length + MAX_GROWTH;
    }

    /** Checks the tag of an SRTCP packet and that it is new, and decrypts it when it says that it is encrypted. */
    public int unprotectRtcp(SrtpContext context, MutableDirectBuffer buffer, int offset, int length) {
        int plain = length - MAX_GROWTH;
        if (plain < RTCP_HEADER || length > packet.length) {
            return BAD_LENGTH;
        }
        int ssrc = buffer.getInt(offset + RTCP_SSRC_OFFSET, ByteOrder.BIG_ENDIAN);
        int said = buffer.getInt(offset + plain, ByteOrder.BIG_ENDIAN);
        long index = said & Integer.MAX_VALUE;
        if (context.rtcpPackets.isReplay(ssrc, index)) {
            return REPLAYED;
        }
        authenticate(context.rtcp, buffer, offset, plain + Integer.BYTES);
        if (!isTag(buffer, offset + plain + Integer.BYTES, RTCP_TAG)) {
            return NOT_AUTHENTIC;
        }
        context.rtcpPackets.accept(ssrc, index);
        if ((said & ENCRYPTED) != 0) {
            cipher(context.rtcp, ssrc, index, buffer, offset + RTCP_HEADER, plain - RTCP_HEADER);
        }
        return plain;
    }

    /** @return bytes up to the payload, or -1 when the packet is shorter than that. */
    private static int rtpHeaderLength(MutableDirectBuffer buffer, int offset, int length) {
        if (length < RTP_HEADER) {
            return -1;
        }
        int first = buffer.getByte(offset);
        int header = RTP_HEADER + (first & 0x0F) * Integer.BYTES;
        if ((first & EXTENSION) != 0) {
            if (length < header + Integer.BYTES) {
                return -1;
            }
            int words = buffer.getShort(offset + header + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
            header += Integer.BYTES + words * Integer.BYTES;
        }
        return header <= length ? header : -1;
    }

    /** Combines bytes with the keystream of a packet: encrypts and decrypts. RFC 3711 section 4.1.1. */
    private void cipher(
            SrtpContext.Keys keys, int ssrc, long index, MutableDirectBuffer buffer, int offset, int length) {
        int blocks = (length + BLOCK - 1) / BLOCK;
        long high = keys.saltHigh ^ ssrc & 0xFFFF_FFFFL;
        long low = keys.saltLow ^ index << 16;
        for (int i = 0; i < blocks; i++) {
            LONGS.set(counters, i * BLOCK, high);
            LONGS.set(counters, i * BLOCK + Long.BYTES, low ^ i);
        }
        encrypt(keys.cipher, blocks * BLOCK);
        int done = 0;
        for (; done <= length - Long.BYTES; done += Long.BYTES) {
            long plain = buffer.getLong(offset + done, ByteOrder.BIG_ENDIAN);
            buffer.putLong(offset + done, plain ^ (long) LONGS.get(keystream, done), ByteOrder.BIG_ENDIAN);
        }
        for (; done < length; done++) {
            buffer.putByte(offset + done, (byte) (buffer.getByte(offset + done) ^ keystream[done]));
        }
    }

    private void encrypt(Cipher aes, int length) {
        try {
            aes.update(counters, 0, length, keystream, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("keystream", e);
        }
    }

    private void authenticateRtp(SrtpContext context, MutableDirectBuffer buffer, int offset, int length, long index) {
        buffer.getBytes(offset, packet, 0, length);
        INTS.set(packet, length, (int) (index >>> 16));
        hash = hmac.of(context.rtp.authentication, packet, length + Integer.BYTES);
    }

    private void authenticate(SrtpContext.Keys keys, MutableDirectBuffer buffer, int offset, int length) {
        buffer.getBytes(offset, packet, 0, length);
        hash = hmac.of(keys.authentication, packet, length);
    }

    /** Looks at all bytes whatever they are, so that the time taken says nothing. */
    private boolean isTag(MutableDirectBuffer buffer, int offset, int length) {
        int different = 0;
        for (int i = 0; i < length; i++) {
            different |= buffer.getByte(offset + i) ^ hash[i];
        }
        return different == 0;
    }
}
