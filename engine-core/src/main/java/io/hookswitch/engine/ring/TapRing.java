package io.hookswitch.engine.ring;

import io.hookswitch.engine.message.TapFlyweight;
import java.util.Objects;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Copies of what tapped legs receive, on their way from a core to whoever listens: records of {@link TapFlyweight},
 * off-heap,
 * one writer, one reader. Nobody is woken: the reader has a clock of its own. Full means dropped: the writer goes on,
 * and
 * the reader finds a hole in the timestamps.
 */
public final class TapRing {
    /** Reads one record in place; the view is valid during the call only. */
    @FunctionalInterface
    public interface Reader {
        /** Reads one record in place. */
        void onTap(TapFlyweight record);
    }

    private static final int RECORD = 1;
    private static final int SMALLEST = 1 << 14;
    private static final int LARGEST = 1 << 28;

    private final OneToOneRingBuffer ring;
    private final TapFlyweight view = new TapFlyweight();
    private final MessageHandler handler;
    private Reader reader;

    /** @param bytes that fit, a power of two from 16 KiB to 256 MiB; one record takes an eighth of it at most */
    public TapRing(int bytes) {
        if (bytes < SMALLEST || bytes > LARGEST || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("tap ring: " + bytes + " bytes, no power of two from 16 KiB to 256 MiB");
        }
        ring = new OneToOneRingBuffer(new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                bytes + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH)));
        handler = (type, buffer, index, length) -> reader.onTap(view.wrap(buffer, index, length));
    }

    /**
     * Begins a record. Writer's thread.
     *
     * @return where in {@link #buffer()} it starts, to be given to {@link #publish}; negative when it does not fit
     */
    public int tryClaim(int payloadLength) {
        int length = TapFlyweight.HEAD_LENGTH + payloadLength;
        return length > ring.maxMsgLength() ? RingBuffer.INSUFFICIENT_CAPACITY : ring.tryClaim(RECORD, length);
    }

    /** @return where claimed records are written. */
    public MutableDirectBuffer buffer() {
        return ring.buffer();
    }

    /** Makes a claimed record visible. Writer's thread. */
    public void publish(int claimed) {
        ring.commit(claimed);
    }

    /** Reads up to {@code limit} records. Reader's thread. @return number read; one it throws on is consumed */
    public int poll(Reader recordReader, int limit) {
        reader = Objects.requireNonNull(recordReader);
        // A read ends where the memory does: what was written behind the wrap is the second part.
        int read = ring.read(handler, limit);
        return read < limit ? read + ring.read(handler, limit - read) : read;
    }
}
