package io.hookswitch.rtp.codec;

import org.agrona.MutableDirectBuffer;

/**
 * Turns linear audio into payloads of one codec. One stream each: most codecs remember what came before. One thread
 * at the time.
 */
public interface AudioEncoder {
    /** Answer when a payload could not be made: nothing usable was written. */
    int FAILED = -1;

    /** @return samples a second that {@link #encode} takes. */
    int sampleRate();

    /** Forgets what came before: the next samples begin a stream. */
    void reset();

    /**
     * Encodes the audio of one packet.
     *
     * @param samples 16-bit linear, mono, {@link #sampleRate()}
     * @param from place of the first one
     * @param count 10, 20, 30, 40 or 60 ms of them; an even number for G.722
     * @param most bytes that there is room for
     * @return bytes written, or {@link #FAILED} when they do not fit or the codec does not take that many samples
     */
    int encode(short[] samples, int from, int count, MutableDirectBuffer to, int toOffset, int most);
}
