package io.hookswitch.bench;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.ThreadMXBean;
import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreCounters;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What a relay host tells about its core since it was ready, and about the latency since it was asked last. */
final class RelayFigures {
    private static final double MEGA = 1e6;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final CoreAgent core;
    private final Thread thread;
    private final long bytesBefore;
    private final long packetsBefore;

    RelayFigures(CoreAgent core, Thread thread) {
        this.core = core;
        this.thread = thread;
        bytesBefore = threads.getThreadAllocatedBytes(thread.threadId());
        packetsBefore = core.counters().value(CoreCounters.RTP_FORWARDED);
    }

    /** @return one JSON object; times in us, sizes in bytes or, named so, in MB. */
    String json() {
        long allocated = threads.getThreadAllocatedBytes(thread.threadId()) - bytesBefore;
        long forwarded = core.counters().value(CoreCounters.RTP_FORWARDED) - packetsBefore;
        Histogram latency = core.latency().takeInterval();
        StringBuilder out = new StringBuilder("{");
        add(out, "forwarded", forwarded);
        add(out, "allocated_bytes", allocated);
        add(out, "bytes_per_packet", (double) allocated / Math.max(1, forwarded));
        add(out, "added_p50_us", latency.getValueAtPercentile(50) / 1e3);
        add(out, "added_p99_us", latency.getValueAtPercentile(99) / 1e3);
        add(out, "added_p999_us", latency.getValueAtPercentile(99.9) / 1e3);
        add(out, "added_max_us", latency.getMaxValue() / 1e3);
        addMemory(out);
        out.setCharAt(out.length() - 1, '}');
        return out.toString();
    }

    private static void addMemory(StringBuilder out) {
        long collections = 0;
        long lastEnd = -1;
        long live = 0;
        for (var bean : ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class)) {
            var last = bean.getLastGcInfo();
            collections += bean.getCollectionCount();
            if (last != null && last.getEndTime() > lastEnd) {
                lastEnd = last.getEndTime();
                live = heapOf(last.getMemoryUsageAfterGc());
            }
        }
        long direct = 0;
        for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            direct += pool.getMemoryUsed();
        }
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        add(out, "heap_used_mb", heap.getUsed() / MEGA);
        add(out, "heap_committed_mb", heap.getCommitted() / MEGA);
        add(out, "heap_after_gc_mb", live / MEGA);
        add(out, "collections", collections);
        add(out, "direct_mb", direct / MEGA);
    }

    private static long heapOf(Map<String, MemoryUsage> pools) {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pools.containsKey(pool.getName()))
                .mapToLong(pool -> pools.get(pool.getName()).getUsed())
                .sum();
    }

    private static void add(StringBuilder out, String name, double value) {
        out.append(String.format(Locale.ROOT, "\"%s\":%.3f,", name, value));
    }

    private static void add(StringBuilder out, String name, long value) {
        out.append(String.format(Locale.ROOT, "\"%s\":%d,", name, value));
    }
}
