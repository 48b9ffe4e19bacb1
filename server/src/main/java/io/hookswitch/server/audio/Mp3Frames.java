package io.hookswitch.server.audio;

/**
 * Finds the MPEG audio layer III frames of a file, between tags and whatever else lies around, and puts them one behind
 * the other in the file's own bytes: the decoder behind never has to search. One thread.
 */
final class Mp3Frames {
    private static final int HEADER_BYTES = 4;
    private static final int ID3_HEAD_BYTES = 10;
    private static final int LAYER_III = 1;
    private static final int MPEG_1 = 3;
    private static final int MPEG_2_5 = 0;
    private static final int MONO = 3;
    private static final int[] KBITS_1 = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    private static final int[] KBITS_2 = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
    private static final int[] RATES_1 = {44_100, 48_000, 32_000};

    /** Where in a "Xing" or "Info" header the encoder's name stands, and its delay and padding behind it. */
    private static final int ENCODER_OFFSET = 120;

    private static final int DELAY_OFFSET = 141;
    /** What every decoder adds in front (of an encoder's delay this is not a part). */
    private static final int DECODER_DELAY = 529;

    private final byte[] file;
    private int sampleRate;
    private int samplesPerFrame;
    private boolean isMono;
    private int version;
    private int count;
    private int length;
    /** Frames that the Info header announces, -1 = no such header. */
    private int announced = -1;

    private long skip;
    private long most = Long.MAX_VALUE;

    private Mp3Frames(byte[] file) {
        this.file = file;
    }

    /** @param file whose bytes are overwritten */
    static Mp3Frames of(byte[] file, DecodeLimits limits) throws AudioException {
        Mp3Frames frames = new Mp3Frames(file);
        frames.collect(limits);
        return frames;
    }

    /** @return whether this looks like an MP3 file: a tag, or a frame's header within its first bytes. */
    static boolean isMp3(byte[] file) {
        if (new LittleEndian(file).has(0, "ID3")) {
            return true;
        }
        Mp3Frames frames = new Mp3Frames(file);
        for (int at = 0; at < Math.min(file.length - HEADER_BYTES, 4096); at++) {
            if (frames.isFollowed(at)) {
                return true;
            }
        }
        return false;
    }

    private void collect(DecodeLimits limits) throws AudioException {
        int at = skipTags();
        int searched = 0;
        while (at + HEADER_BYTES <= file.length) {
            // In step the next header is enough; after a gap it must be followed by another one.
            boolean isFrame = count > 0 && searched == 0 ? isHeader(at) : isFollowed(at);
            int bytes = isFrame ? frameBytes(at) : 0;
            if (!isFrame) {
                at++;
                searched++;
                continue;
            }
            if (at + bytes > file.length) {
                break;
            }
            searched = 0;
            take(at, bytes);
            limits.checkLength((long) count * samplesPerFrame, sampleRate);
            at += bytes;
        }
        if (count == 0) {
            throw new AudioException("MP3: no whole frame of MPEG layer III in it");
        }
        if (announced > count) {
            throw new AudioException("MP3: the file ends after " + count + " of " + announced + " frames");
        }
    }

    private void take(int at, int bytes) {
        if (sampleRate == 0) {
            version = version(at);
            sampleRate = rate(at);
            samplesPerFrame = version == MPEG_1 ? 1152 : 576;
            isMono = (file[at + 3] & 0xC0) >> 6 == MONO;
            if (readInfo(at, bytes)) {
                return;
            }
        }
        System.arraycopy(file, at, file, length, bytes);
        length += bytes;
        count++;
    }

    private int skipTags() {
        int at = 0;
        LittleEndian bytes = new LittleEndian(file);
        while (bytes.has(at, "ID3") && at + ID3_HEAD_BYTES <= file.length) {
            int size = (file[at + 6] & 0x7F) << 21
                    | (file[at + 7] & 0x7F) << 14
                    | (file[at + 8] & 0x7F) << 7
                    | file[at + 9] & 0x7F;
            int footer = (file[at + 5] & 0x10) != 0 ? ID3_HEAD_BYTES : 0;
            long next = (long) at + ID3_HEAD_BYTES + size + footer;
            at = (int) Math.min(next, file.length);
        }
        return at;
    }

