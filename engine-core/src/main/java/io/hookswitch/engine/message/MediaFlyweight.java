package io.hookswitch.engine.message;

import org.agrona.MutableDirectBuffer;

/**
 * What SDP says of one audio stream, as numbers, inside a {@link MessageFlyweight}. From the sip side: the far end's
 * address
 * and the codecs it named (OFFERED) or the negotiated one first (all else). Towards the sip side: our address, and the
 * codecs
 * to offer or to prefer in the answer, in order.
 *
 * <pre>
 *   0 int present 0/1          8 int RTP port             16 int address length 4|16
 *   4 int direction (ours)    12 int RTCP port, = RTP port when multiplexed, 0 = none
 *  20 address, 16 bytes       36 int ptimeMs, 0 = not said     40 int number of codecs 0..8
 *  44 codecs, 8 x { byte codec, byte payload type, byte telephone-event payload type of its clock or -1, byte 0, int
 * clock rate }
 * 108 int telephone-event payload type or -1, for 8000 Hz     112 telephone-event clock rate
 * 116 int IPv4 address that the signalling came from, 0 = not known or not IPv4
 * 120 byte SRTP suite, 0 = plain RTP, {@link #DTLS} = to be agreed on by DTLS, else 1 + its place in SrtpSuite
 * 121 byte 1 = ICE finds the way (RFC 8445), we being lite; always with DTLS
 *     with a suite:  122 key and salt that we send with, 30 bytes     152 those of the far end     182..191 0
 *     with DTLS:     122 SHA-256 fingerprint of the far end's certificate, 32 bytes     154..191 0
 * 192 our ICE ufrag, 8 ASCII     200 our ICE password, 24 ASCII
 * </pre>
 */
public final class MediaFlyweight {
    /** Bytes of this layout. */
    public static final int LENGTH = 224;
    /** SRTP suite: none, plain RTP. */
    public static final int NO_SRTP = 0;
    /** SRTP suite: whatever a DTLS handshake on the media path agrees on (RFC 5764), behind ICE (RFC 8445, lite). */
    public static final int DTLS = 127;
    /** ASCII characters of an ICE ufrag of ours. */
    public static final int UFRAG_LENGTH = 8;
    /** ASCII characters of an ICE password of ours. */
    public static final int PASSWORD_LENGTH = 24;
    /** Bytes of a SHA-256 fingerprint. */
    public static final int FINGERPRINT_LENGTH = 32;
    /** Most codecs of one description. */
    public static final int MAX_CODECS = 8;
    /** Direction bit: we send. */
    public static final int SEND = 1;
    /** Direction bit: we receive. */
    public static final int RECEIVE = 2;

    private static final int DIRECTION_OFFSET = 4;
    private static final int RTP_PORT_OFFSET = 8;
    private static final int RTCP_PORT_OFFSET = 12;
    private static final int ADDRESS_LENGTH_OFFSET = 16;
    private static final int ADDRESS_OFFSET = 20;
    private static final int PTIME_OFFSET = 36;
    private static final int CODEC_COUNT_OFFSET = 40;
    private static final int CODECS_OFFSET = 44;
    private static final int CODEC_LENGTH = 8;
    private static final int EVENT_TYPE_OFFSET = 108;
    private static final int EVENT_CLOCK_OFFSET = 112;

    private static final int SIGNALLING_OFFSET = 116;
    private static final int SRTP_SUITE_OFFSET = 120;
    private static final int LOCAL_KEY_OFFSET = 122;
    private static final int KEY_LENGTH = 30;
    private static final int REMOTE_KEY_OFFSET = LOCAL_KEY_OFFSET + KEY_LENGTH;
    private static final int ICE_OFFSET = 121;
    private static final int FINGERPRINT_OFFSET = 122;
    private static final int UFRAG_OFFSET = 192;
    private static final int PASSWORD_OFFSET = UFRAG_OFFSET + UFRAG_LENGTH;

    private MutableDirectBuffer buffer;
    private int offset;

    /** Points this view at {@link #LENGTH} bytes. */
    public MediaFlyweight wrap(MutableDirectBuffer slot, int slotOffset) {
        buffer = slot;
        offset = slotOffset;
        return this;
    }

    /** Makes this description equal to another one, without allocating. */
    public void copyFrom(MediaFlyweight other) {
        buffer.putBytes(offset, other.buffer, other.offset, LENGTH);
    }

    /** @return whether there is a description at all. */
    public boolean present() {
        return buffer.getInt(offset) != 0;
    }

    /** Says that there is a description: direction both ways, no telephone event, no codecs yet. */
    public MediaFlyweight begin() {
        buffer.setMemory(offset, LENGTH, (byte) 0);
        buffer.putInt(offset, 1);
        buffer.putInt(offset + DIRECTION_OFFSET, SEND | RECEIVE);
        buffer.putInt(offset + EVENT_TYPE_OFFSET, -1);
        return this;
    }

