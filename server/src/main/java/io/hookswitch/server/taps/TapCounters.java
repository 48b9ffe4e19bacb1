package io.hookswitch.server.taps;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What taps have and have done; counted by the thread {@code taps}, read by any. */
public final class TapCounters {
    final LongAdder open = new LongAdder();
    final LongAdder started = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder framesSent = new LongAdder();
    final LongAdder framesDropped = new LongAdder();
    final LongAdder bytesIgnored = new LongAdder();
    final LongAdder stalled = new LongAdder();
    final LongAdder flooded = new LongAdder();
    final LongAdder messagesDropped = new LongAdder();
    final LongAdder transcripts = new LongAdder();

    TapCounters() {}

    /** @return every counter by its name; names that end in {@code _total} only grow. */
    public Map<String, Long> snapshot() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("taps", open.sum());
        values.put("taps_started_total", started.sum());
        values.put("taps_failed_total", failed.sum());
        values.put("tap_frames_sent_total", framesSent.sum());
        values.put("tap_frames_dropped_total", framesDropped.sum());
        values.put("tap_bytes_ignored_total", bytesIgnored.sum());
        values.put("taps_stalled_total", stalled.sum());
        values.put("taps_flooded_total", flooded.sum());
        values.put("tap_messages_dropped_total", messagesDropped.sum());
        values.put("transcripts_total", transcripts.sum());
        return values;
    }
}
