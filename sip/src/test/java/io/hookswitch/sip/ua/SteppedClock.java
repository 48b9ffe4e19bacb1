package io.hookswitch.sip.ua;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/** Time as the test says. */
final class SteppedClock implements NanoClock {
    private long nowNs = 1_000_000_000L;

    @Override
    public long nanoTime() {
        return nowNs;
    }

    void stepMs(long ms) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
