package io.hookswitch.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Garbage as the control side makes it, at a steady rate: documents of calls as maps, their text, its bytes. Most die
 * at once, the
 * latest calls stay alive for a while, so that the collector has both young and old to look at.
 */
final class ControlLoad implements Runnable {
    private static final int LIVE_CALLS = 8192;
    private static final int FIELDS = 16;
    private static final long TICK_NS = 10_000_000;
    private static final long TICKS_PER_SECOND = 1_000_000_000 / TICK_NS;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ArrayDeque<Map<String, Object>> calls = new ArrayDeque<>(LIVE_CALLS);
    private final long bytesPerTick;
    private long number;
    private long hash;

    private ControlLoad(int megabytesPerSecond) {
        bytesPerTick = megabytesPerSecond * 1_000_000L / TICKS_PER_SECOND;
    }

    /** Starts a thread that allocates so much for as long as the process lives. */
    static void start(int megabytesPerSecond) {
        Thread thread = new Thread(new ControlLoad(megabytesPerSecond), "control-load");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        long due = System.nanoTime();
        long budget = threads.getCurrentThreadAllocatedBytes();
        while (!Thread.currentThread().isInterrupted()) {
            budget += bytesPerTick;
            while (threads.getCurrentThreadAllocatedBytes() < budget) {
                call();
            }
            due += TICK_NS;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void call() {
        number++;
        Map<String, Object> call = new LinkedHashMap<>();
        for (int i = 0; i < FIELDS; i++) {
            call.put("field" + i, "call " + number + " leg " + i);
        }
        byte[] body = call.toString().getBytes(StandardCharsets.UTF_8);
        hash = 31 * hash + body.length;
        call.put("hash", hash);
        if (calls.size() == LIVE_CALLS) {
            calls.removeFirst();
        }
        calls.addLast(call);
    }
}
