package io.hookswitch.engine.message;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the memory of a recording ({@link RecordingFlyweight}) out of encoded audio. Codecs are added in any order,
 * each at most once, at least one. Wrong lengths are {@link IllegalArgumentException}s.
 *
 * <pre>{@code
 * MemorySegment recording = new RecordingBuilder(samples).fixed(Codec.PCMU, muLaw).build(arena);
 * }</pre>
 */
public final class RecordingBuilder {
    private static final int CODECS = Codec.OPUS;

    private final int samples;
    private final int frames;
    /** Place = codec - 1; first and later passes, null = not there. */
    private final byte[][] first = new byte[CODECS][];

    private final byte[][] again = new byte[CODECS][];

    /** @param samples length of the audio, samples of 8 kHz, 1 or more */
    public RecordingBuilder(int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples: " + samples + " is not 1 or more");
        }
        this.samples = samples;
        frames = RecordingFlyweight.framesOf(samples);
    }

    /** As the other one, for a codec without a memory: all passes are the same. */
    public RecordingBuilder fixed(int codec, byte[] bytes) {
        return fixed(codec, bytes, bytes);
    }

    /**
     * Adds a codec of a byte a sample: PCMU, PCMA, G722.
     *
     * @param firstPass at least a byte for each sample; more, up to the end of the last frame, fill that frame up,
     *     else its last byte is repeated
     * @param laterPasses the same audio encoded behind itself, or the same array
     */
    public RecordingBuilder fixed(int codec, byte[] firstPass, byte[] laterPasses) {
        if (!RecordingFlyweight.isFixed(codec)) {
            throw new IllegalArgumentException("codec " + codec + " has no frames of one length");
        }
        byte[] filled = filled(firstPass);
        return add(codec, filled, firstPass == laterPasses ? filled : filled(laterPasses));
    }

    private byte[] filled(byte[] pass) {
        int whole = Math.multiplyExact(frames, RecordingFlyweight.FIXED_FRAME_BYTES);
        if (pass.length < samples || pass.length > whole) {
            throw new IllegalArgumentException(pass.length + " bytes are not " + samples + ".." + whole);
        }
        byte[] filled = Arrays.copyOf(pass, whole);
        Arrays.fill(filled, pass.length, whole, pass[pass.length - 1]);
        return filled;
    }

    /**
     * Adds a codec whose frames have lengths of their own: OPUS.
     *
     * @param firstPass a packet of 20 ms for each frame, 1..{@link RecordingFlyweight#MAX_FRAME_BYTES} bytes
     * @param laterPasses the same audio encoded behind itself, or the same list
     */
    public RecordingBuilder varying(int codec, List<byte[]> firstPass, List<byte[]> laterPasses) {
        if (!RecordingFlyweight.isCodec(codec) || RecordingFlyweight.isFixed(codec)) {
            throw new IllegalArgumentException("codec " + codec + " has no frames of their own lengths");
        }
        byte[] joined = joined(firstPass);
        return add(codec, joined, firstPass == laterPasses ? joined : joined(laterPasses));
    }

    private byte[] joined(List<byte[]> pass) {
        if (pass.size() != frames) {
            throw new IllegalArgumentException(pass.size() + " frames are not " + frames);
        }
        int table = Math.multiplyExact(frames + 1, Integer.BYTES);
        int length = table;
        for (byte[] frame : pass) {
            if (frame.length < 1 || frame.length > RecordingFlyweight.MAX_FRAME_BYTES) {
                throw new IllegalArgumentException("a frame of " + frame.length + " bytes");
            }
            length = Math.addExact(length, frame.length);
        }
        byte[] joined = new byte[length];
        MemorySegment out = MemorySegment.ofArray(joined);
        int at = table;
        for (int i = 0; i < frames; i++) {
            byte[] frame = pass.get(i);
            out.set(ValueLayout.JAVA_INT_UNALIGNED, (long) i * Integer.BYTES, at);
            System.arraycopy(frame, 0, joined, at, frame.length);
            at += frame.length;
        }
        out.set(ValueLayout.JAVA_INT_UNALIGNED, (long) frames * Integer.BYTES, at);
        return joined;
    }

    private RecordingBuilder add(int codec, byte[] firstPass, byte[] laterPasses) {
        int place = codec - 1;
        if (first[place] != null) {
            throw new IllegalArgumentException("codec " + codec + " is there already");
        }
        first[place] = firstPass;
        again[place] = laterPasses;
        return this;
    }

    /** @return bytes that the recording takes; more than {@link Integer#MAX_VALUE} cannot be built. */
    public long lengthBytes() {
        long length = RecordingFlyweight.HEADER_LENGTH;
        for (int place = 0; place < CODECS; place++) {
            if (first[place] != null) {
                length += aligned(first[place]) + (again[place] == first[place] ? 0 : aligned(again[place]));
            }
        }
        return length;
    }

    private static long aligned(byte[] pass) {
        return (pass.length + RecordingFlyweight.ALIGNMENT - 1L)
                / RecordingFlyweight.ALIGNMENT
                * RecordingFlyweight.ALIGNMENT;
    }

    /**
     * Builds the recording in memory of an arena.
     *
     * @return it; {@link MemorySegment#address()} and {@link MemorySegment#byteSize()} are what a core is given
     * @throws IllegalStateException when it has no codec, or would be longer than 2 GB
     */
    public MemorySegment build(Arena arena) {
        long length = lengthBytes();
        if (length == RecordingFlyweight.HEADER_LENGTH || length > Integer.MAX_VALUE) {
            throw new IllegalStateException("a recording of " + length + " bytes");
        }
        MemorySegment out = arena.allocate(length, RecordingFlyweight.ALIGNMENT);
        set(out, RecordingFlyweight.MAGIC_OFFSET, RecordingFlyweight.MAGIC);
        set(out, RecordingFlyweight.VERSION_OFFSET, RecordingFlyweight.VERSION);
        set(out, RecordingFlyweight.LENGTH_OFFSET, (int) length);
        set(out, RecordingFlyweight.FRAMES_OFFSET, frames);
        set(out, RecordingFlyweight.SAMPLES_OFFSET, samples);
        long at = RecordingFlyweight.HEADER_LENGTH;
        for (int codec = 1; codec <= CODECS; codec++) {
            at = section(out, codec, at);
        }
        return out.asReadOnly();
    }

    private long section(MemorySegment out, int codec, long start) {
        byte[] firstPass = first[codec - 1];
        byte[] laterPasses = again[codec - 1];
        if (firstPass == null) {
            return start;
        }
        long behind = start + aligned(firstPass);
        boolean isSame = firstPass == laterPasses;
        int section = RecordingFlyweight.sectionAt(codec);
        set(out, section, (int) start);
        set(out, section + RecordingFlyweight.AGAIN_OFFSET, (int) (isSame ? start : behind));
        int frameBytes = RecordingFlyweight.isFixed(codec) ? RecordingFlyweight.FIXED_FRAME_BYTES : 0;
        set(out, section + RecordingFlyweight.FRAME_BYTES_OFFSET, frameBytes);
        MemorySegment.copy(firstPass, 0, out, ValueLayout.JAVA_BYTE, start, firstPass.length);
        if (isSame) {
            return behind;
        }
        MemorySegment.copy(laterPasses, 0, out, ValueLayout.JAVA_BYTE, behind, laterPasses.length);
        return behind + aligned(laterPasses);
    }

    private static void set(MemorySegment out, long offset, int value) {
        out.set(ValueLayout.JAVA_INT, offset, value);
    }
}
