package io.hookswitch.rtp.codec;

import org.agrona.DirectBuffer;

/**
 * Turns payloads of one codec into linear audio. One stream each, packets in their order: most codecs remember what
 * came before. One thread at the time.
 */
public interface AudioDecoder {
    /** Answer when a payload is none of this codec: nothing usable was written. */
    int FAILED = -1;

    /** @return samples a second that {@link #decode} gives. */
    int sampleRate();

    /** Forgets what came before: the next payload begins a stream. */
    void reset();

    /**
     * Decodes the payload of one packet.
     *
     * @param length of the payload, bytes; whatever a far end sent
     * @param to room for its audio, 16-bit linear, mono, {@link #sampleRate()}
     * @return samples written, or {@link #FAILED} when it is no payload of this codec or there is no room for it
     */
    int decode(DirectBuffer from, int fromOffset, int length, short[] to, int toOffset);

    /**
     * Makes up the audio of a packet that never came, and remembers it as if it had.
     *
     * @param count samples to make
     * @return samples written: {@code count}, or {@link #FAILED} when this codec has no way of its own to do so
     */
    int conceal(short[] to, int toOffset, int count);
}
