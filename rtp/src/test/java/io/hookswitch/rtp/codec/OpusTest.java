package io.hookswitch.rtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Both libraries that can be found; what needs libopus is skipped where the system has none, and says so. */
class OpusTest {
    private static final int SECONDS = 2;

    private static void assumeHere(OpusLibrary library) {
        assumeThat(library == OpusLibrary.CONCENTUS || LibOpus.isHere())
                .as("the system has no libopus")
                .isTrue();
    }

    private static OpusEncoder encoder(OpusLibrary library, int rate) {
        assumeHere(library);
        OpusEncoder encoder = OpusEncoder.create(library);
        encoder.begin(rate);
        return encoder;
    }

    private static OpusDecoder decoder(OpusLibrary library, int rate) {
        assumeHere(library);
        OpusDecoder decoder = OpusDecoder.create(library);
        decoder.begin(rate);
        return decoder;
    }

    /** Encodes and decodes. @return what comes out, and nothing where a packet is in {@code lost}: it is made up */
    private static short[] through(OpusEncoder encoder, OpusDecoder decoder, short[] in, int ms, Integer... lost) {
        int count = encoder.sampleRate() / 1000 * ms;
        int out = decoder.sampleRate() / 1000 * ms;
        short[] heard = new short[in.length / count * out];
        UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(2000));
        for (int i = 0; i < in.length / count; i++) {
            int length = encoder.encode(in, i * count, count, packet, 100, 1500);
            assertThat(length).isPositive();
            int samples = Arrays.asList(lost).contains(i)
                    ? decoder.conceal(heard, i * out, out)
                    : decoder.decode(packet, 100, length, heard, i * out);
            assertThat(samples).isEqualTo(out);
        }
        return heard;
    }

    @ParameterizedTest
    @CsvSource({
        "LIBOPUS, LIBOPUS, 8000, 20", "LIBOPUS, LIBOPUS, 16000, 20", "CONCENTUS, CONCENTUS, 8000, 20",
        "CONCENTUS, CONCENTUS, 16000, 20", "LIBOPUS, CONCENTUS, 16000, 40", "CONCENTUS, LIBOPUS, 8000, 60",
        "LIBOPUS, LIBOPUS, 8000, 10", "CONCENTUS, LIBOPUS, 16000, 10"
    })
    void shouldHearTheToneWhenItWasEncoded(OpusLibrary from, OpusLibrary to, int rate, int ms) {
        short[] tone = Signals.tone(rate, 440, 0.3, SECONDS * rate);
        short[] heard = through(encoder(from, rate), decoder(to, rate), tone, ms);
        assertThat(Signals.snr(tone, heard, rate, rate / 2, rate / 50)).isGreaterThan(18);
    }

    @ParameterizedTest
    @EnumSource(OpusLibrary.class)
    void shouldTakeAndGiveHeapMemoryToo(OpusLibrary library) {
        short[] tone = Signals.tone(8000, 440, 0.3, 160);
        UnsafeBuffer heap = new UnsafeBuffer(new byte[300], 17, 200);
        int length = encoder(library, 8000).encode(tone, 0, 160, heap, 5, 190);
        UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(200));
        direct.putBytes(0, heap, 5, length);
        short[] one = new short[160];
        short[] other = new short[160];
        assertThat(decoder(library, 8000).decode(heap, 5, length, one, 0)).isEqualTo(160);
        assertThat(decoder(library, 8000).decode(direct, 0, length, other, 0)).isEqualTo(160);
        assertThat(one).isEqualTo(other).isNotEqualTo(new short[160]);
    }

    @ParameterizedTest
    @EnumSource(OpusLibrary.class)
    void shouldMakeUpWhatIsLost(OpusLibrary library) {
        short[] tone = Signals.tone(16_000, 300, 0.3, SECONDS * 16_000);
        short[] heard = through(encoder(library, 16_000), decoder(library, 16_000), tone, 20, 40, 60, 61);
        long power = 0;
        for (int i = 40 * 320; i < 41 * 320; i++) {
            power += (long) heard[i] * heard[i];
        }
        assertThat(Math.sqrt(power / 320.0)).as("a lost packet is no silence").isGreaterThan(2000);
    }

    @ParameterizedTest
    @EnumSource(OpusLibrary.class)
    void shouldRefuseWhatItHasNoFrameForOrNoRoom(OpusLibrary library) {
        OpusEncoder encoder = encoder(library, 8000);
        short[] tone = Signals.tone(8000, 440, 0.3, 480);
        UnsafeBuffer packet = new UnsafeBuffer(new byte[200]);
        assertThat(encoder.encode(tone, 0, 240, packet, 0, 200)).as("30 ms").isNegative();
        assertThat(encoder.encode(tone, 0, 161, packet, 0, 200)).isNegative();
        assertThat(encoder.encode(tone, 0, 160, packet, 0, 0)).isNegative();
        int length = encoder.encode(tone, 0, 480, packet, 0, 200);
        assertThat(length).isPositive();
        OpusDecoder decoder = decoder(library, 8000);
        assertThat(decoder.decode(packet, 0, length, new short[479], 0)).isNegative();
        assertThat(decoder.decode(packet, 0, 0, new short[480], 0)).isNegative();
    }

    @ParameterizedTest
    @EnumSource(OpusLibrary.class)
    void shouldForgetWhatWasBeforeWhenAStreamBegins(OpusLibrary library) {
        OpusEncoder encoder = encoder(library, 8000);
        OpusDecoder decoder = decoder(library, 8000);
        short[] tone = Signals.tone(8000, 440, 0.3, 1600);
        short[] first = through(encoder, decoder, tone, 20);
        encoder.reset();
        decoder.reset();
        assertThat(through(encoder, decoder, tone, 20)).isEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource(OpusLibrary.class)
    void shouldNeitherThrowNorOverrunWhenTheFarEndSendsAnything(OpusLibrary library) {
        SplittableRandom random = new SplittableRandom(6716);
        OpusDecoder decoder = decoder(library, 16_000);
        OpusEncoder encoder = encoder(library, 16_000);
        short[] tone = Signals.tone(16_000, 440, 0.3, 320);
        UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(1500));
        short[] heard = new short[960 + 64];
        for (int i = 0; i < 5000; i++) {
            int length = encoder.encode(tone, 0, 320, packet, 0, 400);
            if (i % 3 != 0) {
                length = random.nextInt(0, i % 3 == 1 ? 8 : 1500);
                for (int at = 0; at < length; at++) {
                    packet.putByte(at, (byte) random.nextInt());
                }
            } else {
                packet.putByte(random.nextInt(length), (byte) random.nextInt());
            }
            Arrays.fill(heard, 960, heard.length, (short) 4711);
            assertThat(decoder.decode(packet, 0, length, heard, 0)).isBetween(-1, 960);
            assertThat(heard[960]).isEqualTo((short) 4711);
        }
    }

    @Test
    void shouldPreferTheSystemsLibrary() {
        assertThat(OpusLibrary.found()).isEqualTo(LibOpus.isHere() ? OpusLibrary.LIBOPUS : OpusLibrary.CONCENTUS);
        assertThat(OpusDecoder.create()).isInstanceOf(LibOpus.isHere() ? LibOpusDecoder.class : ConcentusDecoder.class);
    }
}
