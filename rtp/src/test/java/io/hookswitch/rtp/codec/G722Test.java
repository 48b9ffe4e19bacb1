package io.hookswitch.rtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class G722Test {
    private static final int SAMPLES = 64_000;

    private final G722Encoder encoder = new G722Encoder();
    private final G722Decoder decoder = new G722Decoder();

    private byte[] encode(short[] samples, int packet) {
        byte[] bytes = new byte[samples.length / 2];
        UnsafeBuffer to = new UnsafeBuffer(bytes);
        for (int at = 0; at < samples.length; at += packet) {
            int count = Math.min(packet, samples.length - at);
            assertThat(encoder.encode(samples, at, count, to, at / 2, bytes.length - at / 2))
                    .isEqualTo(count / 2);
        }
        return bytes;
    }

    private short[] decode(byte[] bytes, int packet) {
        short[] samples = new short[bytes.length * 2];
        UnsafeBuffer from = new UnsafeBuffer(bytes);
        for (int at = 0; at < bytes.length; at += packet) {
            int count = Math.min(packet, bytes.length - at);
            assertThat(decoder.decode(from, at, count, samples, at * 2)).isEqualTo(count * 2);
        }
        return samples;
    }

    /** Where audio leaves 16 bits we saturate, as the recommendation says; the other one lets it run over. */
    private static void assertSame(short[] ours, short[] theirs) {
        assertThat(ours).hasSameSizeAs(theirs);
        int saturated = 0;
        for (int i = 0; i < ours.length; i++) {
            if (ours[i] == Short.MAX_VALUE || ours[i] == Short.MIN_VALUE) {
                saturated++;
            } else if (ours[i] != theirs[i]) {
                throw new AssertionError("sample " + i + " is " + ours[i] + " and not " + theirs[i]);
            }
        }
        assertThat(saturated).isLessThan(ours.length / 10);
    }

    private static long crc(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    private static byte[] bytesOf(short[] samples) {
        byte[] bytes = new byte[samples.length * 2];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        for (int i = 0; i < samples.length; i++) {
            buffer.putShort(i * 2, samples[i], java.nio.ByteOrder.LITTLE_ENDIAN);
        }
        return bytes;
    }

    @Test
    void shouldEncodeBitForBitAsAnotherImplementationWhenThereIsOne() throws Throwable {
        Spandsp other = Spandsp.find();
        assumeThat(other).as("libspandsp").isNotNull();
        short[] samples = Signals.everything(SAMPLES);
        assertThat(encode(samples, 320)).isEqualTo(other.encode(samples));
    }

    @Test
    void shouldDecodeBitForBitAsAnotherImplementationWhenThereIsOne() throws Throwable {
        Spandsp other = Spandsp.find();
        assumeThat(other).as("libspandsp").isNotNull();
        byte[] wanted = other.encode(Signals.everything(SAMPLES));
        assertSame(decode(wanted, 160), other.decode(wanted));
        byte[] nonsense = new byte[SAMPLES];
        new java.util.SplittableRandom(5).nextBytes(nonsense);
        decoder.reset();
        assertSame(decode(nonsense, 80), other.decode(nonsense));
    }

    @Test
    void shouldGiveTheSameBitsWhereverItRuns() {
        // Sums taken of bits that libspandsp gave too.
        byte[] bytes = encode(Signals.everything(SAMPLES), 320);
        assertThat(crc(bytes)).isEqualTo(36_538_869L);
        assertThat(crc(bytesOf(decode(bytes, 160)))).isEqualTo(3_966_880_562L);
    }

    @Test
    void shouldKeepWidebandTonesWhenEncodedAndDecoded() {
        for (double hertz : new double[] {300, 1000, 3000, 5000, 6500}) {
            encoder.reset();
            decoder.reset();
            short[] in = Signals.tone(16_000, hertz, 0.3, 16_000);
            short[] out = decode(encode(in, 320), 160);
            double wanted = hertz < 4000 ? 25 : 12;
            assertThat(Signals.snr(in, out, 4000, 8000, 40)).as("%s Hz", hertz).isGreaterThan(wanted);
        }
    }

    @Test
    void shouldNotDependOnHowItIsCutIntoPackets() {
        short[] samples = Signals.everything(9600);
        byte[] whole = encode(samples, 9600);
        encoder.reset();
        assertThat(encode(samples, 160)).isEqualTo(whole);
        short[] audio = decode(whole, 4800);
        decoder.reset();
        assertThat(decode(whole, 80)).isEqualTo(audio);
    }

    @Test
    void shouldBeginAnewWhenReset() {
        short[] samples = Signals.everything(3200);
        byte[] first = encode(samples, 320);
        assertThat(encode(samples, 320)).isNotEqualTo(first);
        encoder.reset();
        assertThat(encode(samples, 320)).isEqualTo(first);
    }

    @Test
    void shouldRefuseWhatHasNoRoom() {
        short[] samples = new short[320];
        UnsafeBuffer to = new UnsafeBuffer(new byte[160]);
        assertThat(encoder.encode(samples, 0, 320, to, 0, 159)).isEqualTo(AudioEncoder.FAILED);
        assertThat(encoder.encode(samples, 0, 319, to, 0, 160)).isEqualTo(AudioEncoder.FAILED);
        assertThat(decoder.decode(to, 0, 160, new short[319], 0)).isEqualTo(AudioDecoder.FAILED);
        assertThat(Arrays.equals(samples, new short[320])).isTrue();
    }

    @Test
    void shouldConvertG711AsItsTablesDo() {
        short[] samples = new short[65_536];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) i;
        }
        byte[] codes = new byte[samples.length];
        UnsafeBuffer to = new UnsafeBuffer(codes);
        short[] back = new short[samples.length];
        G711Encoder.MU_LAW.encode(samples, 0, samples.length, to, 0, codes.length);
        G711Decoder.MU_LAW.decode(to, 0, codes.length, back, 0);
        for (int i = 0; i < samples.length; i++) {
            assertThat(codes[i]).isEqualTo(io.hookswitch.rtp.G711.encodeMuLaw((short) i));
            assertThat(back[i]).isEqualTo(io.hookswitch.rtp.G711.decodeMuLaw(codes[i]));
        }
        G711Encoder.A_LAW.encode(samples, 0, samples.length, to, 0, codes.length);
        for (int i = 0; i < samples.length; i++) {
            assertThat(codes[i]).isEqualTo(io.hookswitch.rtp.G711.encodeALaw((short) i));
        }
        assertThat(G711Encoder.A_LAW.encode(samples, 0, 160, to, 0, 159)).isEqualTo(AudioEncoder.FAILED);
        assertThat(G711Decoder.A_LAW.decode(to, 0, 160, new short[159], 0)).isEqualTo(AudioDecoder.FAILED);
    }
}
