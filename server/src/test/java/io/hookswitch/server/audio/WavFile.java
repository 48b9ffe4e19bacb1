package io.hookswitch.server.audio;

import io.hookswitch.rtp.G711;
import io.hookswitch.server.audio.WavFormat.Coding;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.IntToDoubleFunction;

/** Makes WAV files of a function of time: the file that a decoder is compared with. */
final class WavFile {
    private static final double TWO_PI = 2 * Math.PI;

    private WavFile() {}

    /** @return a sine of half of full scale. */
    static IntToDoubleFunction sine(double hertz, int rate) {
        return i -> 0.5 * Math.sin(TWO_PI * hertz * i / rate);
    }

    static byte[] of(Coding coding, int channels, int rate, int frames, IntToDoubleFunction wave) {
        byte[] body =
                coding == Coding.IMA_ADPCM ? adpcm(channels, frames, wave) : plain(coding, channels, frames, wave);
        int tag =
                switch (coding) {
                    case UNSIGNED_8, SIGNED_16, SIGNED_24, SIGNED_32 -> 1;
                    case FLOAT_32, FLOAT_64 -> 3;
                    case A_LAW -> 6;
                    case MU_LAW -> 7;
                    case IMA_ADPCM -> 0x11;
                };
        int blockBytes = coding == Coding.IMA_ADPCM ? ADPCM_BLOCK * channels : channels * bytes(coding);
        int bits = coding == Coding.IMA_ADPCM ? 4 : 8 * bytes(coding);
        ByteBuffer format = little(20);
        format.putShort((short) tag).putShort((short) channels).putInt(rate).putInt(rate * blockBytes);
        format.putShort((short) blockBytes).putShort((short) bits);
        format.putShort((short) 2).putShort((short) ((ADPCM_BLOCK - 4) * 2 + 1));
        return file(
                chunk("fmt ", format.array()),
                chunk("fact", little(4).putInt(frames).array()),
                chunk("data", body));
    }

    private static final int ADPCM_BLOCK = 256;

