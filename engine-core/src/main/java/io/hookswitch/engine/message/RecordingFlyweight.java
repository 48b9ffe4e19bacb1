package io.hookswitch.engine.message;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Audio ready to be sent: an immutable block of memory outside the heap that any number of playouts read at the time,
 * cut into frames of 20 ms and encoded beforehand, once for each codec that it can be sent as. All positions and
 * lengths of time are samples of 8 kHz, whatever the codec. Written by {@link RecordingBuilder}; whoever made it keeps
 * it until the last playout of it is over. This class reads it and believes nothing: it never looks beyond the length
 * it was given, and never throws.
 *
 * <pre>
 *  0 int magic, "HSRC"       8 int bytes, all of it       16 int samples, 1 or more
 *  4 int version, 1         12 int frames                  20 int 0
 * 32 sections, 4 x 16, place = codec - 1 (Codec):
 *      { int start of the first pass, 0 = not as this codec; int start of the passes behind it;
 *        int bytes of a frame, 0 = they vary; int 0 }
 * 96 passes, each at a multiple of 8:
 *      frames of one length (PCMU, PCMA, G722: 160 bytes, a byte a sample), the last one filled up; or
 *      frames of their own length (OPUS): frames + 1 ints, where each starts in the pass and where the last ends,
 *      then the frames, a packet of 20 ms each
 * </pre>
 *
 * <p>A codec with a memory (G722, OPUS) was encoded twice in a row: what its first pass starts from is silence, what
 * all others start from is the recording's end, so that a loop has no click; without a second encoding both are the
 * same. Byte order is the machine's.
 */
public final class RecordingFlyweight {
    /** Samples of a frame. */
    public static final int FRAME_SAMPLES = 160;
    /** Length of a sample, ns. */
    public static final long SAMPLE_NS = 125_000L;
    /** Most bytes of a frame: the longest packet of Opus of 20 ms in one frame (RFC 6716 section 3.4). */
    public static final int MAX_FRAME_BYTES = 1276;
    /** Bytes of a frame of the codecs that have one length. */
    public static final int FIXED_FRAME_BYTES = 160;
    /** Bytes before the first pass. */
    public static final int HEADER_LENGTH = 96;
    /** Answer when there is no such frame, no room for it, or its place in the table is nonsense. */
    public static final int NO_FRAME = -1;

    static final int MAGIC = 0x48535243;
    static final int VERSION = 1;
    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 4;
    static final int LENGTH_OFFSET = 8;
    static final int FRAMES_OFFSET = 12;
    static final int SAMPLES_OFFSET = 16;
    static final int SECTIONS_OFFSET = 32;
    static final int SECTION_LENGTH = 16;
    static final int AGAIN_OFFSET = 4;
    static final int FRAME_BYTES_OFFSET = 8;
    static final int ALIGNMENT = 8;

    private final UnsafeBuffer bytes = new UnsafeBuffer(0, 0);
    private int frames;
    private int samples;

    /** @return frames that a number of samples takes. */
    public static int framesOf(int samples) {
        return samples / FRAME_SAMPLES + (samples % FRAME_SAMPLES == 0 ? 0 : 1);
    }

    /** @return whether frames of a codec all have {@link #FIXED_FRAME_BYTES}, a byte a sample of 8 kHz. */
    public static boolean isFixed(int codec) {
        return codec == Codec.PCMU || codec == Codec.PCMA || codec == Codec.G722;
    }

    /** @return whether a recording can hold a codec. */
    public static boolean isCodec(int codec) {
        return isFixed(codec) || codec == Codec.OPUS;
    }

    /**
     * Points this view at a recording outside the heap.
     *
     * @return false when it is none; nothing else may be asked then
     */
    public boolean wrap(long address, long lengthBytes) {
        if (address == 0 || lengthBytes < HEADER_LENGTH || lengthBytes > Integer.MAX_VALUE) {
            return false;
        }
        bytes.wrap(address, (int) lengthBytes);
        return isRecording();
    }

    /** Points this view at a recording in a buffer. @return false when it is none */
    public boolean wrap(DirectBuffer buffer, int offset, int lengthBytes) {
        if (lengthBytes < HEADER_LENGTH || offset < 0 || lengthBytes > buffer.capacity() - offset) {
            return false;
        }
        bytes.wrap(buffer, offset, lengthBytes);
        return isRecording();
    }

