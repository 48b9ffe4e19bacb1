package io.hookswitch.server.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.server.audio.WavFormat.Coding;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every coding against the sine it was made of; every way in which a file can be wrong. */
class WavSourceTest {
    private static final int RATE = 8000;
    private static final double HERTZ = 440;

    static DecodeLimits limits(int seconds) {
        return new DecodeLimits(seconds, System.nanoTime() + 20_000_000_000L);
    }

    private static byte[] file(Coding coding, int channels, int rate) {
        return WavFile.of(coding, channels, rate, rate, WavFile.sine(HERTZ, rate));
    }

    @ParameterizedTest
    @CsvSource({
        "UNSIGNED_8, 40",
        "SIGNED_16, 80",
        "SIGNED_24, 80",
        "SIGNED_32, 80",
        "FLOAT_32, 80",
        "FLOAT_64, 80",
        "A_LAW, 35",
        "MU_LAW, 35",
        "IMA_ADPCM, 26"
    })
    void shouldHearTheSineWhenAFileHasAnyCoding(Coding coding, double snr) throws Exception {
        for (int channels = 1; channels <= 2; channels++) {
            Pcm pcm = Pcm.decode(file(coding, channels, RATE), limits(2));

            assertThat(pcm.narrow().length()).isEqualTo(RATE);
            assertThat(pcm.wide().length()).isEqualTo(2 * RATE);
            assertThat(WavFile.sineSnr(pcm.narrow(), RATE, HERTZ, 0, RATE)).isGreaterThan(snr);
            assertThat(WavFile.level(pcm.narrow(), RATE, HERTZ, 0, RATE)).isBetween(0.49, 0.51);
            assertThat(WavFile.sineSnr(pcm.wide(), 2 * RATE, HERTZ, 200, 2 * RATE - 200))
                    .isGreaterThan(snr);
        }
    }

    @ParameterizedTest
    @CsvSource({"4000", "11025", "16000", "22050", "44100", "48000", "96000", "192000"})
    void shouldHearTheSineWhenAFileHasAnyRate(int rate) throws Exception {
        Pcm pcm = Pcm.decode(file(Coding.SIGNED_16, 1, rate), limits(2));

        assertThat(pcm.narrow().length()).isEqualTo(RATE);
        assertThat(WavFile.sineSnr(pcm.narrow(), RATE, HERTZ, 200, RATE - 200)).isGreaterThan(70);
        assertThat(WavFile.sineSnr(pcm.wide(), 2 * RATE, HERTZ, 400, 2 * RATE - 400))
                .isGreaterThan(70);
    }

    /** Made and, for the samples expected, decoded by SoX 14.4.2. */
    @Test
    void shouldDecodeAsAnotherDecoderWhenAFileHasImaAdpcm() throws Exception {
        byte[] file;
        try (InputStream in = getClass().getResourceAsStream("sine-440-8000-ima-stereo.wav")) {
            file = in.readAllBytes();
        }
        Samples audio = Pcm.decode(file, limits(1)).narrow();

        int[] expected = {546, 6219, 9902, 14_589, 16_414, 15_861, 14_353, 11_151, 5744, 589};
        for (int i = 0; i < expected.length; i++) {
            assertThat((int) audio.at(1000 + i)).isBetween(expected[i] - 1, expected[i] + 1);
        }
        assertThat(WavFile.sineSnr(audio, RATE, HERTZ, 400, 2300)).isGreaterThan(30.8);
        // The fact chunk says how much of the last block is audio.
        assertThat(audio.length()).isEqualTo(2400);
    }

    @Test
    void shouldMixChannelsDownWhenThereAreTwo() throws Exception {
        ByteBuffer data = WavFile.little(400);
        for (int i = 0; i < 100; i++) {
            data.putShort((short) 10_000).putShort((short) -4000);
        }
        byte[] file = WavFile.file(format(1, 2, RATE, 4, 16), WavFile.chunk("data", data.array()));

        assertThat(Pcm.decode(file, limits(1)).narrow().at(50)).isEqualTo((short) 3000);
    }

    private static byte[] format(int tag, int channels, int rate, int blockBytes, int bits) {
        ByteBuffer format = WavFile.little(16);
        format.putShort((short) tag).putShort((short) channels).putInt(rate).putInt(rate * blockBytes);
        format.putShort((short) blockBytes).putShort((short) bits);
        return WavFile.chunk("fmt ", format.array());
    }

    @Test
    void shouldReadExtensibleFormatsAndForeignChunksWhenTheyAreThere() throws Exception {
        ByteBuffer format = WavFile.little(40);
        format.putShort((short) 0xFFFE).putShort((short) 1).putInt(RATE).putInt(2 * RATE);
        format.putShort((short) 2).putShort((short) 16).putShort((short) 22).putShort((short) 16);
        format.putInt(4).putShort((short) 1);
        byte[] data = new byte[320];
        Arrays.fill(data, (byte) 1);
        byte[] file = WavFile.file(
                WavFile.chunk("LIST", new byte[7]),
                WavFile.chunk("fmt ", format.array()),
                WavFile.chunk("junk", new byte[3]),
                WavFile.chunk("data", data),
                WavFile.chunk("id3 ", new byte[50]));

        Samples audio = Pcm.decode(file, limits(1)).narrow();

        assertThat(audio.length()).isEqualTo(160);
        assertThat(audio.at(159)).isEqualTo((short) 257);
    }