    /** A frame that holds no audio but says how much there is, and what of it the encoder has added. */
    private boolean readInfo(int at, int bytes) {
        boolean hasCrc = (file[at + 1] & 1) == 0;
        int side = version == MPEG_1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
        int info = at + HEADER_BYTES + (hasCrc ? 2 : 0) + side;
        LittleEndian text = new LittleEndian(file);
        if (info + 12 > at + bytes || !text.has(info, "Xing") && !text.has(info, "Info")) {
            return false;
        }
        if ((file[info + 7] & 1) != 0) {
            int said = bigEndian(info + 8);
            announced = said > 0 ? said : -1;
        }
        boolean isKnown = text.has(info + ENCODER_OFFSET, "LAME") || text.has(info + ENCODER_OFFSET, "Lav");
        if (isKnown && info + DELAY_OFFSET + 3 <= at + bytes && announced > 0) {
            int both = bigEndian(info + DELAY_OFFSET - 1) & 0xFF_FFFF;
            long all = (long) announced * samplesPerFrame;
            long kept = all - (both >> 12) - (both & 0xFFF);
            if (kept > 0) {
                skip = (both >> 12) + DECODER_DELAY;
                most = kept;
            }
        }
        return true;
    }

    private int bigEndian(int at) {
        return (file[at] & 0xFF) << 24 | (file[at + 1] & 0xFF) << 16 | (file[at + 2] & 0xFF) << 8 | file[at + 3] & 0xFF;
    }

    private boolean isFollowed(int at) {
        if (!isHeader(at)) {
            return false;
        }
        int next = at + frameBytes(at);
        return next == file.length
                || next > file.length && count > 0
                || next + HEADER_BYTES <= file.length
                        && isHeader(next)
                        && version(next) == version(at)
                        && rate(next) == rate(at);
    }

    /** A frame's header, and once the first is known one of the same kind. */
    private boolean isHeader(int at) {
        if (at + HEADER_BYTES > file.length || file[at] != (byte) 0xFF || (file[at + 1] & 0xE0) != 0xE0) {
            return false;
        }
        int kind = version(at);
        int bitrate = (file[at + 2] & 0xF0) >> 4;
        boolean isAudio = kind != 1
                && (file[at + 1] & 0x06) >> 1 == LAYER_III
                && bitrate != 0
                && bitrate != 15
                && (file[at + 2] & 0x0C) >> 2 != 3;
        return isAudio && (sampleRate == 0 || kind == version && rate(at) == sampleRate && isMono(at) == isMono);
    }

    private boolean isMono(int at) {
        return (file[at + 3] & 0xC0) >> 6 == MONO;
    }

    private int version(int at) {
        return (file[at + 1] & 0x18) >> 3;
    }

    private int rate(int at) {
        int rate = RATES_1[(file[at + 2] & 0x0C) >> 2];
        int kind = version(at);
        return kind == MPEG_1 ? rate : kind == MPEG_2_5 ? rate / 4 : rate / 2;
    }

    private int frameBytes(int at) {
        int kbits = (version(at) == MPEG_1 ? KBITS_1 : KBITS_2)[(file[at + 2] & 0xF0) >> 4];
        int padding = (file[at + 2] & 0x02) >> 1;
        return (version(at) == MPEG_1 ? 144_000 : 72_000) * kbits / rate(at) + padding;
    }

    /** @return samples of one channel a second. */
    int sampleRate() {
        return sampleRate;
    }

    /** @return samples of one channel in a frame. */
    int samplesPerFrame() {
        return samplesPerFrame;
    }

    /** @return frames with audio, at least 1. */
    int count() {
        return count;
    }

    /** @return bytes of all of them, at the file's beginning. */
    int length() {
        return length;
    }

    /** @return samples at the beginning that the encoder and the decoder add. */
    long skip() {
        return skip;
    }

    /** @return samples that there were before encoding; {@link Long#MAX_VALUE} = not known. */
    long most() {
        return most;
    }
}
