package io.hookswitch.engine.message;

/** Numbers of the audio codecs that a leg can negotiate. Names and static payload types: RFC 3551 section 6. */
public final class Codec {
    /** Not a codec we know. */
    public static final int UNKNOWN = 0;
    /** G.711 mu-law, 8 kHz, static payload type 0. */
    public static final int PCMU = 1;
    /** G.711 A-law, 8 kHz, static payload type 8. */
    public static final int PCMA = 2;
    /** G.722, 16 kHz audio under an 8 kHz RTP clock, static payload type 9. */
    public static final int G722 = 3;
    /** Opus, 48 kHz RTP clock, dynamic payload type (RFC 7587). */
    public static final int OPUS = 4;

    private Codec() {}

    /**
     * @return whether packets of one can go out as the other without decoding to audio and back at the caller's
     * expense.
     */
    public static boolean bridgeable(int one, int other) {
        return one == other || isG711(one) && isG711(other);
    }

    /** @return whether it is one of the two G.711 laws. */
    public static boolean isG711(int codec) {
        return codec == PCMU || codec == PCMA;
    }
}
