package io.hookswitch.bench;

import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One command through a ring, both ends on one thread: encode, publish, poll, read. Gate: 0 bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RingHopBenchmark {
    private final SlotRing ring = new SlotRing("bench", 1024, 4096);
    private final SlotRing.Reader reader = this::onMessage;
    private long seen;

    /** One JOIN. */
    @Benchmark
    public long hop() {
        ring.tryClaim(CoreCommand.JOIN).leg(1).otherLeg(2).call(seen);
        ring.publish();
        ring.poll(reader, 1);
        return seen;
    }

    private void onMessage(MessageFlyweight message) {
        seen += message.otherLeg();
    }
}
