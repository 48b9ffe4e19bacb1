package io.hookswitch.server.audio;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.RecordingBuilder;
import io.hookswitch.engine.message.RecordingFlyweight;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.codec.AudioEncoder;
import io.hookswitch.rtp.codec.G722Encoder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Encodes decoded audio as every codec that legs may have agreed on. A codec with a memory encodes it twice, the second
 * time behind itself: what every further round is made of. One thread.
 */
final class RecordingEncoder {
    private static final int STEP = 8000;
    private static final int WIDE_FRAME = 2 * RecordingFlyweight.FRAME_SAMPLES;

    /** One law of G.711. */
    @FunctionalInterface
    private interface Law {
        byte encode(int linear);
    }

    private final Pcm pcm;
    private final DecodeLimits limits;
    private final int samples;

    private RecordingEncoder(Pcm pcm, DecodeLimits limits) {
        this.pcm = pcm;
        this.limits = limits;
        samples = pcm.narrow().length();
    }

    static RecordingBuilder encode(Pcm pcm, DecodeLimits limits) throws AudioException {
        RecordingEncoder encoder = new RecordingEncoder(pcm, limits);
        AudioEncoder g722 = new G722Encoder();
        return new RecordingBuilder(encoder.samples)
                .fixed(Codec.PCMU, encoder.g711(G711::encodeMuLaw))
                .fixed(Codec.PCMA, encoder.g711(G711::encodeALaw))
                .fixed(Codec.G722, encoder.g722(g722), encoder.g722(g722));
    }

    private byte[] g711(Law law) throws AudioException {
        byte[] encoded = new byte[samples];
        for (int i = 0; i < samples; i++) {
            if (i % STEP == 0) {
                limits.step();
            }
            encoded[i] = law.encode(pcm.narrow().at(i));
        }
        return encoded;
    }

    /** A byte for two samples of 16 kHz, that is one for each of 8 kHz. */
    private byte[] g722(AudioEncoder encoder) throws AudioException {
        byte[] encoded = new byte[samples];
        UnsafeBuffer out = new UnsafeBuffer(encoded);
        short[] frame = new short[WIDE_FRAME];
        for (int at = 0; at < samples; at += RecordingFlyweight.FRAME_SAMPLES) {
            if (at % STEP == 0) {
                limits.step();
            }
            int count = Math.min(RecordingFlyweight.FRAME_SAMPLES, samples - at);
            pcm.wide().copy(2 * at, frame, 2 * count);
            if (encoder.encode(frame, 0, 2 * count, out, at, count) != count) {
                throw new AudioException("G.722 failed at sample " + at);
            }
        }
        return encoded;
    }
}
