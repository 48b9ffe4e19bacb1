package io.hookswitch.rtp.srtp;

/** Crypto suites by their names in SDP (RFC 4568 section 6.2). Both use the same keys; they differ in SRTP's tag. */
public enum SrtpSuite {
    /** Tags of 80 bits. */
    AES_CM_128_HMAC_SHA1_80(10),
    /** Tags of 32 bits on SRTP; SRTCP keeps 80 (RFC 4568 section 6.2.2). */
    AES_CM_128_HMAC_SHA1_32(4);

    /** Bytes of a master key. */
    public static final int KEY_LENGTH = 16;
    /** Bytes of a master salt. */
    public static final int SALT_LENGTH = 14;
    /** Bytes of a master key and its salt, concatenated as in SDP. */
    public static final int MASTER_LENGTH = KEY_LENGTH + SALT_LENGTH;

    private final int tagLength;

    SrtpSuite(int tagLength) {
        this.tagLength = tagLength;
    }

    /** @return bytes that SRTP appends to a packet. */
    public int tagLength() {
        return tagLength;
    }
}
