package io.hookswitch.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Recordings as they are written, and whatever else a core might be given as one. */
class RecordingFlyweightTest {
    private static final int SAMPLES = 400;
    private static final int FRAMES = 3;

    private final Arena arena = Arena.ofConfined();
    private final RecordingFlyweight recording = new RecordingFlyweight();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);

    @AfterEach
    void close() {
        arena.close();
    }

    private static byte[] ramp(int from) {
        byte[] bytes = new byte[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    private static List<byte[]> packets(int value) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 1; i <= FRAMES; i++) {
            byte[] packet = new byte[10 * i];
            Arrays.fill(packet, (byte) (value + i));
            packets.add(packet);
        }
        return packets;
    }

    private MemorySegment whole() {
        return new RecordingBuilder(SAMPLES)
                .fixed(Codec.PCMA, ramp(1))
                .varying(Codec.OPUS, packets(100), packets(50))
                .fixed(Codec.G722, ramp(7), ramp(9))
                .build(arena);
    }

    private boolean wrap(MemorySegment segment) {
        return recording.wrap(segment.address(), segment.byteSize());
    }

    @Test
    void shouldReadBackWhatWasBuiltWhenItHasSomeCodecs() {
        assertThat(wrap(whole())).isTrue();
        assertThat(recording.samples()).isEqualTo(SAMPLES);
        assertThat(recording.frames()).isEqualTo(FRAMES);
        assertThat(recording.durationNs()).isEqualTo(50_000_000L);
        assertThat(recording.has(Codec.PCMU)).isFalse();
        assertThat(recording.has(Codec.PCMA)).isTrue();
        assertThat(recording.has(Codec.G722)).isTrue();
        assertThat(recording.has(Codec.OPUS)).isTrue();
        assertThat(recording.has(Codec.UNKNOWN)).isFalse();
        assertThat(recording.has(5)).isFalse();
    }

    @Test
    void shouldGiveFramesOfBothPassesWhenACodecHasAMemory() {
        assertThat(wrap(whole())).isTrue();
        assertThat(recording.copyFrame(Codec.G722, false, 1, out, 3, 200)).isEqualTo(160);
        assertThat(out.getByte(3)).isEqualTo((byte) (7 + 160));
        assertThat(recording.copyFrame(Codec.G722, true, 1, out, 3, 200)).isEqualTo(160);
        assertThat(out.getByte(3)).isEqualTo((byte) (9 + 160));
        for (int frame = 0; frame < FRAMES; frame++) {
            assertThat(recording.copyFrame(Codec.OPUS, false, frame, out, 0, 200))
                    .isEqualTo(10 * (frame + 1));
            assertThat(out.getByte(10 * frame + 9)).isEqualTo((byte) (101 + frame));
            assertThat(recording.copyFrame(Codec.OPUS, true, frame, out, 0, 200))
                    .isEqualTo(10 * (frame + 1));
            assertThat(out.getByte(0)).isEqualTo((byte) (51 + frame));
        }
        assertThat(recording.copyFrame(Codec.OPUS, false, FRAMES, out, 0, 200)).isEqualTo(RecordingFlyweight.NO_FRAME);
        assertThat(recording.copyFrame(Codec.OPUS, false, 1, out, 0, 19)).isEqualTo(RecordingFlyweight.NO_FRAME);
        assertThat(recording.copyFrame(Codec.PCMA, false, 0, out, 0, 159)).isEqualTo(RecordingFlyweight.NO_FRAME);
        assertThat(recording.copyFrame(Codec.PCMA, false, -1, out, 0, 200)).isEqualTo(RecordingFlyweight.NO_FRAME);
    }

    @Test
    void shouldGiveSamplesUpToTheEndAndFillTheLastFrameWhenTheEndIsInsideAFrame() {
        assertThat(wrap(whole())).isTrue();
        assertThat(recording.copySamples(Codec.PCMA, true, 350, 160, out, 0)).isEqualTo(50);
        assertThat(out.getByte(0)).isEqualTo((byte) (1 + 350));
        assertThat(recording.copySamples(Codec.PCMA, false, SAMPLES, 160, out, 0))
                .isZero();
        assertThat(recording.copySamples(Codec.OPUS, false, 0, 160, out, 0)).isZero();
        recording.copyFrame(Codec.PCMA, false, 2, out, 0, 200);
        assertThat(out.getByte(79)).isEqualTo((byte) SAMPLES);
        assertThat(out.getByte(80)).isEqualTo((byte) SAMPLES);
        assertThat(out.getByte(159)).isEqualTo((byte) SAMPLES);
    }

    @Test
    void shouldRefuseMemoryWhenItIsNoRecording() {
        assertThat(recording.wrap(0, 4096)).isFalse();
        assertThat(wrap(arena.allocate(4096))).isFalse();
        MemorySegment good = whole();
        assertThat(recording.wrap(good.address(), good.byteSize() - 8)).isFalse();
        assertThat(recording.wrap(good.address(), 16)).isFalse();
        assertThat(recording.wrap(good.address(), 1L << 40)).isFalse();
    }

    @Test
    void shouldNeverLeaveItsMemoryWhenAnyOfItsBytesAreWrong() {
        // The buffer checks its bounds and throws: a read beyond the end would fail this test.
        MemorySegment good = whole();
        byte[] bytes = good.toArray(ValueLayout.JAVA_BYTE);
        SplittableRandom random = new SplittableRandom(17);
        int believed = 0;
        for (int round = 0; round < 100_000; round++) {
            byte[] spoilt = bytes.clone();
            int changes = random.nextInt(1, 4);
            for (int i = 0; i < changes; i++) {
                spoilt[random.nextInt(RecordingFlyweight.HEADER_LENGTH + 700)] = (byte) random.nextInt();
            }
            if (recording.wrap(new UnsafeBuffer(spoilt), 0, spoilt.length)) {
                believed++;
                readAll();
            }
        }
        assertThat(believed).isBetween(1, 99_999);
    }

    private void readAll() {
        for (int codec = Codec.PCMU; codec <= Codec.OPUS; codec++) {
            for (int frame = -1; recording.has(codec) && frame <= FRAMES; frame++) {
                assertThat(recording.copyFrame(codec, (frame & 1) == 0, frame, out, 0, 200))
                        .isBetween(-1, 200);
                recording.copySamples(codec, true, frame * 160, 160, out, 0);
            }
        }
    }

    @Test
    void shouldRefuseToBuildWhenLengthsDoNotFit() {
        RecordingBuilder builder = new RecordingBuilder(SAMPLES);
        assertThatIllegalStateException().isThrownBy(() -> builder.build(arena));
        assertThatIllegalArgumentException().isThrownBy(() -> new RecordingBuilder(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.fixed(Codec.PCMU, new byte[SAMPLES - 1]));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.fixed(Codec.PCMU, new byte[481]));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.fixed(Codec.OPUS, ramp(1)));
        List<byte[]> packets = packets(1);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.varying(Codec.PCMU, packets, packets));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.varying(Codec.OPUS, packets.subList(0, 2), packets));
        List<byte[]> empty = List.of(new byte[0], new byte[1], new byte[1]);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.varying(Codec.OPUS, empty, empty));
        builder.fixed(Codec.PCMU, ramp(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.fixed(Codec.PCMU, ramp(0)));
    }
}