    /** @return {@link #SEND} and {@link #RECEIVE} bits as seen from us; 0 = inactive. */
    public int direction() {
        return buffer.getInt(offset + DIRECTION_OFFSET);
    }

    /** Sets the direction bits as seen from us. */
    public MediaFlyweight direction(int direction) {
        buffer.putInt(offset + DIRECTION_OFFSET, direction);
        return this;
    }

    /** @return UDP port of RTP, 0 = stream refused. */
    public int rtpPort() {
        return buffer.getInt(offset + RTP_PORT_OFFSET);
    }

    /** @return UDP port of RTCP; the RTP port when multiplexed (RFC 5761); 0 = none. */
    public int rtcpPort() {
        return buffer.getInt(offset + RTCP_PORT_OFFSET);
    }

    /** Sets both ports. */
    public MediaFlyweight ports(int rtpPort, int rtcpPort) {
        buffer.putInt(offset + RTP_PORT_OFFSET, rtpPort);
        buffer.putInt(offset + RTCP_PORT_OFFSET, rtcpPort);
        return this;
    }

    /** @return bytes of the IP address, 4 or 16; 0 = not set. */
    public int addressLength() {
        return buffer.getInt(offset + ADDRESS_LENGTH_OFFSET);
    }

    /** @return byte {@code index} of the address in network order, 0..255. */
    public int addressByte(int index) {
        return buffer.getByte(offset + ADDRESS_OFFSET + index) & 0xFF;
    }

    /** Sets the IP address, 4 or 16 bytes in network order. */
    public MediaFlyweight address(byte[] address) {
        buffer.putInt(offset + ADDRESS_LENGTH_OFFSET, address.length);
        buffer.putBytes(offset + ADDRESS_OFFSET, address);
        return this;
    }

    /** Copies the address out. @return its length in bytes. */
    public int copyAddress(byte[] into) {
        int length = addressLength();
        buffer.getBytes(offset + ADDRESS_OFFSET, into, 0, length);
        return length;
    }

    /** @return packet time in ms, 0 = not said. */
    public int ptimeMs() {
        return buffer.getInt(offset + PTIME_OFFSET);
    }

    /** Sets the packet time. */
    public MediaFlyweight ptimeMs(int ptimeMs) {
        buffer.putInt(offset + PTIME_OFFSET, ptimeMs);
        return this;
    }

    /** @return number of codecs, 0..{@link #MAX_CODECS}. */
    public int codecCount() {
        return buffer.getInt(offset + CODEC_COUNT_OFFSET);
    }

    /** @return codec number ({@link Codec}) at an index. */
    public int codec(int index) {
        return buffer.getByte(offset + CODECS_OFFSET + index * CODEC_LENGTH);
    }

    /** @return RTP payload type 0..127 of the codec at an index. */
    public int payloadType(int index) {
        return buffer.getByte(offset + CODECS_OFFSET + index * CODEC_LENGTH + 1);
    }

    /** @return payload type of the telephone event with the codec's clock, or -1. */
    public int eventPayloadType(int index) {
        return buffer.getByte(offset + CODECS_OFFSET + index * CODEC_LENGTH + 2);
    }

    /** @return RTP clock rate in Hz of the codec at an index. */
    public int clockRate(int index) {
        return buffer.getInt(offset + CODECS_OFFSET + index * CODEC_LENGTH + 4);
    }

    /** Appends a codec. @return false when there are {@link #MAX_CODECS} already: nothing was added. */
    public boolean addCodec(int codec, int payloadType, int eventPayloadType, int clockRate) {
        int count = codecCount();
        if (count == MAX_CODECS) {
            return false;
        }
        int at = offset + CODECS_OFFSET + count * CODEC_LENGTH;
        buffer.putByte(at, (byte) codec);
        buffer.putByte(at + 1, (byte) payloadType);
        buffer.putByte(at + 2, (byte) eventPayloadType);
        buffer.putInt(at + 4, clockRate);
        buffer.putInt(offset + CODEC_COUNT_OFFSET, count + 1);
        return true;
    }

    /** @return payload type of telephone-event (RFC 4733) chosen for this stream, or -1. */
    public int telephoneEventPayloadType() {
        return buffer.getInt(offset + EVENT_TYPE_OFFSET);
    }

    /** @return clock rate of the telephone event in Hz, 0 = none. */
    public int telephoneEventClockRate() {
        return buffer.getInt(offset + EVENT_CLOCK_OFFSET);
    }

    /** Sets the telephone event's payload type and clock rate; -1, 0 = none. */
    public MediaFlyweight telephoneEvent(int payloadType, int clockRate) {
        buffer.putInt(offset + EVENT_TYPE_OFFSET, payloadType);
        buffer.putInt(offset + EVENT_CLOCK_OFFSET, clockRate);
        return this;
    }

    /** @return IPv4 address that the far end's signalling came from, first byte on top; 0 = not known or not IPv4. */
    public int signallingIpv4() {
        return buffer.getInt(offset + SIGNALLING_OFFSET);
    }

