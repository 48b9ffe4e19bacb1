package io.hookswitch.rtp.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.agrona.MutableDirectBuffer;

/** By libopus. Its state lies outside the heap and is taken when the first stream begins. */
final class LibOpusEncoder extends OpusEncoder {
    private static final int MOST_SAMPLES = 16 * MOST_MS;
    private static final int MOST_BYTES = 1275;

    private MemorySegment state;
    private MemorySegment audio;
    private MemorySegment payload;
    private boolean isReady;

    @Override
    public void reset() {
        if (state == null) {
            allocate();
        }
        long address = state.address();
        isReady = LibOpus.beginEncoder(address, sampleRate()) == 0
                && LibOpus.set(address, LibOpus.BITRATE, BITRATE) == 0
                && LibOpus.set(address, LibOpus.COMPLEXITY, COMPLEXITY) == 0
                && LibOpus.set(address, LibOpus.SIGNAL, LibOpus.VOICE) == 0;
    }

    private void allocate() {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(LibOpus.encoderBytes(), Long.BYTES);
        audio = arena.allocate(ValueLayout.JAVA_SHORT, MOST_SAMPLES);
        payload = arena.allocate(MOST_BYTES);
    }

    @Override
    public int encode(short[] samples, int from, int count, MutableDirectBuffer to, int toOffset, int most) {
        if (!isReady || !hasFrame(count) || most <= 0) {
            return FAILED;
        }
        MemorySegment.copy(samples, from, audio, ValueLayout.JAVA_SHORT, 0, count);
        int room = Math.min(most, MOST_BYTES);
        if (to.byteArray() == null) {
            int bytes = LibOpus.encode(state.address(), audio.address(), count, to.addressOffset() + toOffset, room);
            return bytes > 0 ? bytes : FAILED;
        }
        int bytes = LibOpus.encode(state.address(), audio.address(), count, payload.address(), room);
        if (bytes <= 0) {
            return FAILED;
        }
        MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, 0, to.byteArray(), to.wrapAdjustment() + toOffset, bytes);
        return bytes;
    }
}
