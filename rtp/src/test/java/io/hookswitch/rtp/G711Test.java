package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class G711Test {
    /**
     * G.711 table 3, mu-law to A-law decision value numbers (1..128) of one sign; entry 80 as nearest values
     * demand, where copies of the table differ.
     */
    private static final int[] TABLE_3 = {
        1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 27, 29, 31, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 46, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
        59, 60, 61, 62, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 82, 83, 84, 85, 86, 87, 88,
        89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112,
        113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128
    };
    /** G.711 table 4, A-law to mu-law (0..127) of one sign. */
    private static final int[] TABLE_4 = {
        1, 3, 5, 7, 9, 11, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 32, 33, 33, 34,
        34, 35, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 48, 49, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
        59, 60, 61, 62, 63, 64, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 80, 81, 82, 83, 84,
        85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
        110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127
    };

    private static UnsafeBuffer allCodes() {
        UnsafeBuffer codes = new UnsafeBuffer(new byte[256]);
        for (int i = 0; i < 256; i++) {
            codes.putByte(i, (byte) i);
        }
        return codes;
    }

    private static long crc(UnsafeBuffer buffer) {
        CRC32 crc = new CRC32();
        crc.update(buffer.byteArray());
        return crc.getValue();
    }

    @Test // checksums of all 256 values, 16 bits little endian, by an independent implementation
    void shouldDecodeEveryCodeAsTheRecommendationSaysWhenLinear() {
        UnsafeBuffer linear = new UnsafeBuffer(new byte[512]);
        G711.decodeMuLaw(allCodes(), 0, 256, linear, 0, ByteOrder.LITTLE_ENDIAN);
        assertThat(crc(linear)).isEqualTo(0x0C84_7A9FL);
        G711.decodeALaw(allCodes(), 0, 256, linear, 0, ByteOrder.LITTLE_ENDIAN);
        assertThat(crc(linear)).isEqualTo(0x9D76_4657L);
    }

    @Test // as above: mu-law of 0..32767, A-law of -32768..32767
    void shouldEncodeEverySampleAsTheRecommendationSaysWhenLinear() {
        UnsafeBuffer linear = new UnsafeBuffer(new byte[131_072]);
        UnsafeBuffer codes = new UnsafeBuffer(new byte[32_768]);
        for (int i = 0; i < 65_536; i++) {
            linear.putShort(2 * i, (short) (i - 32_768), ByteOrder.LITTLE_ENDIAN);
        }
        G711.encodeMuLaw(linear, 65_536, 32_768, codes, 0, ByteOrder.LITTLE_ENDIAN);
        assertThat(crc(codes)).isEqualTo(0x542F_2AC0L);
        UnsafeBuffer all = new UnsafeBuffer(new byte[65_536]);
        G711.encodeALaw(linear, 0, 65_536, all, 0, ByteOrder.LITTLE_ENDIAN);
        assertThat(crc(all)).isEqualTo(0x9133_796EL);
    }

    @Test // ITU-T G.191: the negative half mirrors the positive one
    void shouldMirrorWhenSamplesAreNegative() {
        for (int sample = 0; sample < 32_768; sample++) {
            assertThat(G711.encodeMuLaw(~sample)).isEqualTo((byte) (G711.encodeMuLaw(sample) ^ 0x80));
            assertThat(G711.encodeALaw(~sample)).isEqualTo((byte) (G711.encodeALaw(sample) ^ 0x80));
        }
    }

    @Test
    void shouldGiveTheSameCodeWhenDecodedAndEncoded() {
        for (int code = 0; code < 256; code++) {
            assertThat(G711.encodeALaw(G711.decodeALaw(code))).isEqualTo((byte) code);
            // mu-law has two zeros; linear has one.
            int expected = code == 0x7F ? 0xFF : code;
            assertThat(G711.encodeMuLaw(G711.decodeMuLaw(code))).isEqualTo((byte) expected);
        }
        assertThat(G711.decodeMuLaw(G711.MU_LAW_SILENCE)).isZero();
        assertThat(G711.decodeALaw(G711.A_LAW_SILENCE)).isEqualTo((short) 8);
    }

    @Test // ITU-T G.711 tables 3 and 4
    void shouldFollowTheTablesWhenOneLawBecomesTheOther() {
        for (int number = 0; number < 128; number++) {
            int a = TABLE_3[number] - 1;
            assertThat(G711.muLawToALaw(0xFF ^ number)).as("mu %d", number).isEqualTo((byte) (0xD5 ^ a));
            assertThat(G711.muLawToALaw(0x7F ^ number)).as("mu -%d", number).isEqualTo((byte) (0x55 ^ a));
            int mu = TABLE_4[number];
            assertThat(G711.aLawToMuLaw(0xD5 ^ number)).as("A %d", number).isEqualTo((byte) (0xFF ^ mu));
            assertThat(G711.aLawToMuLaw(0x55 ^ number)).as("A -%d", number).isEqualTo((byte) (0x7F ^ mu));
        }
    }

    @Test
    void shouldStayWithinAStepWhenOneLawBecomesTheOther() {
        for (int code = 0; code < 256; code++) {
            int linear = G711.decodeMuLaw(code);
            int step = Math.max(16, Math.abs(linear) / 16);
            assertThat((int) G711.decodeALaw(G711.muLawToALaw(code))).isBetween(linear - step, linear + step);
            int other = G711.decodeALaw(code);
            step = Math.max(16, Math.abs(other) / 16);
            assertThat((int) G711.decodeMuLaw(G711.aLawToMuLaw(code))).isBetween(other - step, other + step);
        }
    }

    @Test
    void shouldConvertExactlyTheRangeWhenInPlace() {
        for (int length = 0; length < 40; length++) {
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
            for (int i = 0; i < 64; i++) {
                buffer.putByte(i, (byte) (i * 37));
            }
            G711.muLawToALaw(buffer, 3, length);
            for (int i = 0; i < 64; i++) {
                byte before = (byte) (i * 37);
                boolean inside = i >= 3 && i < 3 + length;
                assertThat(buffer.getByte(i)).isEqualTo(inside ? G711.muLawToALaw(before) : before);
            }
        }
        UnsafeBuffer codes = allCodes();
        G711.aLawToMuLaw(codes, 0, 256);
        for (int code = 0; code < 256; code++) {
            assertThat(codes.getByte(code)).isEqualTo(G711.aLawToMuLaw(code));
        }
    }

    @Test // ITU-T G.711 tables 5 and 6: these eight codes are a 1 kHz sine at 0 dBm0
    void shouldMakeTheReferenceToneWhenAskedForOneKilohertz() {
        byte[] expected = {0x1E, 0x0B, 0x0B, 0x1E, (byte) 0x9E, (byte) 0x8B, (byte) 0x8B, (byte) 0x9E};
        double peak = 0;
        for (byte code : expected) {
            peak = Math.max(peak, Math.abs(G711.decodeMuLaw(code)));
        }
        // The sequence is sampled between the zero crossings: sin(67.5 degrees) at its peaks.
        double amplitude = peak / Math.sin(Math.toRadians(67.5)) / 32_767.0;
        for (int i = 0; i < 8; i++) {
            double sample = -Math.sin(Math.toRadians(22.5 + 45.0 * i)) * amplitude * 32_767.0;
            assertThat(G711.encodeMuLaw((int) Math.round(sample)) & 0x70).isEqualTo(expected[i] & 0x70);
        }
    }

    @Test
    void shouldKeepThePhaseWhenATonePassesPacketBorders() {
        UnsafeBuffer whole = new UnsafeBuffer(new byte[20_000]);
        UnsafeBuffer pieces = new UnsafeBuffer(new byte[20_000]);
        new ToneGenerator(440, 0.5, true).fill(whole, 0, 20_000);
        ToneGenerator tone = new ToneGenerator(440, 0.5, true);
        for (int at = 0; at < 20_000; at += 160) {
            tone.fill(pieces, at, 160);
        }
        assertThat(pieces).isEqualTo(whole);
        double sine = 0;
        double cosine = 0;
        for (int i = 0; i < 8000; i++) {
            double angle = 2 * Math.PI * 440 * i / 8000;
            sine += Math.sin(angle) * G711.decodeALaw(whole.getByte(i));
            cosine += Math.cos(angle) * G711.decodeALaw(whole.getByte(i));
        }
        assertThat(Math.hypot(sine, cosine) / 4000 / 32_767).isBetween(0.49, 0.51);
    }
}