    /** Sets the signalling address: a far end behind a NAT may send its media from there, whatever its SDP says. */
    public MediaFlyweight signallingIpv4(int address) {
        buffer.putInt(offset + SIGNALLING_OFFSET, address);
        return this;
    }

    /** @return SRTP suite: {@link #NO_SRTP}, or one more than its place in {@code SrtpSuite}. */
    public int srtpSuite() {
        return buffer.getByte(offset + SRTP_SUITE_OFFSET);
    }

    /** Sets the SRTP suite and both master keys, 30 bytes each: key and salt that we send with, and the far end's. */
    public MediaFlyweight srtp(int suite, byte[] localKey, byte[] remoteKey) {
        buffer.putByte(offset + SRTP_SUITE_OFFSET, (byte) suite);
        buffer.putBytes(offset + LOCAL_KEY_OFFSET, localKey, 0, KEY_LENGTH);
        buffer.putBytes(offset + REMOTE_KEY_OFFSET, remoteKey, 0, KEY_LENGTH);
        return this;
    }

    /** Copies out the 30 bytes that we send with. */
    public void copyLocalKey(byte[] into) {
        buffer.getBytes(offset + LOCAL_KEY_OFFSET, into, 0, KEY_LENGTH);
    }

    /** Copies out the 30 bytes that the far end sends with. */
    public void copyRemoteKey(byte[] into) {
        buffer.getBytes(offset + REMOTE_KEY_OFFSET, into, 0, KEY_LENGTH);
    }

    /** @return whether another description has us send with the same key. */
    public boolean hasLocalKeyOf(MediaFlyweight other) {
        return isSame(other, LOCAL_KEY_OFFSET, KEY_LENGTH);
    }

    /** @return whether another description has the far end send with the same key. */
    public boolean hasRemoteKeyOf(MediaFlyweight other) {
        return isSame(other, REMOTE_KEY_OFFSET, KEY_LENGTH);
    }

    /** @return whether ICE finds the way. */
    public boolean hasIce() {
        return buffer.getByte(offset + ICE_OFFSET) != 0;
    }

    /**
     * Says that ICE finds the way, and we are lite.
     *
     * @param ufrag ours, {@link #UFRAG_LENGTH} ASCII characters
     * @param password ours, {@link #PASSWORD_LENGTH} ASCII characters
     */
    public MediaFlyweight ice(byte[] ufrag, byte[] password) {
        buffer.putByte(offset + ICE_OFFSET, (byte) 1);
        buffer.putBytes(offset + UFRAG_OFFSET, ufrag, 0, UFRAG_LENGTH);
        buffer.putBytes(offset + PASSWORD_OFFSET, password, 0, PASSWORD_LENGTH);
        return this;
    }

    /** @return whether keys come from a DTLS handshake, and ICE finds the way. */
    public boolean isDtls() {
        return srtpSuite() == DTLS;
    }

    /**
     * Says that keys come from a DTLS handshake in which we are the server.
     *
     * @param ufrag ours, {@link #UFRAG_LENGTH} ASCII characters
     * @param password ours, {@link #PASSWORD_LENGTH} ASCII characters
     * @param fingerprint SHA-256 of the far end's certificate, {@link #FINGERPRINT_LENGTH} bytes
     */
    public MediaFlyweight dtls(byte[] ufrag, byte[] password, byte[] fingerprint) {
        buffer.putByte(offset + SRTP_SUITE_OFFSET, (byte) DTLS);
        buffer.putBytes(offset + FINGERPRINT_OFFSET, fingerprint, 0, FINGERPRINT_LENGTH);
        return ice(ufrag, password);
    }

    /** Copies out our ICE ufrag. */
    public void copyUfrag(byte[] into) {
        buffer.getBytes(offset + UFRAG_OFFSET, into, 0, UFRAG_LENGTH);
    }

    /** Copies out our ICE password. */
    public void copyPassword(byte[] into) {
        buffer.getBytes(offset + PASSWORD_OFFSET, into, 0, PASSWORD_LENGTH);
    }

    /** Copies out the fingerprint of the far end's certificate. */
    public void copyFingerprint(byte[] into) {
        buffer.getBytes(offset + FINGERPRINT_OFFSET, into, 0, FINGERPRINT_LENGTH);
    }

    /** @return whether another description expects the same certificate of the far end. */
    public boolean hasFingerprintOf(MediaFlyweight other) {
        return isSame(other, FINGERPRINT_OFFSET, FINGERPRINT_LENGTH);
    }

    private boolean isSame(MediaFlyweight other, int at, int length) {
        int different = 0;
        for (int i = 0; i < length; i++) {
            different |= buffer.getByte(offset + at + i) ^ other.buffer.getByte(other.offset + at + i);
        }
        return different == 0;
    }

    /** Forgets suite and keys: nobody beyond the core needs them. */
    public void clearKeys() {
        buffer.setMemory(offset + SRTP_SUITE_OFFSET, LENGTH - SRTP_SUITE_OFFSET, (byte) 0);
    }
}
