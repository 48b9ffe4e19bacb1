package io.hookswitch.server.taps;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.rtp.codec.AudioDecoder;
import io.hookswitch.rtp.codec.G711Decoder;
import io.hookswitch.rtp.codec.G722Decoder;
import io.hookswitch.rtp.codec.OpusDecoder;

/** Tapped payloads of one voice as linear samples of one rate, whatever codec they come in. Thread {@code taps}. */
final class TapDecoder {
    private static final int NARROW = 8_000;
    private static final int LONGEST_PACKET_MS = 120;
    private static final int WIDEST_PER_MS = 16;

    private final int rate;
    private final short[] decoded = new short[LONGEST_PACKET_MS * WIDEST_PER_MS];
    private AudioDecoder decoder;
    private Upsampler up;
    private Downsampler down;
    private int codec = Codec.UNKNOWN;
    private int ssrc;

    /** @param rate 8,000 or 16,000 samples a second */
    TapDecoder(int rate) {
        this.rate = rate;
    }

    /** @return most samples that one packet gives. */
    static int longest(int rate) {
        return rate / 1_000 * LONGEST_PACKET_MS;
    }

    /** @return samples written; 0 when it is no packet that is understood here, or one too long. */
    int decode(TapFlyweight record, short[] into) {
        if (record.codec() != codec || record.ssrc() != ssrc) {
            begin(record);
        }
        if (decoder == null) {
            return 0;
        }
        int samples = decoder.decode(record.buffer(), record.payloadOffset(), record.payloadLength(), decoded, 0);
        if (samples <= 0 || samples > longest(decoder.sampleRate())) {
            return 0;
        }
        if (decoder.sampleRate() == rate) {
            System.arraycopy(decoded, 0, into, 0, samples);
            return samples;
        }
        return decoder.sampleRate() < rate
                ? up.process(decoded, samples, into)
                : down.process(decoded, samples & ~1, into);
    }

    private AudioDecoder opus() {
        OpusDecoder opus = OpusDecoder.create();
        opus.begin(rate);
        return opus;
    }

    private void begin(TapFlyweight record) {
        codec = record.codec();
        ssrc = record.ssrc();
        decoder = switch (codec) {
            case Codec.PCMU -> G711Decoder.MU_LAW;
            case Codec.PCMA -> G711Decoder.A_LAW;
            case Codec.G722 -> new G722Decoder();
            case Codec.OPUS -> opus();
            default -> null;
        };
        up = new Upsampler(rate / NARROW, longest(NARROW));
        down = new Downsampler(decoded.length);
    }
}
