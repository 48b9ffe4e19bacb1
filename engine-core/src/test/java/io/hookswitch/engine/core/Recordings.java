package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.RecordingBuilder;
import io.hookswitch.rtp.G711;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Recordings of tests: every sample says which one it is. */
final class Recordings implements AutoCloseable {
    private static final int PERIOD = 251;
    private static final int MANY = 256;

    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> made = new ArrayList<>();

    /** @return the code of a sample in a section of {@link #mulaw}. */
    static byte code(int codec, int sample) {
        return (byte) (sample % PERIOD + codec);
    }

    private static byte[] codes(int codec, int samples) {
        byte[] codes = new byte[samples];
        for (int i = 0; i < samples; i++) {
            codes[i] = code(codec, i);
        }
        return codes;
    }

    /** PCMU, PCMA too when asked for. */
    MemorySegment mulaw(int samples, boolean hasALaw) {
        if (made.size() > MANY) {
            return made.get(samples % MANY);
        }
        RecordingBuilder builder = new RecordingBuilder(samples).fixed(Codec.PCMU, codes(Codec.PCMU, samples));
        if (hasALaw) {
            builder.fixed(Codec.PCMA, codes(Codec.PCMA, samples));
        }
        made.add(builder.build(arena));
        return made.getLast();
    }

    /** PCMU of one value all along. */
    MemorySegment level(int samples, byte code) {
        byte[] codes = new byte[samples];
        Arrays.fill(codes, code);
        return new RecordingBuilder(samples).fixed(Codec.PCMU, codes).build(arena);
    }

    /** PCMU: a tone at an amplitude of 10,000; a loop of whole seconds has no step in it. */
    MemorySegment tone(int samples, double hertz) {
        byte[] codes = new byte[samples];
        for (int i = 0; i < samples; i++) {
            codes[i] = G711.encodeMuLaw((int) (10_000 * Math.sin(2 * Math.PI * hertz * i / 8000)));
        }
        return new RecordingBuilder(samples).fixed(Codec.PCMU, codes).build(arena);
    }

    /** Opus: frame n of the first pass has n + 1 bytes, of later ones n + 101. */
    MemorySegment opus(int frames) {
        List<byte[]> first = new ArrayList<>();
        List<byte[]> again = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            first.add(new byte[i + 1]);
            again.add(new byte[i + 101]);
        }
        return new RecordingBuilder(frames * 160)
                .varying(Codec.OPUS, first, again)
                .build(arena);
    }

    /** G.722, whose later passes are other bytes than the first. */
    MemorySegment g722(int samples) {
        return new RecordingBuilder(samples)
                .fixed(Codec.G722, codes(Codec.G722, samples), codes(Codec.G722 + 1, samples))
                .build(arena);
    }

    /** Memory that is no recording. */
    MemorySegment junk() {
        return arena.allocate(64);
    }

    static void order(MessageFlyweight message, MemorySegment recording, int passes, long offset) {
        assertThat(new PlayFlyweight().put(message, recording.address(), recording.byteSize(), passes, offset))
                .isTrue();
    }

    @Override
    public void close() {
        arena.close();
    }
}
