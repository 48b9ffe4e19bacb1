package io.hookswitch.sip.sdp;

import io.hookswitch.engine.message.Codec;

/** Names and numbers of the codecs we know (RFC 3551 section 6, RFC 7587). */
enum AudioCodec {
    PCMU(Codec.PCMU, "PCMU", 0, 8000, 1),
    PCMA(Codec.PCMA, "PCMA", 8, 8000, 1),
    G722(Codec.G722, "G722", 9, 8000, 1),
    OPUS(Codec.OPUS, "opus", 96, 48_000, 2);

    static final int FIRST_DYNAMIC = 96;
    static final int LAST_TYPE = 127;

    final int codec;
    final String encoding;
    final int usualType;
    final int clockRate;
    final int channels;

    AudioCodec(int codec, String encoding, int usualType, int clockRate, int channels) {
        this.codec = codec;
        this.encoding = encoding;
        this.usualType = usualType;
        this.clockRate = clockRate;
        this.channels = channels;
    }

    boolean isStatic() {
        return usualType < FIRST_DYNAMIC;
    }

    String rtpmap() {
        return encoding + '/' + clockRate + (channels > 1 ? "/" + channels : "");
    }

    /** @return the codec of a number, or null. */
    static AudioCodec of(int codec) {
        for (AudioCodec known : values()) {
            if (known.codec == codec) {
                return known;
            }
        }
        return null;
    }

    /** @return the codec of an RTP format, or null when it is none that we know. */
    static AudioCodec of(Sdp.Payload payload) {
        for (AudioCodec known : values()) {
            if (known.encoding.equalsIgnoreCase(payload.name())
                    && known.clockRate == payload.clockRate()
                    && known.channels == payload.channels()) {
                return known;
            }
        }
        return null;
    }

    /** @return the codec of a static payload type, or null. */
    static AudioCodec ofStatic(int payloadType) {
        for (AudioCodec known : values()) {
            if (known.usualType == payloadType && known.isStatic()) {
                return known;
            }
        }
        return null;
    }
}