    @Test
    void shouldReadToTheEndWhenAWriterToAPipeKnewNoLength() throws Exception {
        byte[] file = file(Coding.SIGNED_16, 1, RATE);
        int length = file.length - 2 * RATE - 4;
        for (int said : new int[] {0, -1, 0x7FFF_F000}) {
            ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(length, said);
            assertThat(Pcm.decode(file, limits(2)).narrow().length()).isEqualTo(RATE);
        }
    }

    @ParameterizedTest
    @EnumSource(Coding.class)
    void shouldSayWhatIsWrongWhenAFileIsCutAnywhere(Coding coding) throws Exception {
        byte[] file = WavFile.of(coding, 2, RATE, 1010, WavFile.sine(HERTZ, RATE));
        Pcm.decode(file, limits(1));
        for (int length = 0; length < file.length; length += length < 120 ? 1 : 37) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> Pcm.decode(cut, limits(1)))
                    .as(coding + " cut at " + length)
                    .isInstanceOf(AudioException.class)
                    .hasMessageMatching("WAV: .*(ends|bytes|no audio).*|neither a WAV nor an MP3 file");
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAFormatCannotBePlayed() {
        byte[] data = WavFile.chunk("data", new byte[320]);
        assertRefused(WavFile.file(format(1, 0, RATE, 2, 16), data), "0 channels");
        assertRefused(WavFile.file(format(1, 1, 3999, 2, 16), data), "3999 samples a second");
        assertRefused(WavFile.file(format(1, 1, 192_001, 2, 16), data), "192001 samples a second");
        assertRefused(WavFile.file(format(1, 1, -1, 2, 16), data), "4294967295 samples a second");
        assertRefused(WavFile.file(format(2, 1, RATE, 256, 4), data), "format 2 with 4 bits");
        assertRefused(WavFile.file(format(1, 1, RATE, 2, 12), data), "format 1 with 12 bits");
        assertRefused(WavFile.file(format(1, 1, RATE, 0, 16), data), "a block of 0 bytes");
        assertRefused(WavFile.file(format(0x11, 1, RATE, 0, 4), data), "IMA ADPCM");
        assertRefused(WavFile.file(data), "no fmt chunk");
        assertRefused(WavFile.file(format(1, 1, RATE, 2, 16), WavFile.chunk("data", new byte[0])), "no audio");
        assertRefused("<html>no such file</html>".getBytes(StandardCharsets.US_ASCII), "neither");
    }

    private static void assertRefused(byte[] file, String why) {
        assertThatThrownBy(() -> Pcm.decode(file, limits(1)))
                .isInstanceOf(AudioException.class)
                .hasMessageContaining(why);
    }

    @Test
    void shouldRefuseWhenThereIsMoreAudioOrWorkThanAllowed() throws Exception {
        byte[] file = file(Coding.SIGNED_16, 1, RATE);

        Pcm.decode(file, limits(1));
        byte[] longer = WavFile.of(Coding.SIGNED_16, 1, RATE, RATE + 1, WavFile.sine(HERTZ, RATE));
        assertRefused(longer, "longer than 1 s");
        assertThatThrownBy(() -> Pcm.decode(file, new DecodeLimits(1, System.nanoTime() - 1)))
                .isInstanceOf(AudioException.class)
                .hasMessage("decoding took too long");
    }

    @Test
    void shouldHearNoNumbersThatAreNoneWhenFloatsAreHostile() throws Exception {
        ByteBuffer data = WavFile.little(4000);
        float[] hostile = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, 1e-40f};
        for (int i = 0; i < 1000; i++) {
            data.putFloat(i < 500 ? hostile[i % 5] : 0);
        }
        byte[] file = WavFile.file(format(3, 1, 44_100, 4, 32), WavFile.chunk("data", data.array()));

        Samples audio = Pcm.decode(file, limits(1)).narrow();

        assertThat(audio.at(audio.length() - 1)).isBetween((short) -2, (short) 2);
    }

    @Test
    void shouldDecodeOrRefuseWhenBytesAreChangedAtRandom() {
        Random random = new Random(20_261_123);
        for (int round = 0; round < 3000; round++) {
            Coding coding = Coding.values()[random.nextInt(Coding.values().length)];
            byte[] file = WavFile.of(coding, 1 + random.nextInt(2), RATE, 300, WavFile.sine(HERTZ, RATE));
            int changes = 1 + random.nextInt(6);
            for (int i = 0; i < changes; i++) {
                int at = random.nextBoolean() ? random.nextInt(64) : random.nextInt(file.length);
                file[Math.min(at, file.length - 1)] = (byte) random.nextInt();
            }
            try {
                Pcm pcm = Pcm.decode(file, limits(2));
                assertThat(pcm.narrow().length()).isBetween(1, 2 * RATE);
            } catch (AudioException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
