package io.hookswitch.server.audio;

import java.util.Arrays;

/**
 * IMA ADPCM as in WAV files: blocks that start with each channel's first sample and step index, then 4-bit differences,
 * eight of one channel at a time. One thread.
 */
final class ImaAdpcm {
    private static final int HEAD_BYTES = 4;
    private static final int GROUP_BYTES = 4;
    private static final int GROUP_SAMPLES = 8;
    private static final int MAX_INDEX = 88;
    private static final float FULL_SCALE = 32_768f;

    private static final int[] INDEX_STEP = {-1, -1, -1, -1, 2, 4, 6, 8};

    /** Step sizes of the IMA Digital Audio Focus Group's recommended practices, 1992. */
    static final int[] STEPS = {
        7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
        107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796,
        876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871,
        5358, 5894, 6484, 7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500, 20_350,
        22_385, 24_623, 27_086, 29_794, 32_767
    };

    private final int channels;
    private final int blockFrames;
    private int predictor;
    private int index;

    ImaAdpcm(WavFormat format) {
        channels = format.channels();
        blockFrames = format.blockFrames();
    }

    /**
     * Decodes one block, the last one perhaps cut short.
     *
     * @param into at least as long as a block has samples, -1..1, mixed down
     * @return samples written; 0 when there is not even a block's head
     */
    int decode(LittleEndian bytes, int at, int length, float[] into) {
        int heads = HEAD_BYTES * channels;
        if (length < heads) {
            return 0;
        }
        int groups = (length - heads) / (GROUP_BYTES * channels);
        int frames = Math.min(blockFrames, 1 + groups * GROUP_SAMPLES);
        Arrays.fill(into, 0, frames, 0);
        for (int channel = 0; channel < channels; channel++) {
            int head = at + channel * HEAD_BYTES;
            predictor = bytes.signed16(head);
            index = Math.clamp(bytes.unsigned8(head + 2), 0, MAX_INDEX);
            into[0] += predictor / (FULL_SCALE * channels);
            for (int i = 1; i < frames; i++) {
                int group = (i - 1) / GROUP_SAMPLES;
                int nibble = (i - 1) % GROUP_SAMPLES;
                int where = at + heads + (group * channels + channel) * GROUP_BYTES + nibble / 2;
                int code = (nibble & 1) == 0 ? bytes.unsigned8(where) & 0x0F : bytes.unsigned8(where) >> 4;
                into[i] += next(code) / (FULL_SCALE * channels);
            }
        }
        return frames;
    }

    private int next(int code) {
        int step = STEPS[index];
        int difference = step >> 3;
        difference += (code & 4) != 0 ? step : 0;
        difference += (code & 2) != 0 ? step >> 1 : 0;
        difference += (code & 1) != 0 ? step >> 2 : 0;
        predictor = Math.clamp(predictor + ((code & 8) != 0 ? -difference : difference), -32_768, 32_767);
        index = Math.clamp(index + INDEX_STEP[code & 7], 0, MAX_INDEX);
        return predictor;
    }
}
