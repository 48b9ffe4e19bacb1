package io.hookswitch.server.audio;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.RecordingBuilder;
import io.hookswitch.rtp.G711;

/** Encodes decoded audio as every codec that legs may have agreed on. One thread. */
final class AudioEncoder {
    private static final int STEP = 8000;

    private final Pcm pcm;
    private final DecodeLimits limits;
    private final int samples;

    private AudioEncoder(Pcm pcm, DecodeLimits limits) {
        this.pcm = pcm;
        this.limits = limits;
        samples = pcm.narrow().length();
    }

    static RecordingBuilder encode(Pcm pcm, DecodeLimits limits) throws AudioException {
        AudioEncoder encoder = new AudioEncoder(pcm, limits);
        return new RecordingBuilder(encoder.samples)
                .fixed(Codec.PCMU, encoder.g711(G711::encodeMuLaw))
                .fixed(Codec.PCMA, encoder.g711(G711::encodeALaw));
    }

    /** One law of G.711. */
    @FunctionalInterface
    private interface Law {
        byte encode(int linear);
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
}
