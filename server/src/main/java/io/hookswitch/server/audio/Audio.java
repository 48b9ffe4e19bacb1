package io.hookswitch.server.audio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * One decoded file as a core plays it: immutable memory outside the heap, freed when the last one who uses it has let
 * go. Any thread.
 */
public final class Audio {
    private final MemorySegment recording;
    private final long samples;
    private final Arena memory;
    private final LongConsumer freed;
    /** Who uses it; the memory is gone once this is 0. */
    private final AtomicInteger uses = new AtomicInteger(1);

    /**
     * @param recording a whole {@code engine.message.RecordingFlyweight} layout
     * @param samples of 8 kHz
     * @param memory that holds nothing else; closed at the end
     * @param freed told of the bytes when they are gone
     */
    Audio(MemorySegment recording, long samples, Arena memory, LongConsumer freed) {
        this.recording = recording;
        this.samples = samples;
        this.memory = memory;
        this.freed = freed;
    }

    /** @return where the recording starts; valid as long as a reference is held. */
    public long address() {
        return recording.address();
    }

    /** @return bytes of the recording. */
    public long lengthBytes() {
        return recording.byteSize();
    }

    /** @return how long it is, samples of 8 kHz. */
    public long samples() {
        return samples;
    }

    /** @return how many references there are, that of whoever keeps it included. */
    int uses() {
        return uses.get();
    }

    /** One reference more; only for whoever holds one. */
    Audio retained() {
        if (uses.getAndIncrement() <= 0) {
            throw new IllegalStateException("retained after the last release");
        }
        return this;
    }

    /** Lets go of one reference; the last one frees the memory. */
    public void release() {
        int left = uses.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("released more often than retained");
        }
        if (left == 0) {
            long bytes = recording.byteSize();
            memory.close();
            freed.accept(bytes);
        }
    }
}
