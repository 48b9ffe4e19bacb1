package io.hookswitch.server.audio;

import io.hookswitch.rtp.G711;

/**
 * Reads a WAV file (RIFF WAVE): linear PCM, IEEE float, G.711 and IMA ADPCM. A file that ends before the data it
 * announces is refused; lengths that a writer without a way back could not know (0, or about 2 or 4 GB) mean "to the
 * end". One thread.
 */
final class WavSource implements PcmSource {
    private static final int RIFF_BYTES = 12;
    private static final int CHUNK_HEAD = 8;
    /** Lengths from here on are what writers to a pipe say: they cannot be true of a file that was read whole. */
    private static final long UNKNOWN_LENGTH = 0x7FFF_0000L;

    private static final float LOUDEST = 4;

    private final LittleEndian bytes;
    private final DecodeLimits limits;
    private WavFormat format;
    /** Samples of each channel that the fact chunk announces, -1 = it does not. */
    private long announced = -1;

    private int at;
    private int end;
    private final float[] frame;
    private final ImaAdpcm adpcm;
    /** Decoded samples of the present ADPCM block, mixed down, and how far they were given out. */
    private final float[] block;

    private int blockLength;
    private int blockAt;
    private long left;

    /** @throws AudioException when the file is not one that can be played */
    WavSource(byte[] file, DecodeLimits limits) throws AudioException {
        bytes = new LittleEndian(file);
        this.limits = limits;
        findData();
        boolean isAdpcm = format.coding() == WavFormat.Coding.IMA_ADPCM;
        int length = end - at;
        long frames = isAdpcm
                ? ((long) length + format.blockBytes() - 1) / format.blockBytes() * format.blockFrames()
                : length / format.blockBytes();
        left = isAdpcm && announced > 0 ? Math.min(frames, announced) : frames;
        limits.checkLength(left, format.sampleRate());
        frame = new float[format.channels()];
        adpcm = isAdpcm ? new ImaAdpcm(format) : null;
        block = isAdpcm ? new float[format.blockFrames()] : new float[0];
    }

    /** @return whether this looks like a WAV file. */
    static boolean isWav(byte[] file) {
        LittleEndian bytes = new LittleEndian(file);
        return bytes.has(0, "RIFF") && bytes.has(8, "WAVE");
    }

    private void findData() throws AudioException {
        long next = RIFF_BYTES;
        while (next + CHUNK_HEAD <= bytes.length()) {
            int chunk = (int) next;
            long length = Integer.toUnsignedLong(bytes.signed32(chunk + 4));
            int body = chunk + CHUNK_HEAD;
            int there = (int) Math.min(length, bytes.length() - body);
            if (bytes.has(chunk, "data")) {
                data(body, length);
                return;
            }
            if (length > there) {
                throw new AudioException("WAV: the file ends inside a chunk before its data");
            }
            if (bytes.has(chunk, "fmt ")) {
                format = WavFormat.read(bytes, body, there);
            } else if (bytes.has(chunk, "fact") && there >= 4) {
                announced = Integer.toUnsignedLong(bytes.signed32(body));
            }
            next = body + length + (length & 1);
        }
        throw new AudioException("WAV: the file ends without a data chunk");
    }

    private void data(int body, long length) throws AudioException {
        if (format == null) {
            throw new AudioException("WAV: no fmt chunk before the data");
        }
        int there = bytes.length() - body;
        boolean isUnknown = length == 0 || length >= UNKNOWN_LENGTH;
        if (!isUnknown && length > there) {
            throw new AudioException("WAV: the file ends " + (length - there) + " bytes before its data does");
        }
        at = body;
        end = isUnknown ? bytes.length() : body + (int) length;
        if (end - at < Math.min(format.blockBytes(), 4 * format.channels() + 1)) {
            throw new AudioException("WAV: no audio in it");
        }
    }

    @Override
    public int sampleRate() {
        return format.sampleRate();
    }

    @Override
    public int read(float[] into) throws AudioException {
        limits.step();
        int most = (int) Math.min(left, into.length);
        if (most == 0) {
            return -1;
        }
        int count = adpcm == null ? readPlain(into, most) : readBlocks(into, most);
        left -= count;
        return count == 0 ? -1 : count;
    }

    private int readPlain(float[] into, int most) {
        float share = 1f / format.channels();
        int sampleBytes = format.blockBytes() / format.channels();
        for (int i = 0; i < most; i++) {
            float sum = 0;
            for (int channel = 0; channel < frame.length; channel++) {
                sum += sample(at);
                at += sampleBytes;
            }
            into[i] = sum * share;
        }
        return most;
    }

    private float sample(int where) {
        return switch (format.coding()) {
            case UNSIGNED_8 -> (bytes.unsigned8(where) - 128) / 128f;
            case SIGNED_16 -> bytes.signed16(where) / 32_768f;
            case SIGNED_24 -> bytes.signed24(where) / 8_388_608f;
            case SIGNED_32 -> bytes.signed32(where) / 2_147_483_648f;
            case FLOAT_32 -> bounded(Float.intBitsToFloat(bytes.signed32(where)));
            case FLOAT_64 -> bounded((float) Double.longBitsToDouble(bytes.signed64(where)));
            case A_LAW -> G711.decodeALaw(bytes.unsigned8(where)) / 32_768f;
            case MU_LAW -> G711.decodeMuLaw(bytes.unsigned8(where)) / 32_768f;
            case IMA_ADPCM -> throw new IllegalStateException("read by blocks");
        };
    }

    /** A filter must not meet what is no number, nor one that is none of a sound's. */
    private static float bounded(float value) {
        return Float.isNaN(value) ? 0 : Math.clamp(value, -LOUDEST, LOUDEST);
    }

    private int readBlocks(float[] into, int most) {
        int count = 0;
        while (count < most) {
            if (blockAt == blockLength) {
                int length = Math.min(format.blockBytes(), end - at);
                blockLength = adpcm.decode(bytes, at, length, block);
                blockAt = 0;
                at += length;
                if (blockLength == 0) {
                    break;
                }
            }
            int step = Math.min(most - count, blockLength - blockAt);
            System.arraycopy(block, blockAt, into, count, step);
            blockAt += step;
            count += step;
        }
        return count;
    }
}