    static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] chunk(String name, byte[] body) {
        ByteBuffer chunk = little(8 + body.length + (body.length & 1));
        chunk.put(name.getBytes(StandardCharsets.US_ASCII)).putInt(body.length).put(body);
        return chunk.array();
    }

    static byte[] file(byte[]... chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = 4;
        for (byte[] chunk : chunks) {
            length += chunk.length;
        }
        out.writeBytes("RIFF".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(little(4).putInt(length).array());
        out.writeBytes("WAVE".getBytes(StandardCharsets.US_ASCII));
        for (byte[] chunk : chunks) {
            out.writeBytes(chunk);
        }
        return out.toByteArray();
    }

    private static int bytes(Coding coding) {
        return switch (coding) {
            case UNSIGNED_8, A_LAW, MU_LAW, IMA_ADPCM -> 1;
            case SIGNED_16 -> 2;
            case SIGNED_24 -> 3;
            case SIGNED_32, FLOAT_32 -> 4;
            case FLOAT_64 -> 8;
        };
    }

    private static byte[] plain(Coding coding, int channels, int frames, IntToDoubleFunction wave) {
        ByteBuffer out = little(frames * channels * bytes(coding));
        for (int i = 0; i < frames; i++) {
            double value = wave.applyAsDouble(i);
            for (int channel = 0; channel < channels; channel++) {
                switch (coding) {
                    case UNSIGNED_8 -> out.put((byte) (Math.round(value * 127) + 128));
                    case SIGNED_16 -> out.putShort((short) Math.round(value * 32_767));
                    case SIGNED_24 -> {
                        int sample = (int) Math.round(value * 8_388_607);
                        out.put((byte) sample).put((byte) (sample >> 8)).put((byte) (sample >> 16));
                    }
                    case SIGNED_32 -> out.putInt((int) Math.round(value * 2_147_483_647));
                    case FLOAT_32 -> out.putFloat((float) value);
                    case FLOAT_64 -> out.putDouble(value);
                    case A_LAW -> out.put(G711.encodeALaw((int) Math.round(value * 32_767)));
                    case MU_LAW -> out.put(G711.encodeMuLaw((int) Math.round(value * 32_767)));
                    case IMA_ADPCM -> throw new IllegalStateException();
                }
            }
        }
        return out.array();
    }

    /** The standard's encoder, written from its text: the nearest difference of the present step. */
    private static byte[] adpcm(int channels, int frames, IntToDoubleFunction wave) {
        int blockFrames = (ADPCM_BLOCK - 4) * 2 + 1;
        int blocks = (frames + blockFrames - 1) / blockFrames;
        ByteBuffer out = little(blocks * ADPCM_BLOCK * channels);
        int[] index = new int[channels];
        for (int block = 0; block < blocks; block++) {
            int first = block * blockFrames;
            int[] predictor = new int[channels];
            for (int channel = 0; channel < channels; channel++) {
                predictor[channel] = (int) Math.round(wave.applyAsDouble(first) * 32_767);
                out.putShort((short) predictor[channel])
                        .put((byte) index[channel])
                        .put((byte) 0);
            }
            for (int i = 1; i < blockFrames; i += 8) {
                for (int channel = 0; channel < channels; channel++) {
                    int pair = 0;
                    for (int k = 0; k < 8; k++) {
                        int sample = (int) Math.round(wave.applyAsDouble(first + i + k) * 32_767);
                        int step = ImaAdpcm.STEPS[index[channel]];
                        int difference = sample - predictor[channel];
                        int code = Math.min(7, Math.abs(difference) * 4 / step) | (difference < 0 ? 8 : 0);
                        int change = (step >> 3)
                                + ((code & 4) != 0 ? step : 0)
                                + ((code & 2) != 0 ? step >> 1 : 0)
                                + ((code & 1) != 0 ? step >> 2 : 0);
                        predictor[channel] =
                                Math.clamp((long) predictor[channel] + (code > 7 ? -change : change), -32_768, 32_767);
                        int move = (code & 7) < 4 ? -1 : ((code & 7) - 3) * 2;
                        index[channel] = Math.clamp(index[channel] + move, 0, 88);
                        if ((k & 1) == 0) {
                            pair = code;
                        } else {
                            out.put((byte) (pair | code << 4));
                        }
                    }
                }
            }
        }
        return out.array();
    }

    /**
     * Signal to noise in dB of 8 kHz audio against a sine of known frequency, whatever its level and phase: all that is
     * not the sine is noise. The ends are left out.
     */
    static double sineSnr(Samples audio, int rate, double hertz, int from, int to) {
        double cosine = 0;
        double sine = 0;
        double all = 0;
        for (int i = from; i < to; i++) {
            double angle = TWO_PI * hertz * i / rate;
            cosine += audio.at(i) * Math.cos(angle);
            sine += audio.at(i) * Math.sin(angle);
        }
        int count = to - from;
        double a = 2 * cosine / count;
        double b = 2 * sine / count;
        double signal = 0;
        for (int i = from; i < to; i++) {
            double angle = TWO_PI * hertz * i / rate;
            double fit = a * Math.cos(angle) + b * Math.sin(angle);
            signal += fit * fit;
            all += (audio.at(i) - fit) * (audio.at(i) - fit);
        }
        return 10 * Math.log10(signal / Math.max(all, 1e-9));
    }

    /** @return amplitude of a sine's part, full scale = 1. */
    static double level(Samples audio, int rate, double hertz, int from, int to) {
        double cosine = 0;
        double sine = 0;
        for (int i = from; i < to; i++) {
            double angle = TWO_PI * hertz * i / rate;
            cosine += audio.at(i) * Math.cos(angle);
            sine += audio.at(i) * Math.sin(angle);
        }
        return 2 * Math.hypot(cosine, sine) / (to - from) / 32_768;
    }
}
