package io.hookswitch.server.node;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.ErrorHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts every unexpected exception and logs each kind once, with its stack: errors that come a thousand times a second
 * cannot
 * flood the log. Any thread. An {@link Error} that is not an assertion ends the process.
 */
final class DistinctErrors implements ErrorHandler {
    private static final Logger LOG = LoggerFactory.getLogger(DistinctErrors.class);
    private static final int KINDS_MAX = 256;

    private final Map<String, AtomicLong> kinds = new ConcurrentHashMap<>();
    private final AtomicLong total = new AtomicLong();

    @Override
    public void onError(Throwable error) {
        total.incrementAndGet();
        AtomicLong seen = kinds.size() < KINDS_MAX
                ? kinds.computeIfAbsent(kind(error), _ -> new AtomicLong())
                : kinds.get(kind(error));
        if (seen == null || seen.incrementAndGet() == 1) {
            LOG.error("unexpected, counted from now on", error);
        }
        if (error instanceof VirtualMachineError) {
            // Out of memory or worse: nothing that was promised holds any more, a supervisor starts us anew.
            Runtime.getRuntime().halt(70);
        }
    }

    /** An exception is the same as another one of its class that was thrown at the same place. */
    private static String kind(Throwable error) {
        StackTraceElement[] stack = error.getStackTrace();
        return error.getClass().getName() + (stack.length == 0 ? "" : " at " + stack[0]);
    }

    /** @return unexpected exceptions since the start. */
    long total() {
        return total.get();
    }

    /** @return how often each kind was seen. */
    Map<String, Long> seen() {
        Map<String, Long> copy = new ConcurrentHashMap<>();
        kinds.forEach((kind, count) -> copy.put(kind, count.get()));
        return copy;
    }
}
