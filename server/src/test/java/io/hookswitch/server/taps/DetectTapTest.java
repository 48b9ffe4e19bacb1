package io.hookswitch.server.taps;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.AnswerHeard;
import io.hookswitch.control.ControlEvent.AnswerSign;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.control.ControlEvent.TapEnded;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.rtp.G711;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Packets of a far end that has answered, on the test's own clock, and what control hears of them. */
class DetectTapTest {
    private static final int SAMPLES = 160;
    private static final long FRAME_NS = 20_000_000L;

    private final UnsafeBuffer memory = new UnsafeBuffer(new byte[400]);
    private final TapFlyweight view = new TapFlyweight();
    private final List<ControlEvent> heard = new ArrayList<>();
    private final TapCounters counters = new TapCounters();
    private final DetectTap tap = new DetectTap(5, new TapSpec.AnswerDetector(9, 2_000), counters, heard::add);
    private long nowNs = 1;
    private int timestamp;

    private void packets(int count, int codec, double hz) {
        for (int i = 0; i < count; i++) {
            TapFlyweight.source(memory, 0, 7, 0);
            TapFlyweight.codec(memory, 0, codec, 8_000);
            TapFlyweight.place(memory, 0, 1, 0, timestamp);
            for (int k = 0; k < SAMPLES; k++) {
                double sample = 6_000 * Math.sin(2 * Math.PI * hz * (timestamp + k) / 8_000);
                memory.putByte(TapFlyweight.HEAD_LENGTH + k, G711.encodeMuLaw((int) sample));
            }
            timestamp += SAMPLES;
            tap.hear(view.wrap(memory, 0, TapFlyweight.HEAD_LENGTH + SAMPLES));
            nowNs += FRAME_NS;
            tap.tick(nowNs);
        }
    }

    @Test
    void shouldTellOfABeepOnceAndOfItsEndWhenStopped() {
        nowNs += 3_000_000_000L;
        tap.tick(nowNs);
        packets(50, Codec.PCMU, 1_000);
        assertThat(heard).containsExactly(new AnswerHeard(5, AnswerSign.BEEP, 0));
        tap.stop();
        tap.stop();
        packets(50, Codec.PCMU, 700);
        assertThat(heard).hasSize(2).endsWith(new TapEnded(5, TapEnd.DONE, ""));
    }

    @Test
    void shouldFailOnceWhenNoPacketOfTheCodecIsUnderstood() {
        packets(99, Codec.UNKNOWN, 1_000);
        assertThat(heard).isEmpty();
        packets(30, Codec.UNKNOWN, 1_000);
        assertThat(heard).containsExactly(new TapEnded(5, TapEnd.FAILED, "the far end's codec is not understood"));
        assertThat(counters.failed.sum()).isEqualTo(1);
    }

    @Test
    void shouldLeaveOutWhatIsTooOldWhenTheThreadWasHeldUp() {
        packets(2, Codec.PCMU, 1_000);
        nowNs += 100 * FRAME_NS;
        tap.tick(nowNs);
        assertThat(counters.framesDropped.sum()).isEqualTo(50);
    }
}
