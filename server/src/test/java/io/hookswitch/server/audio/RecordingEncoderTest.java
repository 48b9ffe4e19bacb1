package io.hookswitch.server.audio;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.RecordingFlyweight;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.codec.AudioDecoder;
import io.hookswitch.rtp.codec.G722Decoder;
import io.hookswitch.rtp.codec.OpusDecoder;
import io.hookswitch.server.audio.WavFormat.Coding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a far end hears of a recording, two rounds of it: 0.5 s and a bit of 440 Hz, whole periods, at 16 kHz. */
class RecordingEncoderTest {
    private static final int RATE = 16_000;
    private static final double HERTZ = 440;
    /** 231 periods, each 400/11 samples; 26 frames and a quarter. */
    private static final int FRAMES = 21 * 400;

    private final Arena memory = Arena.ofConfined();
    private final RecordingFlyweight recording = new RecordingFlyweight();

    @AfterEach
    void free() {
        memory.close();
    }

    private void record() throws AudioException {
        byte[] file = WavFile.of(Coding.SIGNED_16, 1, RATE, FRAMES, WavFile.sine(HERTZ, RATE));
        MemorySegment built = RecordingEncoder.encode(
                        Pcm.decode(file, WavSourceTest.limits(5)), WavSourceTest.limits(5))
                .build(memory);
        assertThat(recording.wrap(built.address(), built.byteSize())).isTrue();
    }

    /** @return the bytes of two rounds, one behind the other. */
    private byte[] twice(int codec) {
        byte[] bytes = new byte[2 * recording.samples()];
        UnsafeBuffer to = new UnsafeBuffer(bytes);
        int samples = recording.samples();
        assertThat(recording.copySamples(codec, false, 0, samples, to, 0)).isEqualTo(samples);
        assertThat(recording.copySamples(codec, true, 0, samples, to, samples)).isEqualTo(samples);
        return bytes;
    }

    private static Samples samples(short[] audio, int length) {
        float[] scaled = new float[length];
        for (int i = 0; i < length; i++) {
            scaled[i] = audio[i] / 32_768f;
        }
        Samples samples = new Samples(length);
        samples.add(scaled, length);
        return samples;
    }

    @Test
    void shouldSoundAsTheFileWhenItIsDecodedAsEitherLaw() throws Exception {
        record();
        for (int codec : new int[] {Codec.PCMU, Codec.PCMA}) {
            byte[] bytes = twice(codec);
            short[] audio = new short[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                audio[i] = codec == Codec.PCMU ? G711.decodeMuLaw(bytes[i]) : G711.decodeALaw(bytes[i]);
            }
            int round = recording.samples();
            assertThat(WavFile.sineSnr(samples(audio, round), 8000, HERTZ, 200, round - 200))
                    .isGreaterThan(35);
        }
    }

    @Test
    void shouldGoRoundWithoutAClickWhenItIsDecodedAsG722() throws Exception {
        record();
        byte[] bytes = twice(Codec.G722);
        short[] audio = new short[2 * bytes.length];
        AudioDecoder decoder = new G722Decoder();
        int length = 0;
        for (int at = 0; at < bytes.length; at += 160) {
            int count = Math.min(160, bytes.length - at);
            length += decoder.decode(new UnsafeBuffer(bytes), at, count, audio, length);
        }

        assertThat(length).isEqualTo(audio.length);
        assertThat(WavFile.sineSnr(samples(audio, length), RATE, HERTZ, 800, length - 800))
                .isGreaterThan(25);
    }

    @Test
    void shouldGoRoundWithoutAClickWhenItIsDecodedAsOpus() throws Exception {
        record();
        OpusDecoder decoder = OpusDecoder.create();
        decoder.begin(RATE);
        UnsafeBuffer packet = new UnsafeBuffer(new byte[RecordingFlyweight.MAX_FRAME_BYTES]);
        short[] audio = new short[2 * RATE];
        int length = 0;
        int frames = RecordingFlyweight.framesOf(recording.samples());
        for (int frame = 0; frame < 2 * frames; frame++) {
            int bytes = recording.copyFrame(Codec.OPUS, frame >= frames, frame % frames, packet, 0, packet.capacity());
            int samples = decoder.decode(packet, 0, bytes, audio, length);
            assertThat(samples).isEqualTo(RATE / 50);
            length += samples;
        }
        // What fills up the last frame of the first round, some 15 ms of silence, is not looked at.
        int round = 2 * recording.samples();
        assertThat(WavFile.sineSnr(samples(audio, length), RATE, HERTZ, 3200, round - 800))
                .isGreaterThan(15);
    }

    @Test
    void shouldBeOtherwiseInLaterRoundsOnlyWhereACodecRemembers() throws Exception {
        record();
        int round = recording.samples();
        for (int codec : new int[] {Codec.PCMU, Codec.PCMA, Codec.G722}) {
            byte[] bytes = twice(codec);
            boolean isSame = Arrays.equals(bytes, 0, round, bytes, round, 2 * round);
            assertThat(isSame).as("codec " + codec).isEqualTo(codec != Codec.G722);
        }
    }
}
