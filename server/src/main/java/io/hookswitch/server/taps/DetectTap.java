package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.AnswerSign;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.rtp.GreetingDetector;
import java.util.Map;
import java.util.function.Consumer;

/** Hears whether a person or a machine has answered; nobody outside is connected to. Thread {@code taps}. */
final class DetectTap implements Hearer {
    private static final long FRAME_NS = Tap.FRAME_MS * 1_000_000L;
    private static final int PER_FRAME = GreetingDetector.RATE / 1_000 * Tap.FRAME_MS;
    /** Frames that are made up for at once when the thread was held up; what is older is left out. */
    private static final int MOST_DUE = 50;
    /** Packets of which none is understood that say that none will be. */
    private static final int MOST_STRANGE = 100;

    private final long number;
    private final GreetingDetector detector;
    private final TapCounters counters;
    private final Consumer<ControlEvent> heard;
    private final Ear ear = new Ear(GreetingDetector.RATE);
    private final short[] frame = new short[PER_FRAME];
    private long beganNs;
    private long frames;
    private boolean isOver;

    DetectTap(long number, TapSpec.AnswerDetector spec, TapCounters counters, Consumer<ControlEvent> heard) {
        this.number = number;
        this.counters = counters;
        this.heard = heard;
        detector = new GreetingDetector(spec.thresholdWords(), spec.greetingSilenceMs());
    }

    @Override
    public void hear(TapFlyweight record) {
        ear.hear(record);
    }

    @Override
    public void tick(long nowNs) {
        if (isOver) {
            return;
        }
        if (!ear.understands()) {
            if (ear.lost() >= MOST_STRANGE) {
                fail("the far end's codec is not understood");
            }
            return;
        }
        if (beganNs == 0) {
            beganNs = nowNs;
        }
        long due = (nowNs - beganNs) / FRAME_NS - frames;
        if (due > MOST_DUE) {
            counters.framesDropped.add(due - MOST_DUE);
            frames += due - MOST_DUE;
            due = MOST_DUE;
        }
        for (; due > 0 && !isOver; due--) {
            frames++;
            ear.read(frame, PER_FRAME);
            onFound(detector.hear(frame, PER_FRAME));
        }
    }

    private void onFound(int found) {
        if (found == 0) {
            return;
        }
        onFound(found, GreetingDetector.SPEAKS, AnswerSign.SPEECH);
        onFound(found, GreetingDetector.PERSON, AnswerSign.PERSON);
        onFound(found, GreetingDetector.MACHINE, AnswerSign.MACHINE);
        onFound(found, GreetingDetector.STOPPED, AnswerSign.STOPPED_SPEAKING);
        onFound(found, GreetingDetector.BEEP, AnswerSign.BEEP);
    }

    private void onFound(int found, int bit, AnswerSign sign) {
        if ((found & bit) != 0) {
            heard.accept(new ControlEvent.AnswerHeard(number, sign, detector.words()));
        }
    }

    private void end(TapEnd why, String detail) {
        if (!isOver) {
            isOver = true;
            heard.accept(new ControlEvent.TapEnded(number, why, detail));
        }
    }

    @Override
    public void stop() {
        end(TapEnd.DONE, "");
    }

    @Override
    public void fail(String detail) {
        if (!isOver) {
            counters.failed.increment();
        }
        end(TapEnd.FAILED, detail);
    }

    @Override
    public void shutDown() {
        end(TapEnd.DONE, "shutting down");
    }

    /** It hears no messages. */
    @Override
    public void tell(Map<String, Object> message) {}

    /** It always hears what is said. */
    @Override
    public void steer(TapMode to) {}
}
