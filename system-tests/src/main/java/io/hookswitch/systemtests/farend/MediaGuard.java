package io.hookswitch.systemtests.farend;

/**
 * What protects the RTP of a far end: SRTP with keys in SDP (RFC 4568). Called under the monitors of the far end and of
 * its media half; keeps its own state whole.
 */
public interface MediaGuard {
    /** @return the value of the {@code a=crypto} line that the next description of ours has. */
    String offered();

    /** Takes the value of the other side's {@code a=crypto} line. */
    void onAnswer(String crypto);

    /**
     * Protects a packet in place.
     *
     * @param packet has room for 16 bytes more
     * @return its new length
     */
    int protect(byte[] packet, int length);

    /** @return the length of the plain packet, or -1: it is not what it must be. */
    int unprotect(byte[] packet, int length);
}
