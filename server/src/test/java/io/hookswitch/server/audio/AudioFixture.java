package io.hookswitch.server.audio;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.RecordingBuilder;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;

/** Recordings of silence, and how many of them nobody has let go of. */
public final class AudioFixture {
    private final AtomicInteger inUse = new AtomicInteger();

    /** One that whoever gets it must let go of. */
    public AudioOutcome ready(long samples, int times) {
        Arena memory = Arena.ofShared();
        inUse.incrementAndGet();
        return new AudioOutcome.Ready(
                new Audio(
                        new RecordingBuilder((int) samples)
                                .fixed(Codec.PCMU, new byte[(int) samples])
                                .build(memory),
                        samples,
                        memory,
                        _ -> inUse.decrementAndGet()),
                times);
    }

    /** Those whose memory is not freed. */
    public int inUse() {
        return inUse.get();
    }
}
