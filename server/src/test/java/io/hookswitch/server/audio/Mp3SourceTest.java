package io.hookswitch.server.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Two files made with LAME 3.100 of sines of half of full scale: 1 s of 1000 Hz, 44.1 kHz joint stereo, 64 kbit/s, with
 * an Info header; 0.5 s of 440 Hz, 22.05 kHz mono (MPEG-2), 32 kbit/s, without one.
 */
class Mp3SourceTest {
    private static final int RATE = 8000;

    private static byte[] file(String name) throws IOException {
        try (InputStream in = Mp3SourceTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static byte[] stereo() throws IOException {
        return file("sine-1000-44100-stereo.mp3");
    }

    private static byte[] mono() throws IOException {
        return file("sine-440-22050-mono.mp3");
    }

    private static Samples decode(byte[] file) throws AudioException {
        return Pcm.decode(file, WavSourceTest.limits(5)).narrow();
    }

    /** Decodes without resampling. @return samples */
    private static int count(byte[] file) throws AudioException {
        Mp3Source source = new Mp3Source(file, WavSourceTest.limits(5));
        float[] block = new float[PcmSource.MIN_BLOCK];
        int all = 0;
        for (int count = source.read(block); count >= 0; count = source.read(block)) {
            all += count;
        }
        return all;
    }

    @Test
    void shouldHearExactlyWhatWasEncodedWhenTheFileSaysHowMuch() throws Exception {
        Samples audio = decode(stereo());

        assertThat(audio.length()).isEqualTo(RATE);
        assertThat(WavFile.sineSnr(audio, RATE, 1000, 0, RATE)).isGreaterThan(35);
        double level = WavFile.level(audio, RATE, 1000, 0, RATE);
        // The encoder takes 5 % off.
        assertThat(level).isBetween(0.47, 0.51);
        // In phase: what encoder and decoder add in front is cut off to the sample, or a loop would have a gap.
        double inPhase = 0;
        for (int i = 0; i < RATE; i++) {
            inPhase += audio.at(i) * Math.sin(2 * Math.PI * 1000 * i / RATE);
        }
        assertThat(2 * inPhase / RATE / 32_768).isGreaterThan(0.999 * level);
    }

    @Test
    void shouldHearTheSineWhenTheFileIsMpeg2AndHasNoInfo() throws Exception {
        Samples audio = decode(mono());

        assertThat(audio.length()).isBetween(RATE / 2, RATE / 2 + 1000);
        assertThat(WavFile.sineSnr(audio, RATE, 440, 700, RATE / 2)).isGreaterThan(35);
    }

    @Test
    void shouldDecodeTheSameWhenManyDecodeAtTheSameTime() throws Exception {
        byte[] file = stereo();
        List<Callable<List<Short>>> all = Collections.nCopies(8, () -> {
            Samples audio = decode(file.clone());
            return IntStream.range(0, audio.length()).mapToObj(audio::at).toList();
        });
        List<Short> alone = all.getFirst().call();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<List<Short>> each : threads.invokeAll(all)) {
                assertThat(each.get()).isEqualTo(alone);
            }
        }
    }

    @Test
    void shouldFindTheFramesWhenTagsAndRubbishLieAroundThem() throws Exception {
        byte[] file = stereo();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("ID3\4\0\0\0\0\2\1".getBytes(StandardCharsets.ISO_8859_1));
        byte[] tag = new byte[257];
        Arrays.fill(tag, (byte) 0xFF);
        out.writeBytes(tag);
        out.writeBytes(file);
        out.writeBytes(("TAG" + "x".repeat(125)).getBytes(StandardCharsets.ISO_8859_1));

        assertThat(decode(out.toByteArray()).length()).isEqualTo(RATE);
    }

    @Test
    void shouldSayWhatIsWrongWhenAFileIsNoneOrEndsEarly() throws Exception {
        byte[] file = stereo();
        byte[] hugeTag = "ID3\4\0\0\177\177\177\177".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> decode(hugeTag))
                .isInstanceOf(AudioException.class)
                .hasMessageContaining("no whole frame");
        assertThatThrownBy(() -> decode(Arrays.copyOf(file, file.length - 500)))
                .isInstanceOf(AudioException.class)
                .hasMessageMatching("MP3: the file ends after \\d+ of \\d+ frames");
        assertThatThrownBy(() -> Pcm.decode(mono(), new DecodeLimits(1, System.nanoTime() - 1)))
                .isInstanceOf(AudioException.class)
                .hasMessage("decoding took too long");
        byte[] twice = new byte[0];
        for (int i = 0; i < 3; i++) {
            int length = twice.length;
            twice = Arrays.copyOf(twice, length + mono().length);
            System.arraycopy(mono(), 0, twice, length, mono().length);
        }
        byte[] longer = twice;
        assertThatThrownBy(() -> Pcm.decode(longer, WavSourceTest.limits(1)))
                .isInstanceOf(AudioException.class)
                .hasMessage("longer than 1 s of audio");
    }

    @Test
    void shouldDecodeOrRefuseWhenAFileIsCutAtAnyByte() throws Exception {
        byte[] file = mono();
        int whole = count(mono());
        for (int length = 0; length < file.length; length += length < 220 ? 1 : 13) {
            byte[] cut = Arrays.copyOf(file, length);
            try {
                assertThat(count(cut)).as("cut at " + length).isBetween(0, whole);
            } catch (AudioException e) {
                assertThat(e).hasMessageStartingWith("MP3: ");
            }
        }
        byte[] announced = stereo();
        for (int length = 0; length < announced.length; length += 499) {
            byte[] cut = Arrays.copyOf(announced, length);
            assertThatThrownBy(() -> count(cut)).as("cut at " + length).isInstanceOf(AudioException.class);
        }
    }

    @Test
    void shouldDecodeOrRefuseWhenBytesAreChangedAtRandom() throws Exception {
        Random random = new Random(20_261_123);
        byte[][] files = {mono(), stereo()};
        int decoded = 0;
        for (int round = 0; round < 160; round++) {
            byte[] file = files[round % 2].clone();
            int changes = 1 + random.nextInt(60);
            for (int i = 0; i < changes; i++) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(count(file)).isBetween(1, 5 * 48_000);
                decoded++;
            } catch (AudioException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        // Damaged frames are silence: most files are still heard.
        assertThat(decoded).isGreaterThan(30);
    }
}
