package io.hookswitch.server.audio;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.RecordingBuilder;
import io.hookswitch.engine.message.RecordingFlyweight;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.codec.AudioEncoder;
import io.hookswitch.rtp.codec.G722Encoder;
import io.hookswitch.rtp.codec.OpusEncoder;
import io.hookswitch.rtp.codec.OpusLibrary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Encodes decoded audio as every codec that legs may have agreed on. A codec with a memory encodes it twice, the second
 * time behind itself: what every further round is made of. One thread.
 */
final class RecordingEncoder {
    private static final int STEP = 8000;
    private static final int WIDE_FRAME = 2 * RecordingFlyweight.FRAME_SAMPLES;
    /** Longest audio that is encoded as Opus without the system's library, s: it would take too long. */
    private static final int JAVA_OPUS_MOST_S = 60;

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
        RecordingBuilder recording = new RecordingBuilder(encoder.samples)
                .fixed(Codec.PCMU, encoder.g711(G711::encodeMuLaw))
                .fixed(Codec.PCMA, encoder.g711(G711::encodeALaw))
                .fixed(Codec.G722, encoder.g722(g722), encoder.g722(g722));
        if (OpusLibrary.found() == OpusLibrary.LIBOPUS || encoder.samples <= JAVA_OPUS_MOST_S * STEP) {
            OpusEncoder opus = OpusEncoder.create();
            opus.begin(2 * STEP);
            recording.varying(Codec.OPUS, encoder.opus(opus), encoder.opus(opus));
        }
        return recording;
    }

    /** A packet for each frame; the last one is filled up with silence. */
    private List<byte[]> opus(AudioEncoder encoder) throws AudioException {
        List<byte[]> packets = new ArrayList<>();
        UnsafeBuffer packet = new UnsafeBuffer(new byte[RecordingFlyweight.MAX_FRAME_BYTES]);
        short[] frame = new short[WIDE_FRAME];
        for (int at = 0; at < samples; at += RecordingFlyweight.FRAME_SAMPLES) {
            limits.step();
            int count = Math.min(RecordingFlyweight.FRAME_SAMPLES, samples - at);
            Arrays.fill(frame, (short) 0);
            pcm.wide().copy(2 * at, frame, 2 * count);
            int length = encoder.encode(frame, 0, WIDE_FRAME, packet, 0, packet.capacity());
            if (length <= 0) {
                throw new AudioException("Opus failed at sample " + at);
            }
            packets.add(Arrays.copyOf(packet.byteArray(), length));
        }
        return packets;
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
