package io.hookswitch.server.audio;

/**
 * What a WAV file's {@code fmt } chunk says, checked.
 *
 * @param coding how a sample is written
 * @param bits of one sample
 * @param blockBytes of one sample of every channel; of a whole block for ADPCM
 * @param blockFrames samples of each channel in a block; 1 unless ADPCM
 */
record WavFormat(Coding coding, int channels, int sampleRate, int bits, int blockBytes, int blockFrames) {
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int A_LAW = 6;
    private static final int MU_LAW = 7;
    private static final int IMA_ADPCM = 0x11;
    private static final int EXTENSIBLE = 0xFFFE;

    private static final int PLAIN_BYTES = 16;
    private static final int SUB_FORMAT_OFFSET = 24;
    private static final int EXTENSIBLE_BYTES = 40;
    private static final int MAX_CHANNELS = 32;
    private static final int ADPCM_MAX_CHANNELS = 2;
    private static final int MIN_RATE = 4000;
    private static final int MAX_RATE = 192_000;

    /** How a sample is written. */
    enum Coding {
        UNSIGNED_8,
        SIGNED_16,
        SIGNED_24,
        SIGNED_32,
        FLOAT_32,
        FLOAT_64,
        A_LAW,
        MU_LAW,
        IMA_ADPCM
    }

    /** Reads the chunk's body. */
    static WavFormat read(LittleEndian bytes, int at, int length) throws AudioException {
        if (length < PLAIN_BYTES) {
            throw new AudioException("WAV: the fmt chunk has " + length + " bytes, not 16 or more");
        }
        int tag = bytes.unsigned16(at);
        if (tag == EXTENSIBLE) {
            if (length < EXTENSIBLE_BYTES) {
                throw new AudioException("WAV: the extensible fmt chunk has " + length + " bytes, not 40 or more");
            }
            tag = bytes.unsigned16(at + SUB_FORMAT_OFFSET);
        }
        int channels = bytes.unsigned16(at + 2);
        int rate = bytes.signed32(at + 4);
        int blockBytes = bytes.unsigned16(at + 12);
        int bits = bytes.unsigned16(at + 14);
        if (channels < 1 || channels > MAX_CHANNELS) {
            throw new AudioException("WAV: " + channels + " channels; 1.." + MAX_CHANNELS + " can be played");
        }
        checkRate(rate);
        if (tag == IMA_ADPCM) {
            return adpcm(bytes, at, length, new WavFormat(Coding.IMA_ADPCM, channels, rate, bits, blockBytes, 1));
        }
        Coding coding = coding(tag, bits);
        if (blockBytes != channels * ((bits + 7) / 8)) {
            throw new AudioException(
                    "WAV: a block of " + blockBytes + " bytes does not fit " + channels + " x " + bits + " bits");
        }
        return new WavFormat(coding, channels, rate, bits, blockBytes, 1);
    }

    /** @throws AudioException when audio of this rate cannot be resampled */
    static void checkRate(int rate) throws AudioException {
        if (rate < MIN_RATE || rate > MAX_RATE) {
            throw new AudioException(Integer.toUnsignedString(rate) + " samples a second; " + MIN_RATE + ".." + MAX_RATE
                    + " can be played");
        }
    }

    private static Coding coding(int tag, int bits) throws AudioException {
        Coding coding =
                switch (tag) {
                    case PCM ->
                        switch (bits) {
                            case 8 -> Coding.UNSIGNED_8;
                            case 16 -> Coding.SIGNED_16;
                            case 24 -> Coding.SIGNED_24;
                            case 32 -> Coding.SIGNED_32;
                            default -> null;
                        };
                    case FLOAT -> bits == 32 ? Coding.FLOAT_32 : bits == 64 ? Coding.FLOAT_64 : null;
                    case A_LAW -> bits == 8 ? Coding.A_LAW : null;
                    case MU_LAW -> bits == 8 ? Coding.MU_LAW : null;
                    default -> null;
                };
        if (coding == null) {
            throw new AudioException("WAV: format " + tag + " with " + bits
                    + " bits cannot be played; PCM 8, 16, 24, 32, float, A-law, mu-law and IMA ADPCM can");
        }
        return coding;
    }

    private static WavFormat adpcm(LittleEndian bytes, int at, int length, WavFormat said) throws AudioException {
        int channels = said.channels();
        int fromBytes = (said.blockBytes() / channels - 4) * 2 + 1;
        int frames = length >= PLAIN_BYTES + 4 ? bytes.unsigned16(at + PLAIN_BYTES + 2) : fromBytes;
        if (said.bits() != 4
                || channels > ADPCM_MAX_CHANNELS
                || said.blockBytes() % (4 * channels) != 0
                || fromBytes < 1
                || frames < 1
                || frames > fromBytes) {
            throw new AudioException("WAV: IMA ADPCM with " + said.bits() + " bits, " + channels + " channels and "
                    + frames + " samples in blocks of " + said.blockBytes() + " bytes cannot be played");
        }
        return new WavFormat(Coding.IMA_ADPCM, channels, said.sampleRate(), 4, said.blockBytes(), frames);
    }
}
