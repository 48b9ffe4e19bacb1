package io.hookswitch.bench;

import io.hookswitch.engine.core.TranscodeFixture;
import io.hookswitch.engine.message.Codec;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One packet of 20 ms decoded and encoded again, in its own bytes; Opus by the library that is here. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TranscodeBenchmark {
    /** What comes in and what goes out. */
    public enum Way {
        /** G.711 to G.722. */
        PCMU_G722(Codec.PCMU, Codec.G722),
        /** G.722 to G.711. */
        G722_PCMU(Codec.G722, Codec.PCMU),
        /** G.711 to Opus. */
        PCMU_OPUS(Codec.PCMU, Codec.OPUS),
        /** Opus to G.711. */
        OPUS_PCMU(Codec.OPUS, Codec.PCMU);

        private final int from;
        private final int to;

        Way(int from, int to) {
            this.from = from;
            this.to = to;
        }
    }

    /** From which codec to which. */
    @Param
    public Way way;

    private TranscodeFixture direction;

    /** Begins the direction. */
    @Setup
    public void begin() {
        direction = new TranscodeFixture(way.from, way.to);
    }

    /** The next packet of the one far end. */
    @Benchmark
    public int transcodeOnePacket() {
        return direction.next();
    }
}