    private boolean isRecording() {
        frames = bytes.getInt(FRAMES_OFFSET);
        samples = bytes.getInt(SAMPLES_OFFSET);
        if (bytes.getInt(MAGIC_OFFSET) != MAGIC
                || bytes.getInt(VERSION_OFFSET) != VERSION
                || bytes.getInt(LENGTH_OFFSET) != bytes.capacity()
                || samples < 1
                || frames != framesOf(samples)) {
            return false;
        }
        return isSection(Codec.PCMU) && isSection(Codec.PCMA) && isSection(Codec.G722) && isSection(Codec.OPUS);
    }

    private boolean isSection(int codec) {
        int at = sectionAt(codec);
        int first = bytes.getInt(at);
        int again = bytes.getInt(at + AGAIN_OFFSET);
        if (first == 0) {
            return again == 0;
        }
        boolean isFixed = isFixed(codec);
        return bytes.getInt(at + FRAME_BYTES_OFFSET) == (isFixed ? FIXED_FRAME_BYTES : 0)
                && isPass(first, isFixed)
                && isPass(again, isFixed);
    }

    private boolean isPass(int start, boolean isFixed) {
        long needed = isFixed ? (long) frames * FIXED_FRAME_BYTES : (frames + 1L) * Integer.BYTES;
        return start >= HEADER_LENGTH && start % ALIGNMENT == 0 && start + needed <= bytes.capacity();
    }

    static int sectionAt(int codec) {
        return SECTIONS_OFFSET + (codec - 1) * SECTION_LENGTH;
    }

    /** @return length of the audio, samples of 8 kHz, 1 or more. */
    public int samples() {
        return samples;
    }

    /** @return number of frames, the last one possibly not full. */
    public int frames() {
        return frames;
    }

    /** @return length of the audio, ns. */
    public long durationNs() {
        return samples * SAMPLE_NS;
    }

    /** @return whether it can be sent as a codec ({@link Codec}). */
    public boolean has(int codec) {
        return isCodec(codec) && bytes.getInt(sectionAt(codec)) != 0;
    }

    private int pass(int codec, boolean isAgain) {
        return bytes.getInt(sectionAt(codec) + (isAgain ? AGAIN_OFFSET : 0));
    }

    /**
     * Copies a frame as a codec that it {@link #has}.
     *
     * @param isAgain of a pass that follows another one
     * @param frame 0..{@link #frames()} - 1
     * @param most bytes that there is room for
     * @return its bytes, at most {@link #MAX_FRAME_BYTES}, or {@link #NO_FRAME}: nothing was copied
     */
    public int copyFrame(int codec, boolean isAgain, int frame, MutableDirectBuffer to, int toOffset, int most) {
        if (frame < 0 || frame >= frames) {
            return NO_FRAME;
        }
        int pass = pass(codec, isAgain);
        if (isFixed(codec)) {
            if (most < FIXED_FRAME_BYTES) {
                return NO_FRAME;
            }
            bytes.getBytes(pass + frame * FIXED_FRAME_BYTES, to, toOffset, FIXED_FRAME_BYTES);
            return FIXED_FRAME_BYTES;
        }
        int entry = pass + frame * Integer.BYTES;
        int start = bytes.getInt(entry);
        int end = bytes.getInt(entry + Integer.BYTES);
        // In this order nothing overflows.
        if (start < (frames + 1) * Integer.BYTES
                || end <= start
                || end - start > Math.min(most, MAX_FRAME_BYTES)
                || end > bytes.capacity() - pass) {
            return NO_FRAME;
        }
        bytes.getBytes(pass + start, to, toOffset, end - start);
        return end - start;
    }

    /**
     * Copies samples from anywhere, as a codec of a byte a sample that it {@link #has}.
     *
     * @param from 0..{@link #samples()}
     * @param count most of them
     * @return bytes copied, fewer than {@code count} at the end
     */
    public int copySamples(int codec, boolean isAgain, int from, int count, MutableDirectBuffer to, int toOffset) {
        if (from < 0 || from >= samples || !isFixed(codec)) {
            return 0;
        }
        int length = Math.min(count, samples - from);
        bytes.getBytes(pass(codec, isAgain) + from, to, toOffset, length);
        return length;
    }
}
