package io.hookswitch.bench;

import io.hookswitch.rtp.DtmfToneGenerator;
import io.hookswitch.rtp.InbandDtmfDetector;
import io.hookswitch.rtp.ToneGenerator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One packet of 20 ms heard for keys: what a leg without telephone events costs more. Gate: 0 bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InbandDtmfBenchmark {
    private static final int LEGS = 1000;
    private static final int SAMPLES = 160;

    /** What is heard: nothing, a voice's place taken by a tone, a key that is held. */
    @Param({"silence", "tone", "key"})
    public String sound;

    private final UnsafeBuffer records = new UnsafeBuffer(
            ByteBuffer.allocateDirect(LEGS * InbandDtmfDetector.RECORD_LENGTH).order(ByteOrder.nativeOrder()));
    private final UnsafeBuffer audio =
            new UnsafeBuffer(ByteBuffer.allocateDirect(SAMPLES).order(ByteOrder.nativeOrder()));
    private final InbandDtmfDetector detector = new InbandDtmfDetector();
    private int leg;

    /** Makes one packet. */
    @Setup
    public void sound() {
        switch (sound) {
            case "silence" -> audio.setMemory(0, SAMPLES, (byte) 0xD5);
            case "tone" -> new ToneGenerator(440, 0.3, true).fill(audio, 0, SAMPLES);
            default -> new DtmfToneGenerator(-9, -7).fill(audio, 0, SAMPLES, '5', 400, DtmfToneGenerator.UNKNOWN, true);
        }
    }

    /** Another leg each time. */
    @Benchmark
    public int hear() {
        leg = leg + 1 == LEGS ? 0 : leg + 1;
        return detector.wrap(records, leg * InbandDtmfDetector.RECORD_LENGTH).onAudio(audio, 0, SAMPLES, true);
    }
}
