package io.hookswitch.rtp.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.agrona.DirectBuffer;

/** By libopus. Its state lies outside the heap and is taken when the first stream begins. */
final class LibOpusDecoder extends OpusDecoder {
    private static final int MOST_SAMPLES = 16 * MOST_MS;

    private MemorySegment state;
    private MemorySegment audio;
    private MemorySegment payload;
    private boolean isReady;

    @Override
    public void reset() {
        if (state == null) {
            allocate();
        }
        isReady = LibOpus.beginDecoder(state.address(), sampleRate()) == 0;
    }

    private void allocate() {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(LibOpus.decoderBytes(), Long.BYTES);
        audio = arena.allocate(ValueLayout.JAVA_SHORT, MOST_SAMPLES);
        payload = arena.allocate(MOST_BYTES);
    }

    @Override
    public int decode(DirectBuffer from, int fromOffset, int length, short[] to, int toOffset) {
        if (!isReady || length <= 0 || length > MOST_BYTES) {
            return FAILED;
        }
        long address = from.addressOffset() + fromOffset;
        if (from.byteArray() != null) {
            MemorySegment.copy(
                    from.byteArray(), from.wrapAdjustment() + fromOffset, payload, ValueLayout.JAVA_BYTE, 0, length);
            address = payload.address();
        }
        return copied(LibOpus.decode(state.address(), address, length, audio.address(), mostSamples()), to, toOffset);
    }

    @Override
    public int conceal(short[] to, int toOffset, int count) {
        if (!isReady || count > mostSamples()) {
            return FAILED;
        }
        return copied(LibOpus.decode(state.address(), 0, 0, audio.address(), count), to, toOffset);
    }

    private int copied(int samples, short[] to, int toOffset) {
        if (samples <= 0 || samples > to.length - toOffset) {
            return FAILED;
        }
        MemorySegment.copy(audio, ValueLayout.JAVA_SHORT, 0, to, toOffset, samples);
        return samples;
    }
}
